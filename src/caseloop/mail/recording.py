"""Writing down what came of hand-overs: each mail's state while a claim goes on, all the rest when it ends.

States are committed every few mails, because a mail whose result is lost is in doubt. The line in the timeline, the
case's columns, a status reason and the mark follow for the whole claim at once; `recover` finishes what a crash left.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction

from caseloop.accounts.models import User
from caseloop.cases.activities import record_change
from caseloop.cases.changes import set_status_reason
from caseloop.cases.errors import CaseError
from caseloop.cases.mail_columns import OurLastMail, our_mails_went_out
from caseloop.cases.marking import mark
from caseloop.domain.lifecycle import MessageState
from caseloop.mail import participants
from caseloop.mail.last_look import OnSent, SentMail
from caseloop.mail.models import Message, SendingClaim
from caseloop.mail.models.message import Origin
from caseloop.mail.outgoing import INTERNAL

CLOSING_NOTICE = "closing_notice"


@dataclass(slots=True)
class Result:
    """What is known of one mail after its hand-over, in UTC.

    `doubted_at` is set when it is in doubt: the end of the hand-over. `not_before` is set when it is tried again.
    """

    message_id: int
    state: MessageState
    reply: str = ""
    sent_at: datetime | None = None
    doubted_at: datetime | None = None
    not_before: datetime | None = None
    bounce: str = ""
    refused: dict[str, str] = field(default_factory=dict)
    was_tried: bool = True


def about_to_begin(claim: uuid.UUID, message_ids: Sequence[int]) -> bool:
    """Write down which hand-overs are about to begin; False when the claim is no longer ours, then none may."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE mail_sendingclaim SET begun = %s, alive_at = clock_timestamp() WHERE id = %s",
            [list(message_ids), claim],
        )
        return bool(cursor.rowcount == 1)


def record(claim: uuid.UUID, results: Sequence[Result], beginning: Sequence[int] = ()) -> bool:
    """Write down these results and which mails begin next, in one commit; False when the claim is no longer ours.

    A mail that recovery has called unconfirmed meanwhile becomes what we know now, only never `approved` again. The
    claim's row is taken first, as recovery does: the count of it stands where the planner cannot leave it for later.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH ours AS (
                 UPDATE mail_sendingclaim SET begun = %s, alive_at = clock_timestamp() WHERE id = %s RETURNING id),
            written AS (
                 UPDATE mail_message m
                    SET state = CASE WHEN m.state = 'unconfirmed' AND r.state = 'approved' THEN 'refused'
                                     ELSE r.state END,
                        server_reply = r.reply, sent_at = r.sent_at, occurred_at = coalesce(r.sent_at, m.occurred_at),
                        doubted_at = r.doubted_at, not_before = coalesce(r.not_before, m.not_before),
                        bounce = CASE WHEN r.bounce = '' THEN m.bounce ELSE r.bounce END,
                        bounced_at = CASE WHEN r.bounce = '' THEN m.bounced_at ELSE r.sent_at END,
                        refused_recipients = r.refused, attempts = m.attempts + r.tried,
                        claim = CASE WHEN r.state = 'approved' THEN NULL ELSE m.claim END
                   FROM json_to_recordset(%s::json)
                        AS r(id bigint, state text, reply text, sent_at timestamptz, doubted_at timestamptz,
                             not_before timestamptz, bounce text, refused jsonb, tried smallint)
                  WHERE (SELECT count(*) FROM ours) >= 0
                    AND m.id = r.id AND m.claim = %s AND m.state IN ('sending', 'unconfirmed'))
            SELECT count(*) FROM ours""",
            [
                list(beginning),
                claim,
                json.dumps([_row(result) for result in results]),
                claim,
            ],
        )
        return bool(cursor.fetchone() == (1,))


def _row(result: Result) -> dict[str, object]:
    return {
        "id": result.message_id,
        "state": result.state.value,
        "reply": result.reply.replace("\x00", "")[:500],
        "sent_at": result.sent_at and result.sent_at.isoformat(),
        "doubted_at": result.doubted_at and result.doubted_at.isoformat(),
        "not_before": result.not_before and result.not_before.isoformat(),
        "bounce": result.bounce,
        "refused": result.refused,
        "tried": int(result.was_tried),
    }


@transaction.atomic
def finish(message_ids: Iterable[int], now: datetime, on_sent: OnSent) -> list[int]:
    """Write all that follows from having been sent, for those of these mails that are *sent* and not finished yet.

    Safe to repeat: the activity is the sign that it is done. Cases are locked in id order, then their mails.
    """
    return [mail.id for mail in _finish(sorted(message_ids), [], now, on_sent)]


@transaction.atomic
def end(claim: uuid.UUID, message_ids: Iterable[int], not_sent: Sequence[int], now: datetime, on_sent: OnSent) -> None:
    """The claim is over, all its mails have their result: what follows from it is written, in one transaction.

    `not_sent` are the cases of mails that were refused or are in doubt: they are looked at.
    """
    _finish(sorted(message_ids), not_sent, now, on_sent)
    SendingClaim.objects.filter(pk=claim).delete()


class _Sent(NamedTuple):
    """What finishing needs of a mail; `people` are its recipients."""

    id: int
    case_id: int
    sent_at: datetime
    subject: str
    purpose: str
    people: list[str]
    sets_status_reason: int | None
    origin: str
    written_at: datetime
    bounce: str

    @property
    def is_ours(self) -> bool:
        """Written to the customer's side (spec 3.2)."""
        return self.purpose != INTERNAL

    @property
    def is_foreseen(self) -> bool:
        """The look that let it go has planned the next one for the end of its wait; a mail that came back is news."""
        return self.origin == Origin.AUTOMATIC and self.sets_status_reason is None and not self.bounce

    @property
    def told(self) -> SentMail:
        """The mail as `OnSent` is told of it."""
        return SentMail(self.id, self.case_id, self.origin, self.purpose, self.written_at)


def _finish(ids: Sequence[int], not_sent: Sequence[int], now: datetime, on_sent: OnSent) -> list[_Sent]:
    _lock_cases(ids)
    mails = _show_in_timelines(ids)
    our_mails_went_out(
        [OurLastMail(m.case_id, m.sent_at, m.subject, m.purpose != CLOSING_NOTICE) for m in mails if m.is_ours]
    )
    for is_ours in (True, False):  # we believe whom we wrote to, not a third party that we asked
        people = [(m.case_id, address) for m in mails if m.is_ours is is_ours for address in m.people]
        participants.remember(people, is_trusted=is_ours)
    # all reviews at once and in id order, before one of them is marked by itself
    is_foreseen = not not_sent and all(m.is_foreseen for m in mails)
    mark([*(m.case_id for m in mails), *not_sent], now, unless_planned=is_foreseen)
    _set_status_reasons([m.id for m in mails if m.sets_status_reason], now)
    if mails:
        on_sent([mail.told for mail in mails], now)
    return mails


def _lock_cases(message_ids: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM cases_case WHERE id IN (SELECT case_id FROM mail_message WHERE id = ANY (%s))"
            " ORDER BY id FOR NO KEY UPDATE",
            [list(message_ids)],
        )


def _show_in_timelines(message_ids: Sequence[int]) -> list[_Sent]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH sent AS MATERIALIZED (
                 SELECT m.id, m.case_id, m.subject, m.author_id, m.origin, m.sent_at,
                        coalesce(u.display_name, 'Caseloop') || ' wrote to ' ||
                        coalesce(nullif(k.name, ''), m.to_addresses[1], '') AS said,
                        nextval(pg_get_serial_sequence('cases_activity', 'id')) AS activity_id
                   FROM mail_message m
                   LEFT JOIN accounts_user u ON u.id = m.author_id
                   LEFT JOIN cases_contactaddress a ON a.address = lower(m.to_addresses[1])
                   LEFT JOIN cases_contact k ON k.id = a.contact_id
                  WHERE m.id = ANY(%s) AND m.state = 'sent' AND m.activity_id IS NULL AND m.case_id IS NOT NULL
                  ORDER BY m.id FOR UPDATE OF m),
            shown AS (
                 INSERT INTO cases_activity (id, case_id, kind, direction, state, subject, body, actor_id,
                                             is_automatic, occurred_at)
                 SELECT activity_id, case_id, 'email', 'out', 'completed', left(said, 998), subject, author_id,
                        origin = %s, sent_at
                   FROM sent)
            UPDATE mail_message m SET activity_id = sent.activity_id
              FROM sent WHERE m.id = sent.id
            RETURNING m.id, m.case_id, m.sent_at, m.subject, coalesce(m.letter ->> 'purpose', ''),
                      m.to_addresses || m.cc_addresses, m.sets_status_reason_id, m.origin,
                      coalesce(m.approved_at, m.occurred_at), m.bounce""",
            [list(message_ids), Origin.AUTOMATIC.value],
        )
        return sorted(_Sent(*row) for row in cursor.fetchall())


def _set_status_reasons(message_ids: Sequence[int], now: datetime) -> None:
    """*Send and set …* (spec 6.11). Where a case may not go there any more, its timeline says so."""
    if not message_ids:
        return
    mails = Message.objects.filter(pk__in=message_ids).select_related("author", "sets_status_reason", "case")
    for mail in mails.order_by("case_id", "pk"):
        if mail.sets_status_reason is None or mail.case is None:
            continue
        actor = mail.author or User.objects.application_user()
        try:
            set_status_reason(mail.case.pk, mail.sets_status_reason, actor=actor, now=now)
        except CaseError as error:
            said = f"Status reason not set to “{mail.sets_status_reason}”"
            record_change(mail.case, said, actor=actor, now=now, body=str(error))
