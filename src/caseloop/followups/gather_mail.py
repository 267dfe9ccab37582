"""The queries behind `gather` that read mails: what we wrote, what came in, and how far mailboxes have been read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

from django.db import connection

from caseloop.cases.models import Case
from caseloop.database.lookups import Many
from caseloop.domain.facts import (
    Absence,
    Answer,
    Failure,
    Label,
    MailboxState,
    OurMail,
    Reading,
    Source,
    Verdict,
)
from caseloop.domain.lifecycle import MessageState
from caseloop.mail.models import MailDoubt, Message
from caseloop.mail.models.message import InboundKind

MAILS_AT_MOST = 40
HANDED_OVER_OR_ABOUT_TO = [
    MessageState.APPROVED.value,
    MessageState.SENDING.value,
    MessageState.SENT.value,
    MessageState.UNCONFIRMED.value,
    MessageState.REFUSED.value,
]


def our_mails(ids: Sequence[int]) -> Iterator[tuple[int, OurMail]]:
    """The last mails of ours on each case, oldest first; drafts, discarded ones and closing notices are none."""
    sql = """
        SELECT m.case_id, m.id, coalesce(m.sent_at, m.approved_at, m.occurred_at) AS at, m.origin, m.state,
               m.bounce, m.restarts_count, m.promises, m.closes_on, m.approved_at
          FROM unnest(%s::bigint[]) AS due(case_id)
         CROSS JOIN LATERAL (
               SELECT * FROM mail_message m
                WHERE m.case_id = due.case_id AND m.direction = 'out' AND m.state = ANY(%s)
                  AND coalesce(m.letter ->> 'purpose', '') NOT IN ('closing_notice', 'acknowledgement', 'internal')
                ORDER BY m.occurred_at DESC LIMIT %s) m
         ORDER BY m.case_id, at, m.id"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(ids), HANDED_OVER_OR_ABOUT_TO, MAILS_AT_MOST])
        for case_id, pk, at, origin, state, bounce, restarts, promises, closes_on, approved_at in cursor.fetchall():
            yield (
                case_id,
                OurMail(
                    message_id=pk,
                    at=at,
                    approved_at=approved_at,
                    is_by_person=origin == "person",
                    state=MessageState(state),
                    failure=Failure(bounce) if bounce else None,
                    restarts_count=restarts,
                    promises=promises,
                    closes_on=closes_on,
                ),
            )


def inbound(ids: Sequence[int]) -> Iterator[tuple[int, Answer | Absence]]:
    """Human answers and absence notices, of the case itself or said by a person to answer it too (spec 3.14)."""
    sql = """
        SELECT due.case_id, m.id, m.occurred_at, m.kind, m.automatic_kind, m.resume_on, m.is_trusted,
               m.opened_at IS NOT NULL, r.label, r.resume_on, r.is_only_thanks, r.is_wrong_person, r.verdict,
               r.verdict_at
          FROM unnest(%s::bigint[]) AS due(case_id)
         CROSS JOIN LATERAL (
               SELECT * FROM mail_message m
                WHERE m.case_id = due.case_id AND m.direction = 'in'
                  AND m.kind IN ('human', 'unreadable', 'automatic')
                ORDER BY m.occurred_at DESC LIMIT %s) m
          LEFT JOIN followups_reading r ON r.message_id = m.id
         UNION ALL
        SELECT d.case_id, m.id, m.occurred_at, m.kind, m.automatic_kind, m.resume_on, m.is_trusted,
               m.opened_at IS NOT NULL, r.label, r.resume_on, r.is_only_thanks, r.is_wrong_person, r.verdict,
               r.verdict_at
          FROM mail_maildoubt d
          JOIN mail_message m ON m.id = d.message_id AND m.case_id IS DISTINCT FROM d.case_id
          LEFT JOIN followups_reading r ON r.message_id = m.id
         WHERE d.case_id = ANY(%s) AND d.answer = 'yes'
         ORDER BY 1, 3"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(ids), MAILS_AT_MOST, list(ids)])
        for case_id, *row in cursor.fetchall():
            found = _inbound(*row)
            if found is not None:
                yield case_id, found


def _inbound(
    pk: int,
    at: datetime,
    kind: str,
    automatic_kind: str,
    mail_resume_on: date | None,
    is_trusted: bool,
    is_opened: bool,
    label: str | None,
    resume_on: date | None,
    is_only_thanks: bool | None,
    is_wrong_person: bool | None,
    verdict: str | None,
    verdict_at: datetime | None,
) -> Answer | Absence | None:
    day = resume_on or mail_resume_on
    if kind == InboundKind.AUTOMATIC:
        if automatic_kind not in ("away", "gone"):
            return None
        return Absence(at=at, resume_on=day, is_gone=automatic_kind == "gone")
    if label == Label.AUTOMATIC:
        return Absence(at=at, resume_on=day)
    reading = (
        Reading(
            label=Label(label),
            resume_on=resume_on,
            is_only_thanks=bool(is_only_thanks),
            is_wrong_person=bool(is_wrong_person),
            verdict=Verdict(verdict) if verdict else None,
            verdict_at=verdict_at,
        )
        if label
        else None
    )
    return Answer(at=at, source=Source.MAIL, message_id=pk, reading=reading, is_trusted=is_trusted, is_opened=is_opened)


def doubts(ids: Sequence[int]) -> Iterable[tuple[int, int]]:
    return MailDoubt.objects.filter(case_id__any_of=Many(ids), answer="").values_list("case_id", "message_id")


def mailboxes(ids: Sequence[int]) -> Iterator[tuple[int, MailboxState]]:
    """Every mailbox that sent into or received from the thread, and whether it holds anything unprocessed."""
    sql = """
        WITH used AS (
             SELECT DISTINCT m.case_id, m.mailbox_id FROM mail_message m WHERE m.case_id = ANY(%s)),
        states AS (
             SELECT b.id, b.address, b.read_through_at, b.last_arrival_at, b.is_on,
                    EXISTS (SELECT 1 FROM mail_inboundmail i
                             WHERE i.mailbox_id = b.id AND i.state = 'stored') AS waiting
               FROM mail_mailbox b WHERE b.id IN (SELECT mailbox_id FROM used))
        SELECT used.case_id, states.* FROM used JOIN states ON states.id = used.mailbox_id ORDER BY 1, 2"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(ids)])
        for case_id, pk, address, read_through_at, last_arrival_at, is_on, waiting in cursor.fetchall():
            yield (
                case_id,
                MailboxState(
                    mailbox_id=pk,
                    address=address,
                    read_through_at=read_through_at,
                    last_arrival_at=last_arrival_at,
                    is_on=is_on,
                    has_unprocessed=waiting,
                ),
            )


def cases_with_drafts(ids: Sequence[int]) -> set[int]:
    """Cases on which a person has an unsent mail of their own."""
    unsent = [MessageState.DRAFT.value, MessageState.APPROVED.value, MessageState.SENDING.value]
    rows = Message.objects.filter(case_id__any_of=Many(ids), direction="out", state__in=unsent, origin="person")
    return set(rows.values_list("case_id", flat=True))


def leaves_next_move_with_customer(case: Case, mails: Sequence[OurMail]) -> bool | None:
    """For the context trigger: the maintained column knows whose move it is; None before any mail of ours."""
    return case.next_move == "customer" if mails else None
