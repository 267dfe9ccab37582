"""Protections stand above all rules, and the strongest of them holds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from caseloop.cases.models import Case
from caseloop.followups.conditions.matching import protections_of_cases
from caseloop.followups.models import Protection
from caseloop.mail.models import Message
from tests import factories

pytestmark = pytest.mark.django_db
REFUND = {"field": "title", "operator": "contains any of", "value": ["refund", "lawyer", "complaint"]}


def protection(name: str, effect: str = "never", **fields: Any) -> Protection:
    return Protection.objects.create(name=name, effect=effect, **fields)


def test_never_beats_at_most_confirmation(monday: datetime) -> None:
    case = factories.case("My LAWYER says", now=monday)
    mild = protection("a mild one", "at_most_confirm", case=case)
    strong = protection("the strong one", "never", conditions=REFUND)

    assert protections_of_cases([case.pk], [mild, strong], monday) == {case.pk: strong}


@pytest.mark.parametrize("what", ["contact", "organization", "queue", "case"])
def test_it_protects_what_it_names_and_nothing_else(what: str, monday: datetime) -> None:
    organization = factories.organization()
    anna = factories.contact(organization=organization)
    mine = factories.case(now=monday, contact=anna, queue=factories.queue("VIP"))
    factories.case(now=monday, contact=factories.contact("Bob", "bob@x.example"), queue=factories.queue("Support"))
    targets = {"contact": anna, "organization": organization, "queue": mine.queue, "case": mine}
    named = protection("named", **{what: targets[what]})

    every = list(Case.objects.values_list("pk", flat=True))

    assert protections_of_cases(every, [named], monday) == {mine.pk: named}


def test_an_organization_protects_its_contacts_cases_too(monday: datetime) -> None:
    organization = factories.organization()
    case = factories.case(now=monday, contact=factories.contact(organization=organization))
    Case.objects.filter(pk=case.pk).update(organization=None)
    named = protection("named", organization=organization)

    assert protections_of_cases([case.pk], [named], monday) == {case.pk: named}


def test_a_blank_condition_beside_a_named_contact_does_not_protect_everybody(monday: datetime) -> None:
    case = factories.case(now=monday)
    other = factories.contact("Bob", "bob@x.example")
    both = protection("both", contact=other, conditions={})
    blank = protection("blank", conditions={})

    assert protections_of_cases([case.pk], [both], monday) == {}
    assert protections_of_cases([case.pk], [blank], monday) == {case.pk: blank}


def test_one_that_cannot_be_read_protects_every_case(monday: datetime) -> None:
    case = factories.case(now=monday)
    unreadable = protection("unreadable", conditions={"field": "custom.gone", "operator": "is empty"})

    assert protections_of_cases([case.pk], [unreadable], monday) == {case.pk: unreadable}


def test_one_that_is_off_protects_nothing(monday: datetime) -> None:
    case = factories.case(now=monday)
    off = protection("off", case=case, is_active=False)

    assert protections_of_cases([case.pk], [off], monday) == {}


@pytest.mark.parametrize(
    ("fields", "is_protected"),
    [
        ({"direction": "in", "kind": "human", "subject": "I want a REFUND"}, True),
        ({"direction": "in", "kind": "human", "text": "or my lawyer writes"}, True),
        ({"direction": "in", "kind": "human", "text": "thank you"}, False),
        ({"direction": "out", "state": "draft", "text": "the refund"}, False),
    ],
)
def test_any_mail_of_the_case_can_protect_it(fields: dict[str, Any], is_protected: bool, monday: datetime) -> None:
    case = factories.case(now=monday)
    other = factories.case(now=monday)
    Message.objects.create(case=case, mailbox=factories.mailbox(), occurred_at=monday, **fields)
    shipped = protection("shipped", conditions={"any": [REFUND, {**REFUND, "field": "any_mail"}]})

    found = protections_of_cases([case.pk, other.pk], [shipped], monday)

    assert found == ({case.pk: shipped} if is_protected else {})
