"""What of a due mail is needed to look at it a last time, to hand it over, and to record what came of it?

A plain row with these columns alone: building whole messages costs more than building the bytes that go out.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection

from caseloop.mail.models import Mailbox


class DueMail(NamedTuple):
    """One claimed mail; the fields are those of `Message`. `purpose` is that of its letter, empty for most."""

    pk: int
    case_id: int
    origin: str
    purpose: str
    message_id: str
    in_reply_to: str
    references: list[str]
    to_addresses: list[str]
    cc_addresses: list[str]
    subject: str
    text: str
    html: str
    language: str
    closes_on: date | None
    approved_at: datetime | None
    attempts: int


def is_any_due(mailbox: Mailbox, now: datetime) -> bool:
    """Whether a claim could find a mail of this mailbox; looks at the first one only."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM mail_message WHERE mailbox_id = %s AND state = 'approved'"
            " AND (not_before IS NULL OR not_before <= %s) ORDER BY not_before NULLS LAST, id LIMIT 1",
            [mailbox.pk, now],
        )
        return cursor.fetchone() is not None


def mailboxes_with_due_mail(now: datetime) -> list[int]:
    """The mailboxes, by id, that are on and not left alone, and of which a claim could find a mail."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT b.id FROM mail_mailbox b WHERE b.is_on AND (b.slow_down_until IS NULL OR b.slow_down_until <= %s)"
            " AND EXISTS (SELECT 1 FROM mail_message m WHERE m.mailbox_id = b.id AND m.state = 'approved'"
            " AND (m.not_before IS NULL OR m.not_before <= %s)) ORDER BY b.id",
            [now, now],
        )
        return [pk for (pk,) in cursor.fetchall()]


def lock_due(mailbox: Mailbox, at_most: int, now: datetime, *, only_to: Iterable[str] | None = None) -> list[DueMail]:
    """Lock up to `at_most` due mails together with their cases, oldest first, and leave out what others hold.

    With `only_to`, addresses in lower case, only mails that go to nobody else.
    """
    wanted = None if only_to is None else sorted(only_to)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT m.id, m.case_id, m.origin, coalesce(m.letter ->> 'purpose', ''), m.message_id, m.in_reply_to,
                   m."references", m.to_addresses, m.cc_addresses, m.subject, m.text, m.html, m.language, m.closes_on,
                   m.approved_at, m.attempts
              FROM mail_message m JOIN cases_case c ON c.id = m.case_id
             WHERE m.mailbox_id = %s AND m.state = 'approved' AND (m.not_before IS NULL OR m.not_before <= %s)
               AND (%s::text[] IS NULL OR lower((m.to_addresses || m.cc_addresses)::text)::text[] <@ %s::text[])
             ORDER BY m.not_before NULLS LAST, m.id LIMIT %s
               FOR NO KEY UPDATE OF m, c SKIP LOCKED""",
            [mailbox.pk, now, wanted, wanted, at_most],
        )
        return [DueMail(*row) for row in cursor.fetchall()]
