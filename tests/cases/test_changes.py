"""Cases change only through their verbs, each with its line in the timeline and its mark."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from caseloop.accounts.models import Role, User
from caseloop.cases import changes, resolving
from caseloop.cases.errors import CannotResolve, CaseChangedMeanwhile, CaseError
from caseloop.cases.models import Activity, Case, CaseReview, CustomField, Queue, StatusReason
from caseloop.cases.models.activity import ActivityKind, ActivityState, Direction
from caseloop.cases.numbers import is_number

pytestmark = pytest.mark.django_db


@pytest.fixture
def sofia() -> User:
    return User.objects.create_user("sofia", display_name="Sofia", role=Role.REPRESENTATIVE)


@pytest.fixture
def case(sofia: User, monday: datetime) -> Case:
    queue = Queue.objects.get(name="Support")
    return changes.create_case(changes.NewCase(title="Grinder jams", queue=queue), actor=sofia, now=monday)


def test_a_new_case_is_numbered_in_progress_and_marked(case: Case, monday: datetime) -> None:
    assert is_number(case.number)
    assert case.status_reason.name == "In Progress"
    assert CaseReview.objects.get(case=case).review_at == monday


def test_the_title_is_folded_for_comparing(case: Case) -> None:
    Case.objects.filter(pk=case.pk).update(title="ÄRGER mit ﬁlter")
    case.refresh_from_db()
    assert case.title_folded == "ärger mit filter"


def test_of_two_people_who_save_the_second_is_told(case: Case, sofia: User, monday: datetime) -> None:
    changes.edit_case(case.pk, {"title": "Grinder jams again"}, actor=sofia, now=monday, version=1)
    with pytest.raises(CaseChangedMeanwhile):
        changes.edit_case(case.pk, {"title": "Mine"}, actor=sofia, now=monday, version=1)
    assert Case.objects.get(pk=case.pk).title == "Grinder jams again"


def test_a_custom_field_takes_its_type_only(case: Case, sofia: User, monday: datetime) -> None:
    CustomField.objects.create(key="seats", label="Seats", type="number")
    with pytest.raises(CaseError, match="“Seats” takes a number, not '12'"):
        changes.edit_case(case.pk, {"custom": {"seats": "12"}}, actor=sofia, now=monday, version=1)
    changes.edit_case(case.pk, {"custom": {"seats": 12}}, actor=sofia, now=monday, version=1)
    assert Case.objects.get(pk=case.pk).custom == {"seats": 12}


def test_a_reason_of_another_status_is_refused(case: Case, sofia: User, monday: datetime) -> None:
    with pytest.raises(CaseError, match="belongs to status resolved"):
        changes.set_status_reason(case.pk, StatusReason.objects.get(key="no_response"), actor=sofia, now=monday)


def test_resolving_cancels_open_work_and_reopening_tells_why(case: Case, sofia: User, monday: datetime) -> None:
    changes.add_work(case.pk, ActivityKind.TASK, "Send a part", actor=sofia, now=monday, due_at=None)
    details = resolving.ResolutionDetails(status_reason=StatusReason.objects.get(key="no_response"))
    resolution = resolving.resolve_case(case.pk, details, actor=sofia, now=monday)

    assert Case.objects.get(pk=case.pk).status == "resolved"
    assert Activity.objects.get(case=case, kind="task").state == ActivityState.CANCELLED
    assert resolution.cancelled_activities.count() == 1

    reopened = resolving.reopen_case(case.pk, "Anna wrote", actor=sofia, now=monday + timedelta(days=2))
    assert (reopened.status, reopened.status_reason.name) == ("active", "In Progress")
    assert resolution.reopening.reason == "Anna wrote"


def test_everything_that_blocks_a_resolution_is_named_and_nothing_changes(
    case: Case, sofia: User, monday: datetime
) -> None:
    CustomField.objects.create(key="cause", label="Cause", type="text", is_required_to_resolve=True)
    child = changes.create_case(changes.NewCase(title="Part", queue=case.queue), actor=sofia, now=monday)
    Case.objects.filter(pk=child.pk).update(parent=case)
    details = resolving.ResolutionDetails(status_reason=StatusReason.objects.get(key="no_response"))
    with pytest.raises(CannotResolve) as caught:
        resolving.resolve_case(case.pk, details, actor=sofia, now=monday)
    assert caught.value.blockers == ["the field “Cause” is required", "1 child case is open"]
    assert Case.objects.get(pk=case.pk).status == "active"


def test_a_logged_call_of_the_customer_makes_the_next_move_ours(case: Case, sofia: User, monday: datetime) -> None:
    changes.log_contact(case.pk, ActivityKind.PHONE_CALL, Direction.IN, "She called", actor=sofia, now=monday)
    assert Case.objects.get(pk=case.pk).next_move == "us"


def test_a_mark_takes_the_lease_of_a_look_that_is_going_on(case: Case, monday: datetime) -> None:
    CaseReview.objects.filter(case=case).update(lease="b1c5f3a2-3e55-4f7d-9a94-0b2f7c1c7f11", attempts=2)
    changes.mark([case.pk], monday + timedelta(minutes=1))
    row = CaseReview.objects.get(case=case)
    assert (row.lease, row.attempts, row.review_at) == (None, 0, monday + timedelta(minutes=1))
