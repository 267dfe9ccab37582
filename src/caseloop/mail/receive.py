"""How does mail get from the server into the database without a gap, a double, or a guess? (design 1: Receiving)

The time is taken first, then every watched folder is asked for what is new. Raw bytes are stored in a transaction of
their own together with the folder's mark; only when all folders have answered is it written down that the mailbox has
been read through *to that time*. A folder that failed or is gone proves nothing, and says so in `reading_error`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from django.db import connection, transaction

from caseloop.domain.lifecycle import InboundState
from caseloop.mail import lease as leases
from caseloop.mail.folders import watched_folders
from caseloop.mail.imap import FetchedMail, FolderMark, FolderRead, MailboxFolder, MailboxUnreachable
from caseloop.mail.lease import Lease
from caseloop.mail.models import InboundMail, Mailbox, MailFolder

ROUNDS_AT_MOST = 200
BEFORE_THE_START = timedelta(days=1)
CUT = "The mail is too large; only its beginning was taken."
WITHHELD = "The mail server lists this mail but does not hand it out. Look for it with a mail program."


class Reader(Protocol):
    """What reads a mailbox: `ImapReader`, or another kind of provider."""

    def folders(self) -> list[MailboxFolder]: ...
    def read_new(self, folder: str, uidvalidity: int, last_uid: int) -> FolderRead: ...
    def highest_uid(self, folder: str) -> FolderMark: ...


class LeaseLost(Exception):
    """Another reader has this mailbox now."""


@dataclass(slots=True)
class ReadReport:
    """What a reading brought: new mails, and why it proves nothing where it doesn't."""

    stored: int = 0
    problem: str = ""
    is_through: bool = False


def read_mailbox(lease: Lease, reader: Reader, clock: Callable[[], datetime]) -> ReadReport:
    """Store everything new in the watched folders and write down how far the mailbox has been read.

    Raises `LeaseLost` when another reader has taken over; what was stored until then stays, and harms nobody.
    """
    report, asked_at = ReadReport(), clock()
    mailbox = Mailbox.objects.get(pk=lease.mailbox_id)
    problems: list[str] = []
    try:
        folders, missing = watched_folders(mailbox, reader, asked_at)
        problems += missing
        for folder in folders:
            report.stored += _read_folder(lease, reader, folder, clock, problems)
    except MailboxUnreachable as error:
        problems.append(error.reason)
    report.problem = " ".join(problems)
    report.is_through = not problems
    is_ours = leases.note_problem(lease, report.problem) if problems else leases.note_read_through(lease, asked_at)
    if not is_ours:
        raise LeaseLost
    return report


def _read_folder(
    lease: Lease, reader: Reader, folder: MailFolder, clock: Callable[[], datetime], problems: list[str]
) -> int:
    """Ask until the folder holds nothing new; returns how many mails were new to us."""
    stored = 0
    for _ in range(ROUNDS_AT_MOST):
        answer = reader.read_new(folder.name, folder.uidvalidity, folder.last_uid)
        if answer.restarted:
            folder.renumbered_to = reader.highest_uid(folder.name).uid
        stored += _store(lease, folder, answer, clock())
        if answer.complete:
            return stored
    problems.append(f"The folder {folder.name!r} holds more new mail than could be read at once.")
    return stored


@transaction.atomic
def _store(lease: Lease, folder: MailFolder, answer: FolderRead, fetched_at: datetime) -> int:
    """The mails of one answer and the folder's new mark, in one commit."""
    new = [mail for mail in answer.mails if not _is_history(mail, folder)]
    stored = _insert(folder, answer.uidvalidity, new, fetched_at)
    _insert_withheld(folder, answer, fetched_at)
    folder.uidvalidity, folder.last_uid = answer.uidvalidity, answer.read_through_uid
    if not leases.note_folder(lease, folder.pk, folder.uidvalidity, folder.last_uid, folder.renumbered_to):
        raise LeaseLost
    return stored


def _is_history(mail: FetchedMail, folder: MailFolder) -> bool:
    """Whether it lay there before the mailbox was connected: it comes up again when a server numbers a folder anew."""
    return (
        mail.uid <= folder.renumbered_to
        and folder.started_at is not None
        and mail.internal_date is not None
        and mail.internal_date < folder.started_at - BEFORE_THE_START
    )


def _insert(folder: MailFolder, uidvalidity: int, mails: Sequence[FetchedMail], fetched_at: datetime) -> int:
    """Store bytes that this mailbox hasn't given us before; the same mail under another number is the same mail."""
    if not mails:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO mail_inboundmail (mailbox_id, folder, uidvalidity, uid, raw, digest, fetched_at, state,
                                          attempts, problem)
            SELECT %s, %s, %s, m.uid, m.raw, m.digest, %s, 'stored', 0, m.problem
              FROM unnest(%s::bigint[], %s::bytea[], %s::text[], %s::text[]) AS m(uid, raw, digest, problem)
             WHERE NOT EXISTS (SELECT 1 FROM mail_inboundmail i WHERE i.digest = m.digest AND i.mailbox_id = %s)
             ORDER BY m.uid
                ON CONFLICT (mailbox_id, folder, uidvalidity, uid) DO NOTHING""",
            [
                folder.mailbox_id,
                folder.name,
                uidvalidity,
                fetched_at,
                [mail.uid for mail in mails],
                [mail.raw for mail in mails],
                [hashlib.sha256(mail.raw).hexdigest() for mail in mails],
                ["" if mail.is_whole else CUT for mail in mails],
                folder.mailbox_id,
            ],
        )
        return int(cursor.rowcount)


def _insert_withheld(folder: MailFolder, answer: FolderRead, fetched_at: datetime) -> None:
    """A mail that the server lists but keeps to itself is shown to a person, and doesn't stop the others."""
    InboundMail.objects.bulk_create(
        [
            InboundMail(
                mailbox_id=folder.mailbox_id,
                folder=folder.name,
                uidvalidity=answer.uidvalidity,
                uid=uid,
                raw=b"",
                digest=hashlib.sha256(f"{folder.pk}/{answer.uidvalidity}/{uid}".encode()).hexdigest(),
                fetched_at=fetched_at,
                state=InboundState.UNREADABLE.value,
                problem=WITHHELD,
            )
            for uid in answer.unreadable_uids
        ],
        ignore_conflicts=True,
    )
