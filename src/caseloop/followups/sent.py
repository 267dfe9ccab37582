"""A mail went out: the suggested action behind it is done (design 1: Sending)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from caseloop.domain.actions import SuggestionKind
from caseloop.mail.last_look import SentMail
from caseloop.mail.models.message import Origin
from caseloop.mail.outgoing import INTERNAL

ANSWERED_BY_OUR_MAIL = (
    SuggestionKind.REPLY_TO_CUSTOMER,
    SuggestionKind.SEND_FOLLOW_UP,
    SuggestionKind.SEND_NEXT_FOLLOW_UP,
    SuggestionKind.RESOLVE_CASE,
)


def on_sent(mails: Sequence[SentMail], now: datetime) -> None:
    """Called in the transaction that finishes a claim, and again by recovery; safe to repeat.

    A mail that a person wrote to the customer also settles what was suggested on its case before that mail was sent
    off; what came up later, an answer that crossed it above all, stays. A fixed number of statements.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE followups_suggestedaction SET state = 'done', done_at = %s"
            " WHERE message_id = ANY(%s) AND state IN ('approved', 'superseded')",
            [now, [mail.pk for mail in mails]],
        )
    by_people = [mail for mail in mails if mail.origin == Origin.PERSON and mail.purpose != INTERNAL]
    _settle_by_people([(mail.case_id, mail.written_at) for mail in by_people], now)


def _settle_by_people(mails: Sequence[tuple[int, datetime]], now: datetime) -> None:
    if not mails:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH written AS (
                 SELECT case_id, max(at) AS at FROM unnest(%(cases)s::bigint[], %(at)s::timestamptz[]) AS w(case_id, at)
                  GROUP BY case_id),
            settled AS (
                 UPDATE followups_suggestedaction a SET state = 'superseded', decided_at = %(now)s
                   FROM written w
                  WHERE a.case_id = w.case_id AND a.created_at <= w.at AND a.state IN ('proposed', 'approved')
                    AND a.kind = ANY(%(kinds)s)
                RETURNING a.message_id)
            UPDATE mail_message m SET state = 'discarded'
              FROM settled WHERE m.id = settled.message_id
               AND (m.state = 'draft' OR m.state = 'approved' AND m.origin <> 'person')""",
            {
                "cases": [case_id for case_id, _ in mails],
                "at": [at for _, at in mails],
                "now": now,
                "kinds": [kind.value for kind in ANSWERED_BY_OUR_MAIL],
            },
        )
