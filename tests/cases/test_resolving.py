"""Resolving many cases at once leaves what resolving them one by one leaves, and one case never holds up the others."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from caseloop.accounts.models import User
from caseloop.cases import changes
from caseloop.cases.errors import CannotResolve, CaseError
from caseloop.cases.models import Activity, Case, CaseReview, CustomField, Resolution, StatusReason, StatusTransition
from caseloop.cases.models.activity import ActivityKind
from caseloop.cases.resolving import ResolutionDetails, Resolved, resolve_case, resolve_cases
from tests import factories
from tests.rows_of_cases import rows_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)

TRAITS = ["no cause", "a child", "two children", "a coming appointment", "resolved already", "cancelled"]
TRAITS += ["may not go there", "no reason of a resolved case", "on hold", "a task", "two tasks", "a past appointment"]
TRAITS += ["problem solved", "a finished task"]
specs = st.lists(st.frozensets(st.sampled_from(TRAITS), max_size=4), min_size=1, max_size=8)
several = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def sofia() -> User:
    return factories.user()


@pytest.fixture
def agent() -> User:
    return User.objects.application_user()


@pytest.fixture
def rules_of_the_house() -> None:
    """The root cause is required, and from *Researching* a case goes only back to *In Progress*."""
    CustomField.objects.create(key="cause", label="Root cause", type="text", is_required_to_resolve=True)
    StatusTransition.objects.create(origin=reason("researching"), target=reason("in_progress"))


def reason(key: str) -> StatusReason:
    return StatusReason.objects.get(key=key)


def a_case(traits: frozenset[str], sofia: User, now: datetime) -> Case:
    case = factories.case(now=now - DAY, custom={} if "no cause" in traits else {"cause": "A worn gear"})
    for _ in range("a child" in traits) or range(2 * ("two children" in traits)):
        child = factories.case("A part of it", now=now - DAY, custom={"cause": "Another one"})
        Case.objects.filter(pk=child.pk).update(parent=case)
    for _ in range("a task" in traits) or range(2 * ("two tasks" in traits)):
        work(case, ActivityKind.TASK, None, sofia, now)
    if "a coming appointment" in traits:
        work(case, ActivityKind.APPOINTMENT, now + DAY, sofia, now)
    if "a past appointment" in traits:
        work(case, ActivityKind.APPOINTMENT, now - timedelta(hours=1), sofia, now)
    if "a finished task" in traits:
        work(case, ActivityKind.TASK, None, sofia, now, "completed")
    changed: dict[str, Any] = {}
    if "on hold" in traits:
        changed |= {"hold_until": now + DAY, "hold_reason": "trade fair", "next_move": "us"}
    if "may not go there" in traits:
        changed |= {"status_reason": reason("researching")}
    if "resolved already" in traits:
        changed |= {"status": "resolved", "status_reason": reason("no_response")}
    if "cancelled" in traits:
        changed |= {"status": "cancelled", "status_reason": reason("cancelled")}
    if changed:
        Case.objects.filter(pk=case.pk).update(**changed)
    return Case.objects.get(pk=case.pk)


def work(
    case: Case, kind: ActivityKind, due_at: datetime | None, sofia: User, now: datetime, state: str = "open"
) -> None:
    Activity.objects.create(
        case=case, kind=kind, subject="Something to do", actor=sofia, occurred_at=now - DAY, due_at=due_at, state=state
    )


def details_of(traits: frozenset[str]) -> ResolutionDetails:
    key = "problem_solved" if "problem solved" in traits else "no_response"
    if "no reason of a resolved case" in traits:
        key = "in_progress"
    return ResolutionDetails(
        status_reason=reason(key),
        text=f"It ended so: {key}",
        total_minutes=12,
        billable_minutes=5,
        remarks="Three mails",
    )


def one_by_one(wanted: dict[int, ResolutionDetails], actor: User, now: datetime) -> dict[int, list[str]]:
    blocked = {}
    for case_id, details in wanted.items():
        try:
            resolve_case(case_id, details, actor=actor, now=now)
        except CannotResolve as error:
            blocked[case_id] = error.blockers
    return blocked


@several
@given(traits=specs, by_agent=st.booleans())
def test_a_batch_leaves_the_same_rows_as_one_by_one(
    rules_of_the_house: None,
    sofia: User,
    agent: User,
    monday: datetime,
    traits: list[frozenset[str]],
    by_agent: bool,
) -> None:
    actor = agent if by_agent else sofia
    with transaction.atomic():
        cases = [a_case(each, sofia, monday) for each in traits]
        wanted = {case.pk: details_of(each) for case, each in zip(cases, traits, strict=True)}
        with transaction.atomic():
            told = one_by_one(wanted, actor, monday)
            alone = rows_of(cases)
            transaction.set_rollback(True)
        done = resolve_cases(wanted, actor=actor, now=monday)
        changes.mark(done.made, monday)
        together = rows_of(cases)
        transaction.set_rollback(True)

    assert done.blocked == told
    assert set(done.made) | set(done.blocked) == set(wanted)
    assert together == alone


def test_a_blocked_case_is_told_and_unchanged_and_holds_up_no_other(
    rules_of_the_house: None, sofia: User, agent: User, monday: datetime
) -> None:
    free, unfinished = a_case(frozenset(), sofia, monday), a_case(frozenset({"no cause", "a task"}), sofia, monday)
    with_visit = a_case(frozenset({"a coming appointment"}), sofia, monday)
    before = rows_of([unfinished, with_visit])
    no_response = ResolutionDetails(status_reason=reason("no_response"))
    done = resolve_cases(dict.fromkeys([unfinished.pk, free.pk, with_visit.pk], no_response), actor=agent, now=monday)
    assert list(done.made) == [free.pk]
    assert done.blocked == {
        unfinished.pk: ["the field “Root cause” is required"],
        with_visit.pk: ["an appointment is coming"],
    }
    assert rows_of([unfinished, with_visit]) == before
    assert Case.objects.get(pk=free.pk).status == "resolved"


def test_a_failing_statement_leaves_no_half_of_any_case(
    rules_of_the_house: None, sofia: User, agent: User, monday: datetime
) -> None:
    """The second case's minutes cannot be stored: the first one is not resolved either, until it is tried alone."""
    cases = [a_case(frozenset({"a task"}), sofia, monday) for _ in range(2)]
    before = rows_of(cases)
    fine = ResolutionDetails(status_reason=reason("no_response"))
    broken = ResolutionDetails(status_reason=reason("no_response"), total_minutes=-1)
    with pytest.raises(IntegrityError), transaction.atomic():
        resolve_cases({cases[0].pk: fine, cases[1].pk: broken}, actor=agent, now=monday)
    assert rows_of(cases) == before


def test_a_case_that_is_gone_is_in_neither_answer(sofia: User, monday: datetime) -> None:
    details = ResolutionDetails(status_reason=reason("no_response"))
    assert resolve_cases({1: details}, actor=sofia, now=monday) == Resolved({}, {})
    with pytest.raises(CaseError, match="There is no such case"):
        resolve_case(1, details, actor=sofia, now=monday)


def test_a_person_s_resolution_marks_the_case(sofia: User, monday: datetime) -> None:
    case = factories.case(now=monday - DAY)
    resolve_case(case.pk, ResolutionDetails(status_reason=reason("no_response")), actor=sofia, now=monday)
    assert CaseReview.objects.get(case=case).review_at == monday


def test_a_hundred_cases_take_as_many_statements_as_two(
    rules_of_the_house: None, sofia: User, agent: User, monday: datetime
) -> None:
    details = ResolutionDetails(status_reason=reason("no_response"))

    def statements(number: int) -> int:
        wanted = {a_case(frozenset({"a task"}), sofia, monday).pk: details for _ in range(number)}
        with CaptureQueriesContext(connection) as seen:
            done = resolve_cases(wanted, actor=agent, now=monday)
        assert len(done.made) == number
        return len(seen)

    assert statements(100) == statements(2)
    assert Resolution.objects.filter(cancelled_activities__state="cancelled").count() == 102
