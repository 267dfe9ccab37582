"""What was in doubt is known: an unconfirmed mail turns out to have been sent, or a person says that it was not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import DateTimeField, ExpressionWrapper, F, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce, Greatest, Least

from caseloop.cases.marking import mark
from caseloop.domain.lifecycle import MessageState
from caseloop.mail.models import Message
from caseloop.mail.models.message import MessageDirection

UNCONFIRMED = MessageState.UNCONFIRMED.value
JUST_BEFORE = timedelta(microseconds=1)


@transaction.atomic
def found_sent(message_ids: Iterable[int], now: datetime) -> int:
    """These unconfirmed mails were taken by the server; returns how many were in doubt.

    `now` is when that was seen, or later (UTC). What else sending changes is written by `recover`, which finishes every
    sent mail without an activity.
    """
    sent_at = _sent_at_the_latest(now)
    return _settle(message_ids, now, state=MessageState.SENT.value, sent_at=sent_at, occurred_at=sent_at)


def _sent_at_the_latest(now: datetime) -> Greatest:
    """The last moment at which the server can have taken it: whoever got it has the whole wait to answer (P1).

    That is when the doubt began, but before anything came in on the case after the hand-over had begun: it may be the
    answer, and an answer never comes before its mail.
    """
    came_in = Message.objects.filter(
        case=OuterRef("case"), direction=MessageDirection.IN, occurred_at__gte=OuterRef("claimed_at")
    )
    first = Subquery(came_in.order_by("occurred_at").values("occurred_at")[:1])
    before_it = ExpressionWrapper(first - Value(JUST_BEFORE), output_field=DateTimeField())
    doubted_at = Coalesce(F("doubted_at"), F("claimed_at"), F("approved_at"))
    return Greatest(Coalesce(F("claimed_at"), F("approved_at")), Least(doubted_at, before_it, Value(now - JUST_BEFORE)))


@transaction.atomic
def settle_not_sent(message_ids: Iterable[int], now: datetime) -> int:
    """A person has found out that these unconfirmed mails were not sent; they are not sent again by themselves."""
    return _settle(message_ids, now, state=MessageState.REFUSED.value)


def _settle(message_ids: Iterable[int], now: datetime, **fields: object) -> int:
    rows = list(
        Message.objects.select_for_update()
        .filter(pk__in=list(message_ids), state=UNCONFIRMED)
        .values_list("pk", "case_id")
    )
    Message.objects.filter(pk__in=[pk for pk, _ in rows]).update(**fields)
    mark([case_id for _, case_id in rows if case_id], now)
    return len(rows)
