"""What did a killed worker leave behind, and what becomes of it? Run at start and from time to time (spec 4.3, P6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from caseloop.cases.marking import mark
from caseloop.domain.lifecycle import MessageState
from caseloop.mail.last_look import OnSent, nothing_more
from caseloop.mail.models import Message, SendingClaim, SendingCount
from caseloop.mail.recording import finish
from caseloop.mail.settling import found_sent

LEASE = timedelta(seconds=120)
BATCH = 200
WORKER_LOST = "The worker that was handing this mail over ended before it wrote down what came of it."


@dataclass(slots=True)
class Recovered:
    """How many mails were given back, are in doubt now, turned out to be sent, and got the rest of their record."""

    given_back: int = 0
    unconfirmed: int = 0
    found: int = 0
    finished: int = 0


def recover(clock: Callable[[], datetime], *, on_sent: OnSent = nothing_more, lease: timedelta = LEASE) -> Recovered:
    """Settle claims whose worker gave no sign of life for `lease`, and finish sent mails that have no activity yet."""
    done, now = Recovered(), clock()
    while _settle_one_claim(done, now, lease):
        pass
    done.found = _look_up(now)
    unrecorded = Message.objects.filter(state=MessageState.SENT.value, activity__isnull=True, case__isnull=False).extra(
        where=["NOT EXISTS (SELECT 1 FROM mail_sendingclaim k WHERE k.id = mail_message.claim)"]
    )
    while ids := list(unrecorded.order_by("sent_at").values_list("pk", flat=True)[:BATCH]):
        finished = finish(ids, now, on_sent)
        done.finished += len(finished)
        if not finished:
            break
    SendingCount.objects.filter(minute__lt=now - timedelta(days=2)).delete()
    return done


def _look_up(now: datetime) -> int:
    """In doubt, but we have got a copy of it, or somebody answered it: it was sent. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT m.id FROM mail_message m
             WHERE m.state = 'unconfirmed'
               AND (EXISTS (SELECT 1 FROM mail_inboundmail i WHERE i.message_id = m.id)
                    OR EXISTS (SELECT 1 FROM mail_message r
                                WHERE r.case_id = m.case_id AND r.direction = 'in'
                                  AND (r.in_reply_to = m.message_id OR m.message_id = ANY (r."references"))))
             LIMIT %s""",
            [BATCH],
        )
        return found_sent([row[0] for row in cursor.fetchall()], now)


def _settle_one_claim(done: Recovered, now: datetime, lease: timedelta) -> bool:
    """Only what may have begun is in doubt; the rest was never handed over. False when no dead claim is left."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, begun FROM mail_sendingclaim WHERE alive_at < clock_timestamp() - make_interval(secs => %s)"
            " ORDER BY alive_at LIMIT 1 FOR UPDATE SKIP LOCKED",
            [lease.total_seconds()],
        )
        row = cursor.fetchone()
        if row is None:
            return False
        claim, begun = row
        mails = Message.objects.filter(claim=claim, state=MessageState.SENDING.value)
        in_doubt = mails.filter(pk__in=begun)
        cases = list(in_doubt.values_list("case_id", flat=True))
        done.unconfirmed += in_doubt.update(
            state=MessageState.UNCONFIRMED.value, server_reply=WORKER_LOST, doubted_at=now
        )
        done.given_back += mails.update(state=MessageState.APPROVED.value, claim=None)
        SendingClaim.objects.filter(pk=claim).delete()
        mark([case_id for case_id in cases if case_id], now)
        return True
