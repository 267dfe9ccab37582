"""The last mails of a case, kept beside it so that conditions need not search the messages. Nobody else writes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from caseloop.cases.models.activity import ANSWER_KINDS


@dataclass(frozen=True, slots=True)
class OurLastMail:
    """A mail of ours that the server accepted at `at`; `awaits_answer` is false for mails to third parties."""

    case_id: int
    at: datetime
    subject: str
    awaits_answer: bool = True


def mail_came_in(case_id: int, *, kind: str, subject: str, at: datetime, is_answer: bool) -> None:
    """Remember the newest inbound mail; an answer makes the next move ours while the case is active."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE cases_case
               SET last_inbound_at = greatest(last_inbound_at, %(at)s), last_inbound_kind = %(kind)s,
                   last_inbound_subject = %(subject)s,
                   next_move = CASE WHEN %(is_answer)s AND status = 'active' THEN 'us' ELSE next_move END,
                   updated_at = %(at)s
             WHERE id = %(case_id)s""",
            {"case_id": case_id, "kind": kind, "subject": subject[:998], "at": at, "is_answer": is_answer},
        )


def our_mails_went_out(mails: Sequence[OurLastMail]) -> None:
    """Remember our newest mail of each case; the next move is the customer's unless they have answered it already."""
    newest: dict[int, OurLastMail] = {}
    for mail in sorted(mails, key=lambda mail: mail.at):
        awaits = mail.awaits_answer or (mail.case_id in newest and newest[mail.case_id].awaits_answer)
        newest[mail.case_id] = OurLastMail(mail.case_id, mail.at, mail.subject, awaits)
    ordered = [newest[case_id] for case_id in sorted(newest)]
    if not ordered:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE cases_case c
               SET last_outbound_at = greatest(c.last_outbound_at, o.at),
                   last_outbound_subject = o.subject,
                   next_move = CASE WHEN c.status = 'active' AND o.awaits
                    AND NOT EXISTS (SELECT 1 FROM mail_message m WHERE m.case_id = c.id AND m.direction = 'in'
                                       AND m.kind IN ('human', 'unreadable') AND m.occurred_at > o.at)
                    AND NOT EXISTS (SELECT 1 FROM cases_activity a WHERE a.case_id = c.id AND a.direction = 'in'
                                       AND a.kind = ANY(%s) AND a.occurred_at > o.at)
                   THEN 'customer' ELSE c.next_move END,
                   updated_at = greatest(c.updated_at, o.at)
              FROM unnest(%s::bigint[], %s::timestamptz[], %s::text[], %s::boolean[]) AS o(case_id, at, subject, awaits)
             WHERE c.id = o.case_id""",
            [
                [str(kind.value) for kind in ANSWER_KINDS],
                [mail.case_id for mail in ordered],
                [mail.at for mail in ordered],
                [mail.subject[:998] for mail in ordered],
                [mail.awaits_answer for mail in ordered],
            ],
        )


def recount(case_ids: Sequence[int]) -> None:
    """Work the columns of these cases out anew from their mails: one was moved to another case.

    The next move of an active case is the customer's when our last mail to their side is newer than all they said.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE cases_case c
               SET last_inbound_at = came.occurred_at, last_inbound_kind = coalesce(came.kind, ''),
                   last_inbound_subject = coalesce(came.subject, ''),
                   next_move = CASE WHEN c.status <> 'active' THEN c.next_move
                                    WHEN said.at IS NOT NULL AND said.at > coalesce(went.sent_at, '-infinity') THEN 'us'
                                    WHEN went.sent_at IS NOT NULL THEN 'customer' ELSE 'none' END
              FROM unnest(%s::bigint[]) AS moved(case_id)
              LEFT JOIN LATERAL (
                   SELECT m.occurred_at, m.kind, m.subject FROM mail_message m
                    WHERE m.case_id = moved.case_id AND m.direction = 'in'
                    ORDER BY m.occurred_at DESC LIMIT 1) AS came ON true
              LEFT JOIN LATERAL (
                   SELECT m.sent_at FROM mail_message m
                    WHERE m.case_id = moved.case_id AND m.direction = 'out' AND m.state = 'sent'
                      AND coalesce(m.letter ->> 'purpose', '') NOT IN ('closing_notice', 'internal')
                    ORDER BY m.occurred_at DESC LIMIT 1) AS went ON true
              LEFT JOIN LATERAL (
                   SELECT max(at) AS at FROM (
                          SELECT max(m.occurred_at) AS at FROM mail_message m
                           WHERE m.case_id = moved.case_id AND m.direction = 'in'
                             AND m.kind IN ('human', 'unreadable')
                           UNION ALL
                          SELECT max(a.occurred_at) FROM cases_activity a
                           WHERE a.case_id = moved.case_id AND a.direction = 'in' AND a.kind = ANY(%s)) AS each
                   ) AS said ON true
             WHERE c.id = moved.case_id""",
            [sorted(set(case_ids)), [str(kind.value) for kind in ANSWER_KINDS]],
        )


def of_an_import(
    subject: str, last_our_mail_at: datetime | None, last_customer_mail_at: datetime | None
) -> dict[str, object]:
    """The columns of a case that another system knew already."""
    ours_is_newer = last_our_mail_at is not None and (
        last_customer_mail_at is None or last_our_mail_at > last_customer_mail_at
    )
    return {
        "last_outbound_at": last_our_mail_at,
        "last_outbound_subject": subject.lower() if last_our_mail_at else "",
        "last_inbound_at": last_customer_mail_at,
        "last_inbound_subject": subject.lower() if last_customer_mail_at else "",
        "last_inbound_kind": "human" if last_customer_mail_at else "",
        "next_move": "customer" if ours_is_newer else "us" if last_customer_mail_at else "none",
    }
