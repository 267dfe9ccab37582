"""The page of a contact: where we write to, what bounced, and how a person mends it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client

from caseloop.accounts.models import User
from caseloop.cases.models import Activity, Case, CaseReview, ContactAddress
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(sofia: User, at_monday: datetime) -> Case:
    made = factories.case("Wrong plug", now=at_monday - timedelta(days=3), owner=sofia)
    ContactAddress.objects.update(undeliverable_since=at_monday, undeliverable_reason="550 5.1.1 user unknown")
    CaseReview.objects.update(review_at=None)
    return made


def test_a_bounced_address_is_marked_and_a_person_clears_it(as_sofia: Client, case: Case, at_monday: datetime) -> None:
    page = as_sofia.get(f"/contacts/{case.contact_id}").text
    assert "Undeliverable" in page
    assert "550 5.1.1 user unknown" in page
    assert "Wrong plug" in page
    as_sofia.post(f"/addresses/{ContactAddress.objects.get().pk}/clearance")
    assert ContactAddress.objects.get().undeliverable_since is None
    assert Activity.objects.filter(case=case, subject__contains="it works again").exists()
    assert CaseReview.objects.get(case=case).review_at == at_monday


def test_another_address_is_added_and_written_to_first(as_sofia: Client, case: Case) -> None:
    as_sofia.post(f"/contacts/{case.contact_id}/addresses", {"address": "Anna.Privat@gmx.example"})
    added = ContactAddress.objects.get(address="anna.privat@gmx.example")
    as_sofia.post(f"/addresses/{added.pk}/primary")
    assert ContactAddress.objects.get(is_primary=True) == added


@pytest.mark.parametrize(
    "typed, said", [("anna", "is not a mail address"), ("anna@cafe.example", "belongs to a contact already")]
)
def test_a_wrong_or_taken_address_is_refused_beside_the_field(
    as_sofia: Client, case: Case, typed: str, said: str
) -> None:
    answer = as_sofia.post(f"/contacts/{case.contact_id}/addresses", {"address": typed})
    assert answer.status_code == 422
    assert said in answer.text
    assert f'value="{typed}"' in answer.text
    assert ContactAddress.objects.count() == 1


def test_a_contact_of_hidden_cases_only_is_not_there(as_sofia: Client, case: Case) -> None:
    jonas = factories.user("jonas")
    Case.objects.update(queue=factories.queue("Legal", is_open_to_all=False), owner=jonas)
    assert as_sofia.get(f"/contacts/{case.contact_id}").status_code == 404
    assert as_sofia.post(f"/addresses/{ContactAddress.objects.get().pk}/clearance").status_code == 404


def test_an_auditor_reads_the_contact_and_changes_nothing(as_auditor: Client, case: Case) -> None:
    page = as_auditor.get(f"/contacts/{case.contact_id}").text
    assert "Undeliverable" in page
    assert "Clear mark" not in page
    assert as_auditor.post(f"/addresses/{ContactAddress.objects.get().pk}/clearance").status_code == 403
