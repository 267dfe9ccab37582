"""Is everything set up to run? Each answer is a sentence, and says what to do where it isn't (spec 9.4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.core import checks
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor

from caseloop.accounts.models import Role, User
from caseloop.administration.models import GlobalSettings
from caseloop.followups.models import Rule
from caseloop.mail.models import Mailbox

OLDEST_POSTGRESQL = 15


@dataclass(frozen=True, slots=True)
class Finding:
    """One answer. A problem keeps Caseloop from running well; anything else is only said."""

    is_problem: bool
    sentence: str


def report() -> int:
    """Print every finding; 1 when one is a problem."""
    findings = list(all_findings())
    for finding in findings:
        print(("PROBLEM  " if finding.is_problem else "ok       ") + finding.sentence)
    return int(any(finding.is_problem for finding in findings))


def all_findings() -> Iterator[Finding]:
    """Settings, then the database, then what it holds; stops where the next question makes no sense."""
    yield from _settings()
    try:
        yield from _database()
    except Error as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        yield Finding(True, f"The database cannot be reached: {lines[0]}. Check DATABASE_URL, and that it runs.")
        return
    if _is_migrated():
        yield Finding(False, "The database is up to date.")
        for question in (_users, _mailboxes, _sending):
            yield from question()
    else:
        yield Finding(True, "The database is not up to date. Run: caseloop migrate")


def _settings() -> Iterator[Finding]:
    wrong = [m for m in checks.run_checks() if m.level >= checks.ERROR]
    for message in wrong:
        yield Finding(True, f"{message.msg} {message.hint or ''}".strip())
    if settings.SECRET_KEY.startswith("insecure-") and not settings.IS_DEMO:
        yield Finding(
            True,
            "CASELOOP_SECRET_KEY is not set, so sessions can be forged. Set it to 50 random characters or more.",
        )
    if not wrong:
        yield Finding(False, "The settings can be read.")


def _database() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version_num')::int, 'Ä' ILIKE 'ä' AND lower('I') = 'i',"
            " pg_encoding_to_char(encoding)"
            " FROM pg_database WHERE datname = current_database()"
        )
        version, folds, encoding = cursor.fetchone() or (0, False, "")
    major = version // 10000
    if major < OLDEST_POSTGRESQL:
        yield Finding(True, f"PostgreSQL {major} is too old; Caseloop needs {OLDEST_POSTGRESQL} or newer.")
    if encoding != "UTF8":
        yield Finding(True, f"The database is encoded in {encoding}. Make one with ENCODING 'UTF8'.")
    if not folds:
        yield Finding(
            True,
            "The database does not know that Ä is a capital ä, so conditions would miss cases. Make it with"
            " LOCALE 'C.UTF-8' (PostgreSQL 17 or newer: LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8').",
        )
    else:
        yield Finding(False, f"PostgreSQL {major} answers.")


def _is_migrated() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _users() -> Iterator[Finding]:
    if not User.objects.filter(role=Role.ADMINISTRATOR, is_active=True).exists():
        yield Finding(True, "Nobody can set Caseloop up. Run: caseloop user NAME --role system_administrator")


def _mailboxes() -> Iterator[Finding]:
    boxes = list(Mailbox.objects.filter(is_on=True))
    if not boxes:
        yield Finding(True, "No mailbox is connected. Set CASELOOP_MAILBOX_… and run: caseloop mail connect")
    for box in boxes:
        for error in filter(None, (box.reading_error, box.sending_error)):
            yield Finding(True, f"{box.address}: {error}")


def _sending() -> Iterator[Finding]:
    yield Finding(False, sending_sentence())


def sending_sentence() -> str:
    """*Sending*, or *Nothing is sent because …* (spec 1.6)."""
    row = GlobalSettings.current()
    reasons: list[tuple[bool, str]] = [
        (row.stopped_at is not None, "all sending is stopped"),
        (not row.is_on, "case follow-up and closure is switched off"),
        (not row.is_live, "nobody has gone live: mail reaches only the safe addresses"),
        (not Rule.objects.filter(state="active").exists(), "no rule is active"),
    ]
    because = [words for holds, words in reasons if holds]
    return f"Nothing is sent because {' and '.join(because)}." if because else "Sending."
