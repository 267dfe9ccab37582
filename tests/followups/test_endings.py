"""Closing a whole batch leaves what closing one case at a time leaves; what is in the way of one holds up no other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from caseloop.accounts.models import User
from caseloop.administration.models import GlobalSettings
from caseloop.cases.marking import mark
from caseloop.cases.models import Activity, Case, CaseReview, Resolution, StatusReason, StatusTransition
from caseloop.cases.models.activity import ActivityKind
from caseloop.followups.models import SuggestedAction
from caseloop.followups.prepare import Helpers
from caseloop.followups.review import review_due
from caseloop.mail.models import Message
from tests.followups.loop import TWO_DAYS, a_rule, again, customer_wrote, look, read_mailboxes, silent_cases
from tests.rows_of_cases import Rows, rows_of

pytestmark = pytest.mark.django_db
TRAITS = ["a task", "two tasks", "may not be resolved from there", "nobody to tell", "said thanks", "high priority"]
specs = st.lists(st.frozensets(st.sampled_from(TRAITS), max_size=3), min_size=1, max_size=7)
several = settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def due_closings(traits: Sequence[frozenset[str]], monday: datetime) -> list[Case]:
    """Two days after our mail of Monday each of these cases is due to be closed, as far as its traits allow."""
    StatusTransition.objects.get_or_create(origin=reason("researching"), target=reason("in_progress"))
    a_rule(
        "full",
        monday - timedelta(days=1),
        follow_ups=1,
        trigger_context=True,
        sends_closing_notice=True,
        on_favorable="resolve",
    )
    GlobalSettings.objects.update(guard_first_hour=1000, guard_per_day=1000, guard_share_percent=100)
    User.objects.application_user()
    cases = silent_cases(len(traits), monday)
    look(monday)
    for case, each in zip(cases, traits, strict=True):
        dress(case, each, monday)
    mark([case.pk for case in cases], monday + TWO_DAYS)
    read_mailboxes(monday + TWO_DAYS)
    return cases


def dress(case: Case, traits: frozenset[str], monday: datetime) -> None:
    for number in range(("a task" in traits) + 2 * ("two tasks" in traits)):
        Activity.objects.create(
            case=case, kind=ActivityKind.TASK, state="open", subject=f"Part {number}", occurred_at=monday
        )
    if "may not be resolved from there" in traits:
        Case.objects.filter(pk=case.pk).update(status_reason=reason("researching"))
    if "nobody to tell" in traits:
        Message.objects.filter(case=case).update(to_addresses=["support@contoso.example"])
    if "said thanks" in traits:
        address = f"{case.contact.name.lower().replace(' ', '')}@cafe.example" if case.contact else ""
        customer_wrote(case, monday + timedelta(hours=3), "Works, thanks!", "favorable", from_address=address)
    if "high priority" in traits:
        Case.objects.filter(pk=case.pk).update(priority="high")


def reason(key: str) -> StatusReason:
    return StatusReason.objects.get(key=key)


def review_all(now: datetime, limit: int) -> None:
    while review_due(lambda: now, Helpers.builtin(), limit=limit):
        pass


@several
@given(traits=specs)
def test_a_batch_leaves_the_same_rows_as_one_review_after_the_other(
    monday: datetime, traits: list[frozenset[str]]
) -> None:
    def after_reviews_of(limit: int) -> Rows:
        with transaction.atomic():
            review_all(monday + TWO_DAYS, limit)
            rows = rows_of(cases)
            transaction.set_rollback(True)
        return rows

    with transaction.atomic():
        cases = due_closings(traits, monday)
        together, alone = after_reviews_of(200), after_reviews_of(1)
        transaction.set_rollback(True)
    assert together == alone


def test_cases_that_cannot_be_closed_hold_up_no_other(monday: datetime) -> None:
    wednesday = monday + TWO_DAYS
    blocked_there, unreachable, thankful, silent = due_closings(
        [
            frozenset({"may not be resolved from there", "a task"}),
            frozenset({"nobody to tell"}),
            frozenset({"said thanks"}),
            frozenset({"two tasks"}),
        ],
        monday,
    )
    review_all(wednesday, 200)
    assert [again(case).status for case in (blocked_there, unreachable)] == ["active", "active"]
    assert [str(again(case).status_reason) for case in (thankful, silent)] == ["Problem Solved", "No Response"]
    asked = SuggestedAction.objects.filter(state="proposed").order_by("case")
    assert [(row.case_id, row.kind, row.reason) for row in asked] == [
        (blocked_there.pk, "needs_attention", "blocked"),
        (unreachable.pk, "needs_attention", "blocked"),
    ]
    assert "From “Researching” a case may not go to “No Response”" in asked[0].summary
    assert "the closing notice cannot be written" in asked[1].summary
    assert Activity.objects.get(case=blocked_there, kind="task").state == "open"
    assert Resolution.objects.get(case=silent).cancelled_activities.count() == 2
    assert [m.case_id for m in Message.objects.filter(letter__purpose="closing_notice")] == [silent.pk]


def test_a_case_whose_closing_cannot_be_stored_is_put_aside_and_the_others_are_closed(monday: datetime) -> None:
    """A statement over the whole batch fails because of one case: then each is done by itself."""
    wednesday = monday + TWO_DAYS
    bad, *others = due_closings([frozenset()] * 4, monday)
    with connection.cursor() as cursor:
        cursor.execute(
            f"ALTER TABLE cases_resolution ADD CONSTRAINT not_this_one CHECK (case_id <> {bad.pk}) NOT VALID"
        )
    review_all(wednesday, 200)
    assert again(bad).status == "active"
    assert [again(case).status for case in others] == ["resolved"] * 3
    review = CaseReview.objects.get(case=bad)
    assert "not_this_one" in review.last_error
    assert review.review_at == wednesday + timedelta(hours=1)
    assert not SuggestedAction.objects.filter(case=bad).exists()


def test_what_the_agent_has_closed_is_looked_at_again_only_when_something_happens(monday: datetime) -> None:
    """And that second look would change nothing."""
    wednesday = monday + TWO_DAYS
    cases = due_closings([frozenset({"a task"}), frozenset({"said thanks"})], monday)
    assert review_due(lambda: wednesday, Helpers.builtin()) == 2
    assert [again(case).status for case in cases] == ["resolved", "resolved"]
    assert not CaseReview.objects.filter(review_at__isnull=False).exists()

    before = rows_of(cases)
    mark([case.pk for case in cases], wednesday)
    look(wednesday)
    after = rows_of(cases)
    for row in (*before["CaseReview"], *after["CaseReview"]):
        del row["rule_id"]  # no rule takes a case that is over
    assert after == before


def test_closing_a_hundred_cases_takes_as_many_statements_as_closing_thirty(monday: datetime) -> None:
    def statements(number: int) -> int:
        with transaction.atomic():
            cases = due_closings([frozenset({"a task"})] * number, monday)
            with CaptureQueriesContext(connection) as seen:
                review_due(lambda: monday + TWO_DAYS, Helpers.builtin())
            assert Case.objects.filter(pk__in=[case.pk for case in cases], status="resolved").count() == number
            transaction.set_rollback(True)
        return len(seen)

    assert statements(100) == statements(30)
