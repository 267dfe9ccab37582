"""Which things have waited so long that they are the manager's now? (spec 3.6, 3.14, P4, P5)

An angry answer for four working hours; a mail that nobody has opened for a working day; a doubt for two working days; a
mail that was sent off and has not gone within an hour. Each list is one query and a pure choice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Exists, OuterRef, Q

from caseloop.domain.calendar import Duration, WorkingCalendar, deadline
from caseloop.domain.facts import Label
from caseloop.domain.lifecycle import CaseStatus, MessageState
from caseloop.followups import calendars
from caseloop.mail.models import MailDoubt, Message
from caseloop.mail.models.message import InboundKind, MessageDirection, Origin
from caseloop.mail.outgoing import INTERNAL

AT_MOST = 1000
GONE_WITHIN = timedelta(hours=1)


class Late(StrEnum):
    """Why something is the manager's now."""

    NEGATIVE = "negative"
    UNREAD = "unread"
    DOUBT = "doubt"
    NOT_SENT = "not_sent"


PATIENCE = {
    Late.NEGATIVE: Duration.parse("4 working hours"),
    Late.UNREAD: Duration.parse("1 working day"),
    Late.DOUBT: Duration.parse("2 working days"),
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that waits for a person: the row (a message, or for a doubt the doubt), its case, and since when."""

    id: int
    case_id: int | None
    since: datetime


def escalated(now: datetime, calendar: WorkingCalendar | None = None) -> dict[Late, list[Waiting]]:
    """Everything that is the manager's at `now`, oldest first, at most 1,000 of a kind; four queries.

    Without a calendar the default business calendar counts the working hours.
    """
    hours = calendar or calendars.load(now.year).default_calendar
    return {
        Late.NEGATIVE: overdue(negative_answers(), PATIENCE[Late.NEGATIVE], hours, now),
        Late.UNREAD: overdue(unread_mails(), PATIENCE[Late.UNREAD], hours, now),
        Late.DOUBT: overdue(open_doubts(), PATIENCE[Late.DOUBT], hours, now),
        Late.NOT_SENT: list(mails_that_do_not_go(now)),
    }


def overdue(waiting: Iterable[Waiting], patience: Duration, calendar: WorkingCalendar, now: datetime) -> list[Waiting]:
    """Those that have waited for longer than that, in working time where its unit says so. Pure."""
    late = []
    for item in waiting:
        ends_at = deadline(item.since, patience, calendar, ())
        if ends_at is not None and ends_at <= now:
            late.append(item)
    return late


def negative_answers() -> Iterable[Waiting]:
    """Answers read as negative on active cases that no person has written after, or decided about."""
    reply = Message.objects.filter(
        case=OuterRef("case"),
        direction=MessageDirection.OUT,
        origin=Origin.PERSON,
        state__in=[MessageState.APPROVED.value, MessageState.SENDING.value, MessageState.SENT.value],
        approved_at__gt=OuterRef("occurred_at"),
    ).exclude(letter__contains={"purpose": INTERNAL})
    rows = Message.objects.filter(
        direction=MessageDirection.IN,
        reading__label=Label.NEGATIVE.value,
        reading__verdict="",
        case__status=CaseStatus.ACTIVE.value,
    ).exclude(Exists(reply))
    return _waiting(rows.order_by("occurred_at").values_list("pk", "case_id", "occurred_at"))


def unread_mails() -> Iterable[Waiting]:
    """Human mails on cases that nobody has opened, whatever they were read as."""
    rows = Message.objects.filter(
        direction=MessageDirection.IN,
        kind__in=[InboundKind.HUMAN, InboundKind.UNREADABLE],
        opened_at__isnull=True,
        case__isnull=False,
    )
    return _waiting(rows.order_by("occurred_at").values_list("pk", "case_id", "occurred_at"))


def open_doubts() -> Iterable[Waiting]:
    """Questions *Does this mail answer this case too?* that nobody has answered."""
    rows = MailDoubt.objects.filter(answer="", case__status=CaseStatus.ACTIVE.value)
    return _waiting(rows.order_by("asked_at").values_list("pk", "case_id", "asked_at"))


def mails_that_do_not_go(now: datetime) -> Iterable[Waiting]:
    """Mails that a person sent off and that have not gone within an hour, and all that may or may not have gone.

    Those in doubt are listed whoever wrote them: no series watches over a closing notice any more (P4).
    """
    rows = Message.objects.filter(may_not_have_gone(now))
    return _waiting(rows.order_by("approved_at").values_list("pk", "case_id", "approved_at"))


def may_not_have_gone(now: datetime) -> Q:
    """Mails of ours that a person has to look after."""
    stuck = Q(state=MessageState.APPROVED.value, approved_at__lte=now - GONE_WITHIN) & ~Q(origin=Origin.AUTOMATIC)
    return Q(direction=MessageDirection.OUT) & (stuck | Q(state=MessageState.UNCONFIRMED.value))


def _waiting(rows: Iterable[tuple[int, int | None, datetime | None]]) -> list[Waiting]:
    found = []
    for pk, case_id, since in list(rows)[:AT_MOST]:
        if since is not None:
            found.append(Waiting(pk, case_id, since))
    return found
