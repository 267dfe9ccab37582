"""Has a person opened this mail? Until then it is *unread*, whatever it was read as (spec 3.6)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from caseloop.cases.marking import mark
from caseloop.mail.models import Message
from caseloop.mail.models.message import MessageDirection


def mark_opened(message_ids: Iterable[int], now: datetime) -> int:
    """These inbound mails have been opened; the first time is kept. Returns for how many this was the first.

    Their cases are looked at: a mail of ours that crossed an unread one may be its reply now.
    """
    unread = Message.objects.filter(pk__in=list(message_ids), direction=MessageDirection.IN, opened_at__isnull=True)
    opened = list(unread.values_list("pk", "case_id"))
    changed = Message.objects.filter(pk__in=[pk for pk, _ in opened], opened_at__isnull=True).update(opened_at=now)
    mark([case_id for _, case_id in opened if case_id is not None], now)
    return changed
