"""What was in doubt is known: an unconfirmed mail turns out to have been sent, or a person says that it was not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce

from caseloop.cases.marking import mark
from caseloop.domain.lifecycle import MessageState
from caseloop.mail.models import Message

UNCONFIRMED = MessageState.UNCONFIRMED.value


@transaction.atomic
def found_sent(message_ids: Iterable[int], now: datetime) -> int:
    """These unconfirmed mails were taken by the server, at the time of their hand-over; returns how many were in doubt.

    What else sending changes is written by `recover`, which finishes every sent mail without an activity.
    """
    handed_over_at = Coalesce(F("claimed_at"), F("approved_at"))
    return _settle(message_ids, now, state=MessageState.SENT.value, sent_at=handed_over_at, occurred_at=handed_over_at)


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
