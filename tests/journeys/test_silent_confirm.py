"""A customer stays silent under confirmation: a person reviews and sends, and a person resolves."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from caseloop.cases.models import StatusReason
from caseloop.cases.resolving import ResolutionDetails
from caseloop.followups import approvals
from tests.journeys.stage import on_stage

pytestmark = pytest.mark.django_db

MONDAY_9 = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WEDNESDAY_10 = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)


def test_nothing_goes_out_before_a_person_has_sent_it() -> None:
    with on_stage(MONDAY_9) as stage:
        stage.rule("confirm")
        case = stage.case()
        stage.we_write(case)
        sofia = case.owner
        assert sofia is not None

        stage.run_until(WEDNESDAY_10)
        card = stage.open_action(case)
        assert card is not None
        assert (card.kind, card.step) == ("send_follow_up", 2)
        assert len(stage.mails_to()) == 1, "only Sofia's own mail so far"

        approvals.approve(card.pk, actor=sofia, now=stage.now)
        stage.settle()
        assert len(stage.mails_to()) == 2
        assert stage.automatic_mails() == 0, "a person sent it, so it is not marked as automatic"

        stage.run_for(hours=50)
        card = stage.open_action(case)
        assert card is not None
        assert (card.kind, card.step) == ("send_next_follow_up", 3)
        approvals.approve(card.pk, actor=sofia, now=stage.now)
        stage.settle()

        stage.run_for(days=5)
        card = stage.open_action(case)
        assert card is not None
        assert card.kind == "resolve_case"
        assert stage.fresh(case).status == "active", "the agent only suggests it"

        details = ResolutionDetails(status_reason=StatusReason.objects.get(key="no_response"))
        approvals.resolve(case.pk, details, actor=sofia, now=stage.now)
        stage.run_for(days=10)
        assert stage.fresh(case).status == "resolved"
        assert len(stage.mails_to()) == 3


def test_a_discarded_draft_goes_and_the_card_stays() -> None:
    with on_stage(MONDAY_9) as stage:
        stage.rule("confirm")
        case = stage.case()
        stage.we_write(case)
        stage.run_until(WEDNESDAY_10)
        card = stage.open_action(case)
        assert card is not None
        assert case.owner is not None
        approvals.discard(card.pk, actor=case.owner, now=stage.now)
        stage.run_for(hours=5)
        card = stage.open_action(case)
        assert card is not None
        assert card.message is None
        assert len(stage.mails_to()) == 1


def test_what_is_stopped_stays_stopped_until_our_next_mail() -> None:
    with on_stage(MONDAY_9) as stage:
        stage.rule("confirm")
        case = stage.case()
        stage.we_write(case)
        stage.run_until(WEDNESDAY_10)
        assert case.owner is not None
        approvals.stop(case.pk, actor=case.owner, now=stage.now)
        stage.run_for(days=10)
        assert stage.open_action(case) is None

        stage.we_write(case, "One more question: which model is it?")
        stage.run_for(hours=49)
        card = stage.open_action(case)
        assert card is not None
        assert card.step == 2
