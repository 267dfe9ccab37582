"""Which mails may this worker hand over now? The claim `approved → sending`, with the last look inside (design 1).

One short transaction: due mails are locked together with their cases (whoever else works on a case makes its mail wait
for the next claim, nobody waits for anybody), looked at a last time, and written down as ours before anything is handed
over. Mails that may not go yet, or never, are settled in the same transaction.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from caseloop.administration.models import GlobalSettings
from caseloop.cases.marking import mark
from caseloop.domain.lifecycle import MessageState
from caseloop.mail.due import DueMail, is_any_due, lock_due
from caseloop.mail.last_look import Answer, Drop, Go, LastLook, NotNow
from caseloop.mail.models import Mailbox, Message, SendingCount
from caseloop.mail.models.message import Origin
from caseloop.mail.safe_start import HELD, Reach


@dataclass(slots=True)
class Claim:
    """Mails in state *sending* that only the holder of `id` hands over and records.

    `begun` are the first few of them: it is written down already that their hand-over may begin. It `is_full` when as
    many were due as were wanted.
    """

    id: uuid.UUID
    mails: list[DueMail] = field(default_factory=list)
    begun: list[int] = field(default_factory=list)
    not_now: int = 0
    dropped: int = 0
    is_full: bool = False


def claim_due(
    mailbox: Mailbox, settings: GlobalSettings, last_look: LastLook, at_most: int, begins_with: int, now: datetime
) -> Claim:
    """Claim up to `at_most` due mails of the mailbox, oldest first, within its limits per minute and day.

    The hand-over of the first `begins_with` of them may begin at once.
    """
    claim = Claim(uuid.uuid4())
    reach = Reach.of(settings)
    if at_most < 1 or not is_any_due(mailbox, now):
        return claim
    if reach.is_limited_to_safe:
        _say_why_held(mailbox, reach)
    with transaction.atomic():
        room = min(at_most, _room(mailbox, now))
        only_to = reach.safe if reach.is_limited_to_safe else None
        locked = lock_due(mailbox, room, now, only_to=only_to) if room > 0 else []
        claim.is_full = len(locked) >= at_most
        if locked:
            _settle(claim, locked, _answers(locked, last_look, now), mailbox, begins_with, now)
    return claim


def give_back_room(mailbox: Mailbox, mails: int, now: datetime) -> None:
    """So many claimed mails were not handed over; they don't count for the limits of the minute of `now`."""
    minute = now.replace(second=0, microsecond=0)
    SendingCount.objects.filter(mailbox=mailbox, minute=minute, mails__gte=mails).update(mails=F("mails") - mails)


def _room(mailbox: Mailbox, now: datetime) -> int:
    """How many mails the limits leave. The minute's row stays locked, so that two workers don't both use it up."""
    minute = now.replace(second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO mail_sendingcount AS c (mailbox_id, minute, mails) VALUES (%(mailbox)s, %(minute)s, 0)
            ON CONFLICT (mailbox_id, minute) DO UPDATE SET mails = c.mails
            RETURNING mails, (SELECT coalesce(sum(o.mails), 0) FROM mail_sendingcount o
                               WHERE o.mailbox_id = %(mailbox)s AND o.minute > %(since)s AND o.minute <> %(minute)s)""",
            {"mailbox": mailbox.pk, "minute": minute, "since": now - timedelta(days=1)},
        )
        this_minute, others = cursor.fetchone() or (0, 0)
    return min(mailbox.per_minute - this_minute, mailbox.per_day - int(others) - this_minute)


def _say_why_held(mailbox: Mailbox, reach: Reach) -> None:
    """The mail log says why these wait; they are due again when Caseloop goes live."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE mail_message m SET server_reply = %s WHERE m.mailbox_id = %s AND m.state = 'approved'"
            " AND m.server_reply <> %s AND NOT lower((m.to_addresses || m.cc_addresses)::text)::text[] <@ %s::text[]",
            [HELD, mailbox.pk, HELD, sorted(reach.safe)],
        )


def _answers(due: Sequence[DueMail], last_look: LastLook, now: datetime) -> dict[int, Answer]:
    """One answer for each mail; a person's own mail goes. One that got no answer waits: doubt stops."""
    asked = [mail for mail in due if mail.origin != Origin.PERSON]
    answers: dict[int, Answer] = {mail.pk: Go(mail.pk) for mail in due if mail.origin == Origin.PERSON}
    if asked:
        answers.update({answer.message_id: answer for answer in last_look(asked, now)})
    for mail in asked:
        answers.setdefault(mail.pk, NotNow(mail.pk, now + timedelta(minutes=5), "The last look gave no answer."))
    return answers


def _settle(
    claim: Claim,
    due: Sequence[DueMail],
    answers: Mapping[int, Answer],
    mailbox: Mailbox,
    begins_with: int,
    now: datetime,
) -> None:
    touched: list[int] = []
    evidence: list[Mapping[str, Any]] = []
    for mail in due:
        match answers[mail.pk]:
            case Go(evidence=found):
                claim.mails.append(mail)
                evidence.append(found)
            case NotNow(until=until, why=why):
                rows = Message.objects.filter(pk=mail.pk)
                rows.update(not_before=max(until, now + timedelta(seconds=1)), server_reply=why[:500])
                claim.not_now += 1
            case Drop(why=why):
                discarded = MessageState.DISCARDED.value
                Message.objects.filter(pk=mail.pk).update(state=discarded, server_reply=why[:500])
                claim.dropped += 1
                touched.append(mail.case_id)
    if claim.mails:
        claim.begun = [mail.pk for mail in claim.mails[:begins_with]]
        _write_down(claim, evidence, mailbox, now)
    mark(touched, now)


def _write_down(claim: Claim, evidence: Sequence[Mapping[str, Any]], mailbox: Mailbox, now: datetime) -> None:
    """In one statement: the claim, what it counts for the limits, and its mails."""
    rows = [{"id": mail.pk, "evidence": dict(found)} for mail, found in zip(claim.mails, evidence, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH claimed AS (
                 INSERT INTO mail_sendingclaim (id, mailbox_id, begun, alive_at)
                 VALUES (%(claim)s, %(mailbox)s, %(begun)s::bigint[], clock_timestamp())),
            counted AS (
                 UPDATE mail_sendingcount SET mails = mails + %(number)s
                  WHERE mailbox_id = %(mailbox)s AND minute = %(minute)s)
            UPDATE mail_message m SET state = 'sending', claim = %(claim)s, claimed_at = %(now)s, evidence = r.evidence
              FROM json_to_recordset(%(rows)s::json) AS r(id bigint, evidence jsonb)
             WHERE m.id = r.id""",
            {
                "claim": claim.id,
                "mailbox": mailbox.pk,
                "begun": claim.begun,
                "number": len(rows),
                "minute": now.replace(second=0, microsecond=0),
                "now": now,
                "rows": json.dumps(rows),
            },
        )
