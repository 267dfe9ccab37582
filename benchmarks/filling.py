"""How does a database get many realistic cases within seconds?

Rows are made by PostgreSQL itself, without indexes and foreign keys, which come back (and check all rows) afterwards.
Every case has a contact with an address, the mail that it began with, a mail of ours since, its lines in the timeline
and its history, a running series, and a date of its next review. Cases that are due lie evenly among those that wait.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.core.management import call_command
from django.db import connection

from benchmarks.processes import Line
from benchmarks.rows import CASES, MAIL, PLAN
from caseloop.accounts.models import Role, User
from caseloop.administration import clock
from caseloop.administration.models import BusinessCalendar, GlobalSettings, SendingTimes
from caseloop.cases.models import CustomField, Queue, StatusReason
from caseloop.domain.calendar import Hours
from caseloop.followups import rules
from caseloop.followups.models import GuardDay, Rule, RuleRamp
from caseloop.followups.policies import policy_of
from caseloop.letters.models import EmailTemplate, EmailTemplateText
from caseloop.letters.starters import starter_templates
from caseloop.mail.models import Mailbox

ESTABLISHED = timedelta(days=60)
"""So long the rule has been active: its ramp is over."""
TABLES = [
    "cases_organization",
    "cases_contact",
    "cases_contactaddress",
    "cases_case",
    "cases_casehistoryevent",
    "cases_casereview",
    "cases_activity",
    "mail_message",
    "mail_participant",
    "followups_reading",
    "followups_enrolment",
    "followups_suggestedaction",
    "followups_contactslot",
]


def migrate(line: Line) -> None:
    """Make the tables of an empty database."""
    line.wait()
    call_command("migrate", verbosity=0)


def fill(
    line: Line,
    *,
    cases: int,
    due: int = 0,
    due_for: str = "follow_up",
    active_percent: int = 100,
    with_mail: bool = True,
) -> None:
    """Fill a migrated database with cases, `due` of them for a `follow_up` or a `closing`.

    Those that are not active are resolved, and in no series. Without mail the cases alone are there, for what asks
    nothing else.
    """
    line.wait()
    now = clock.now()
    _office(now)
    rule = _rules(now)
    values: dict[str, Any] = {
        "n": cases,
        "due": due,
        "active": active_percent,
        "closes": due_for == "closing",
        "step": cases // due if due else cases + 1,
        "now": now,
        "rule": rule.pk,
        "policy": json.dumps(policy_of(rule).to_json()),
        "mailbox": Mailbox.objects.get().pk,
        "agent": User.objects.application_user().pk,
        "on_hold": StatusReason.objects.get(key="on_hold").pk,
        "solved": StatusReason.objects.get(key="problem_solved").pk,
        "queues": list(Queue.objects.values_list("pk", flat=True)),
        "owners": list(User.objects.filter(is_application_user=False).values_list("pk", flat=True)),
        "letter": json.dumps({"template_id": rule.templates[1], "version": 1, "purpose": "first", "why": "the rule"}),
    }
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off; SET maintenance_work_mem = '256MB'")
        cursor.execute("ALTER TABLE cases_case DISABLE TRIGGER USER")
        with _without_indexes(cursor):
            cursor.execute(PLAN, values)
            for statement in [*CASES, *(MAIL if with_mail else [])]:
                cursor.execute(statement, values)
            cursor.execute("DROP TABLE plan")
        cursor.execute("ALTER TABLE cases_case ENABLE TRIGGER USER")
        _go_on_numbering(cursor)
        cursor.execute("VACUUM ANALYZE")


def _office(now: datetime) -> None:
    """Support works round the clock, so that a benchmark runs at any hour; ten representatives, two queues."""
    always = Hours.always().to_json()
    BusinessCalendar.objects.update(hours=always)
    SendingTimes.objects.update(hours=always)
    GlobalSettings.current()
    GlobalSettings.objects.update(is_on=True, is_live=True, needs_second_yes=False, sender_name="Contoso Support")
    for number in range(10):
        User.objects.create_user(f"representative{number}", display_name=f"Sofia Marín {number}")
    CustomField.objects.create(key="score", label="Score", type="number")
    CustomField.objects.create(key="model", label="Model", type="text")
    Queue.objects.get_or_create(name="Support")
    Queue.objects.get_or_create(name="Key accounts")
    Mailbox.objects.create(
        name="Support",
        address="support@contoso.example",
        sender_name="Contoso Support",
        is_default=True,
        smtp_host="127.0.0.1",
        smtp_security="none",
        imap_host="127.0.0.1",
        imap_security="none",
        allows_plus_addresses=True,
        per_minute=10_000_000,
        per_day=10_000_000,
        connected_at=now,
        read_through_at=now,
        last_arrival_at=now,
    )


def _rules(now: datetime) -> Rule:
    """Three active rules; the last takes all cases here: two months old, and today with a manager's yes."""
    manager = User.objects.create_user("mira", display_name="Mira Brandt", role=Role.MANAGER)
    templates = {}
    for shipped in starter_templates():
        template = EmailTemplate.objects.create(name=shipped.name, purpose=shipped.purpose)
        templates[shipped.purpose] = template.pk
        for text in shipped.texts:
            EmailTemplateText.objects.create(
                template=template, language=text.language, subject=text.subject, body=text.body
            )
    urgent = [_leaf("priority", "equals", "high"), _leaf("title", "contains", "recall")]
    rule = None
    for name, level, conditions in (
        ("Recalls", "confirm", {"all": urgent}),
        ("Old wholesale cases", "confirm", {"all": [*urgent, _leaf("age_days", "greater than", 30)]}),
        ("Machines", "full", {"all": [_leaf("title", "contains", "machine"), _leaf("age_days", "greater than", 1)]}),
    ):
        plain = {
            "name": name,
            "level": level,
            "trigger_status_reason": StatusReason.objects.get(key="on_hold"),
            "follow_ups": 3,
            "templates": [None, templates["first"], templates["last"]],
            "sends_closing_notice": False,
        }
        fields = rules.RuleFields(waits=["48 hours"] * 3, conditions=conditions, plain=plain)
        saved = rules.save_rule(fields, actor=manager, now=now - ESTABLISHED)
        rule = rules.activate(saved.pk, actor=manager, now=now - ESTABLISHED)
    assert rule is not None
    RuleRamp.objects.update(last_seen_at=now)
    for day in (now.date(), (now + timedelta(days=1)).date()):
        GuardDay.objects.create(rule=rule, day=day, reason="a busy day", allowed_by=manager, allowed_at=now)
    return rule


def _leaf(field: str, operator: str, value: object) -> dict[str, object]:
    return {"field": field, "operator": operator, "value": value}


@contextmanager
def _without_indexes(cursor: Any) -> Iterator[None]:
    """Foreign keys, unique constraints and indexes of these tables are away meanwhile; primary keys stay."""
    cursor.execute(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = ANY(%s::regclass[]) AND contype IN ('f', 'u') ORDER BY contype DESC",
        [TABLES],
    )
    constraints = cursor.fetchall()
    for table, name, _ in constraints:
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    cursor.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
        " WHERE indrelid = ANY(%s::regclass[]) AND NOT indisprimary",
        [TABLES],
    )
    indexes = cursor.fetchall()
    for name, _ in indexes:
        cursor.execute(f"DROP INDEX {name}")
    yield
    for _, definition in indexes:
        cursor.execute(definition)
    for table, name, definition in constraints:
        cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')


def _go_on_numbering(cursor: Any) -> None:
    cursor.execute(
        "SELECT attrelid::regclass::text, attname FROM pg_attribute"
        " WHERE attrelid = ANY(%s::regclass[]) AND attidentity <> ''",
        [TABLES],
    )
    for table, column in cursor.fetchall():
        cursor.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', '{column}'), (SELECT max({column}) FROM {table}))"
            f" WHERE EXISTS (SELECT 1 FROM {table})"
        )
    cursor.execute("SELECT setval('case_number', (SELECT max(id) FROM cases_case))")
