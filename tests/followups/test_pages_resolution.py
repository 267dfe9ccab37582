"""Case Resolution: what is filled in, what blocks it, what it does, and the way back."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client

from caseloop.accounts.models import User
from caseloop.cases import changes
from caseloop.cases.models import Activity, Case, CustomField, Resolution, StatusReason
from caseloop.cases.models.activity import ActivityKind
from caseloop.followups.models import Enrolment, SuggestedAction
from tests import cast, factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(sofia: User, at_monday: datetime) -> Case:
    return factories.case("Contoso Coffee: grinder jams", now=at_monday - 11 * cast.DAY, owner=sofia)


def filled(**changed: object) -> dict[str, object]:
    reason = StatusReason.objects.get(key="no_response")
    return {"status_reason": reason.pk, "text": "No answer", "total_minutes": 42, "billable_minutes": 15, **changed}


def test_resolving_cancels_open_activities_ends_the_series_and_can_be_undone(
    as_sofia: Client, case: Case, sofia: User, at_monday: datetime
) -> None:
    changes.add_work(case.pk, ActivityKind.TASK, "Check returned packs", actor=sofia, now=at_monday, due_at=None)
    cast.suggested_resolution(case, at_monday, cast.series(case, at_monday))
    form = as_sofia.get(f"/cases/{case.number}/resolution").text
    assert "1 open activity</a> will be cancelled" in form
    assert "task “Check returned packs”" in form

    page = as_sofia.post(f"/cases/{case.number}/resolution", filled(), follow=True).text
    assert "Case resolved, 1 open activity cancelled." in page
    assert "Resolved as No Response" in page
    made = Resolution.objects.get()
    assert (made.total_minutes, made.billable_minutes, made.resolved_by) == (42, 15, sofia)
    assert Activity.objects.get(kind="task").state == "cancelled"
    assert Enrolment.objects.get().state == "ended"
    assert SuggestedAction.objects.get().state == "done"

    as_sofia.post(f"/cases/{case.number}/reopening")
    assert Case.objects.get(pk=case.pk).status == "active"


@pytest.mark.parametrize("reason, key", [("silent", "no_response"), ("favorable", "problem_solved")])
def test_problem_solved_is_filled_in_only_when_the_customer_said_so(
    as_sofia: Client, case: Case, at_monday: datetime, reason: str, key: str
) -> None:
    cast.suggested_resolution(case, at_monday, cast.series(case, at_monday))
    SuggestedAction.objects.update(reason=reason)
    form = as_sofia.get(f"/cases/{case.number}/resolution").text
    assert f'<option value="{StatusReason.objects.get(key=key).pk}" selected>' in form


def test_without_a_suggestion_nothing_is_chosen_for_the_person(as_sofia: Client, case: Case) -> None:
    assert '<option value="" selected>Choose …</option>' in as_sofia.get(f"/cases/{case.number}/resolution").text


def test_what_blocks_it_is_named_and_what_was_typed_is_kept(as_sofia: Client, case: Case) -> None:
    CustomField.objects.create(key="cause", label="Root cause", type="text", is_required_to_resolve=True)
    answer = as_sofia.post(f"/cases/{case.number}/resolution", filled(remarks="Three mails"))
    assert answer.status_code == 422
    assert "The field “Root cause” is required." in answer.text
    assert "Three mails" in answer.text
    assert Case.objects.get(pk=case.pk).status == "active"


def test_more_billable_than_total_time_is_refused_beside_the_field(as_sofia: Client, case: Case) -> None:
    answer = as_sofia.post(f"/cases/{case.number}/resolution", filled(billable_minutes=99))
    assert answer.status_code == 422
    assert "Not more than the total time." in answer.text


def test_as_a_dialog_it_is_the_form_alone_and_leads_on_by_itself(as_sofia: Client, case: Case) -> None:
    htmx = {"HX-Request": "true"}
    form = as_sofia.get(f"/cases/{case.number}/resolution", headers=htmx).text
    assert "<html" not in form
    done = as_sofia.post(f"/cases/{case.number}/resolution", filled(), headers=htmx)
    assert done.headers["HX-Redirect"] == f"/cases/{case.number}"


def test_a_case_that_a_colleague_resolved_meanwhile_says_so(
    as_sofia: Client, case: Case, sofia: User, at_monday: datetime
) -> None:
    as_sofia.post(f"/cases/{case.number}/resolution", filled())
    again = as_sofia.post(f"/cases/{case.number}/resolution", filled())
    assert again.status_code == 422
    assert "It is resolved already." in again.text
    assert Resolution.objects.count() == 1
