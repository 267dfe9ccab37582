"""Does anything that came between approval and claim stop a follow-up, also when nobody told the loop of it? (P2, 2.8)"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from caseloop.administration.models import GlobalSettings
from caseloop.cases.activities import record
from caseloop.cases.models import Case, ContactAddress, StatusReason
from caseloop.cases.models.activity import ActivityKind, ActivityState, Direction
from caseloop.followups.models import Enrolment, Pause, Protection, Rule
from caseloop.mail.models import MailDoubt, Message
from tests import cast, factories
from tests.followups.loop import TWO_DAYS, Post, a_rule, again, send, we_wrote, with_follow_up

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
GRINDERS = {"all": [{"field": "title", "operator": "contains", "value": "grinder"}]}
FABRIKAM = {"all": [{"field": "title", "operator": "contains", "value": "Fabrikam"}]}


def called(case: Case, now: datetime) -> None:
    record(case, ActivityKind.PHONE_CALL, "Anna called", actor=None, now=now, direction=Direction.IN)


def in_doubt(case: Case, now: datetime) -> None:
    mail = cast.mail_in(factories.case("Another case", now=now), now)
    MailDoubt.objects.create(message=mail, case=case, asked_at=now, reason="the same contact")


def visit_agreed(case: Case, now: datetime) -> None:
    due_at = now + 30 * HOUR
    record(case, ActivityKind.APPOINTMENT, "Visit", actor=None, now=now, state=ActivityState.OPEN, due_at=due_at)


def first_rule(case: Case, now: datetime) -> None:
    other = a_rule("full", now, name="First of all")
    Rule.objects.filter(pk=other.pk).update(position=0)


def case_becomes(**fields: object) -> Callable[[Case, datetime], object]:
    return lambda case, now: Case.objects.filter(pk=case.pk).update(**fields)


def in_progress(case: Case, now: datetime) -> None:
    Case.objects.filter(pk=case.pk).update(status_reason=StatusReason.objects.get(key="in_progress"))


CHANGES: dict[str, Callable[[Case, datetime], object]] = {
    "the customer answered": cast.mail_in,
    "the customer called": called,
    "a mail may answer the case": in_doubt,
    "we wrote ourselves": we_wrote,
    "a visit was agreed on": visit_agreed,
    "our last mail came back": lambda case, now: Message.objects.filter(state="sent").update(bounce="permanent"),
    "the case is resolved": case_becomes(status="resolved"),
    "the case has another title": case_becomes(title="Something else"),
    "the case has another status reason": in_progress,
    "the case is held": lambda case, now: Case.objects.filter(pk=case.pk).update(hold_until=now + 30 * HOUR),
    "the case is not automated": case_becomes(no_automation=True),
    "the series is over": lambda case, now: Enrolment.objects.update(state="ended", ended_at=now, end_reason="x"),
    "the rule is off": lambda case, now: Rule.objects.update(state="inactive"),
    "the rule is narrower": lambda case, now: Rule.objects.update(conditions=FABRIKAM),
    "another rule comes first": first_rule,
    "a condition protects": lambda case, now: Protection.objects.create(
        name="Grinders", effect="never", conditions=GRINDERS
    ),
    "the contact is for persons": lambda case, now: Protection.objects.create(
        name="Anna", effect="at_most_confirm", contact=case.contact
    ),
    "all is paused": lambda case, now: Pause.objects.create(since=now - HOUR, until=now + 30 * HOUR),
    "all is stopped": lambda case, now: GlobalSettings.objects.update(stopped_at=now),
    "it is switched off": lambda case, now: GlobalSettings.objects.update(is_on=False),
    "the flow is off": lambda case, now: GlobalSettings.objects.update(flow_follow_up_on=False),
    "no address is left": lambda case, now: ContactAddress.objects.update(undeliverable_since=now),
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_came_between_stops_a_follow_up_though_nobody_marked_its_case(what: str, monday: datetime) -> None:
    case, action = with_follow_up(monday)
    wednesday = monday + TWO_DAYS
    CHANGES[what](case, wednesday)
    post = Post()

    report = send(wednesday + SECOND, post)

    assert (report.sent, report.dropped, post.taken) == (0, 1, [])
    assert (again(action).state, again(action.message).state) == ("superseded", "discarded")


def test_a_follow_up_goes_out_when_nothing_came_between(monday: datetime) -> None:
    _, action = with_follow_up(monday)
    assert send(monday + TWO_DAYS + SECOND).sent == 1
    assert (again(action).state, again(action.message).state) == ("done", "sent")
