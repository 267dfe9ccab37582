"""One turn of the loop: due cases are claimed, looked at, decided and acted on, in batches."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import pytest

from caseloop.accounts.models import Role
from caseloop.administration.models import GlobalSettings
from caseloop.cases.marking import mark
from caseloop.cases.models import Case, CaseReview, Contact, StatusReason
from caseloop.domain.lifecycle import MessageState
from caseloop.followups import rules
from caseloop.followups.models import Enrolment, Rule, SuggestedAction
from caseloop.followups.prepare import Helpers
from caseloop.followups.review import claim, review_due
from caseloop.followups.sweep import sweep
from caseloop.mail.models import Mailbox, Message
from tests import factories

pytestmark = pytest.mark.django_db

CONTOSO = {"all": [{"field": "title", "operator": "contains", "value": "Contoso Coffee"}]}


def a_rule(level: str, now: datetime, **more: object) -> Rule:
    fields = rules.RuleFields(
        waits=["48 hours"] * 3,
        conditions=CONTOSO,
        plain={
            "name": f"Contoso Coffee, {level}",
            "level": level,
            "trigger_status_reason": StatusReason.objects.get(key="on_hold"),
            "follow_ups": 3,
            "closes_without_notice": True,
            **more,
        },
    )
    manager = factories.user("mira", Role.MANAGER)
    GlobalSettings.current()
    GlobalSettings.objects.update(is_on=True, is_live=True, needs_second_yes=False)
    rule = rules.save_rule(fields, actor=manager, now=now)
    return rules.activate(rule.pk, actor=manager, now=now)


def we_wrote(case: Case, at: datetime) -> Message:
    message = Message.objects.create(
        case=case,
        mailbox=factories.mailbox(),
        direction="out",
        state=MessageState.SENT.value,
        origin="person",
        author=case.owner,
        message_id=f"<{uuid.uuid4()}@contoso.example>",
        from_address="support@contoso.example",
        to_addresses=["anna@cafe.example"],
        subject=f"Your grinder [{case.number}]",
        text="Does it work now?",
        occurred_at=at,
        approved_at=at,
        sent_at=at,
    )
    Case.objects.filter(pk=case.pk).update(last_outbound_at=at, next_move="customer")
    mark([case.pk], at)
    return message


def read_mailboxes(now: datetime) -> None:
    Mailbox.objects.update(read_through_at=now, last_arrival_at=now)


def look(now: datetime) -> None:
    for _ in range(5):
        if not review_due(lambda: now, Helpers.builtin()):
            return


def test_a_series_starts_after_our_mail_and_waits_48_hours(monday: datetime) -> None:
    rule = a_rule("full", monday)
    case = factories.case(now=monday)
    we_wrote(case, monday)
    look(monday)
    series = Enrolment.objects.get(case=case)
    assert (series.rule, series.state) == (rule, "running")
    assert CaseReview.objects.get(case=case).review_at == monday + timedelta(hours=48)


def test_under_full_automation_the_follow_up_is_approved_by_the_application_user(monday: datetime) -> None:
    a_rule("full", monday)
    case = factories.case(now=monday)
    we_wrote(case, monday)
    look(monday)
    wednesday = monday + timedelta(hours=48)

    look(wednesday)
    assert not SuggestedAction.objects.exists(), "silence is not proven yet"
    assert Mailbox.objects.get().read_wanted_at == wednesday

    read_mailboxes(wednesday + timedelta(seconds=1))
    mark([case.pk], wednesday + timedelta(seconds=1))
    look(wednesday + timedelta(seconds=2))
    action = SuggestedAction.objects.get()
    assert action.decided_by is not None
    assert action.decided_by.is_application_user
    assert (action.step, action.state, action.reason) == (2, "approved", "silent")
    assert action.evidence["read_through"] == {"support@contoso.example": "2026-11-25T10:14:01+00:00"}
    assert action.message is not None
    assert action.message.state == "approved"
    assert action.message.to_addresses == ["anna@cafe.example"]
    assert case.number in action.message.subject


def test_under_confirmation_a_person_gets_a_draft(monday: datetime) -> None:
    a_rule("confirm", monday)
    case = factories.case(now=monday)
    we_wrote(case, monday)
    look(monday)
    wednesday = monday + timedelta(hours=48, seconds=2)
    read_mailboxes(wednesday)
    look(wednesday)
    action = SuggestedAction.objects.get()
    assert (action.state, action.kind, action.message and action.message.state) == (
        "proposed",
        "send_follow_up",
        "draft",
    )
    assert CaseReview.objects.get(case=case).review_at is None


def test_a_mark_that_came_between_wins_and_the_old_look_is_thrown_away(monday: datetime) -> None:
    case = factories.case(now=monday)
    lease = uuid.uuid4()
    assert claim(monday, lease, 10) == [case.pk]
    assert claim(monday, uuid.uuid4(), 10) == [], "leased to somebody else"
    mark([case.pk], monday)
    assert claim(monday, uuid.uuid4(), 10) == [case.pk]


def test_the_lease_of_a_dead_worker_ends_after_five_minutes(monday: datetime) -> None:
    case = factories.case(now=monday)
    claim(monday, uuid.uuid4(), 10)
    assert claim(monday + timedelta(minutes=4, seconds=59), uuid.uuid4(), 10) == []
    assert claim(monday + timedelta(minutes=5), uuid.uuid4(), 10) == [case.pk]


def test_a_rule_that_cannot_be_read_is_broken_alone_and_the_others_go_on(monday: datetime) -> None:
    unreadable = a_rule("full", monday)
    good = a_rule("confirm", monday)
    Rule.objects.filter(pk=unreadable.pk).update(conditions={"all": [{"field": "shoe size", "operator": "equals"}]})
    case = factories.case(now=monday)
    we_wrote(case, monday)
    look(monday)
    unreadable.refresh_from_db()
    assert unreadable.state == "broken"
    assert "shoe size" in unreadable.broken_reason
    assert Enrolment.objects.get(case=case).rule == good


def test_the_sweep_finds_a_case_whose_rule_changed_without_a_mark(monday: datetime) -> None:
    rule = a_rule("confirm", monday, name="Only of Löwenherz")
    Rule.objects.filter(pk=rule.pk).update(
        conditions={"all": [{"field": "contact.name", "operator": "contains", "value": "löwenherz"}]}
    )
    case = factories.case(now=monday)
    Contact.objects.update(name="Somebody else")
    we_wrote(case, monday)
    look(monday)
    assert not Enrolment.objects.exists()
    assert sweep(monday).found == 0

    Contact.objects.update(name="Anna Löwenherz")
    assert sweep(monday).found == 1
    look(monday)
    assert Enrolment.objects.get(case=case).rule == rule
    assert sweep(monday).found == 0


def test_a_series_of_another_version_goes_to_a_person_and_the_rest_of_its_batch_goes_on(monday: datetime) -> None:
    a_rule("full", monday)
    odd, fine = factories.case(now=monday), factories.case(now=monday)
    for case in (odd, fine):
        we_wrote(case, monday)
    look(monday)
    Enrolment.objects.filter(case=odd).update(policy={"schema": 99})
    mark([odd.pk, fine.pk], monday)
    look(monday)
    assert CaseReview.objects.get(case=fine).review_at == monday + timedelta(hours=48)
    assert SuggestedAction.objects.get(case=odd).reason == "unknown_schema"


def test_a_case_that_fails_by_itself_is_put_aside_for_an_hour_and_the_others_go_on(monday: datetime) -> None:
    a_rule("full", monday)
    bad, fine = factories.case(now=monday), factories.case(now=monday)
    for case in (bad, fine):
        we_wrote(case, monday)
    CaseReview.objects.filter(case=bad).update(review_at=monday - timedelta(minutes=1))
    Message.objects.filter(case=bad).update(bounce="nonsense")
    look(monday)
    aside = CaseReview.objects.get(case=bad)
    assert (aside.review_at, aside.lease) == (monday + timedelta(hours=1), None)
    assert "nonsense" in aside.last_error
    assert Enrolment.objects.get(case=fine).state == "running"
