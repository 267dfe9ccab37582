"""A phone call is logged: of the customer it is an answer; of ours it starts the wait anew."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from caseloop.cases.changes import log_contact
from caseloop.cases.models.activity import ActivityKind, Direction
from caseloop.followups.models import SuggestedAction
from tests.journeys.stage import on_stage

pytestmark = pytest.mark.django_db

MONDAY_9 = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WEDNESDAY_10 = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)


def test_a_call_of_the_customer_ends_the_series() -> None:
    with on_stage(MONDAY_9) as stage:
        stage.rule("full")
        case = stage.case()
        stage.we_write(case)
        stage.run_until(MONDAY_9 + timedelta(hours=10))
        assert case.owner is not None
        log_contact(
            case.pk, ActivityKind.PHONE_CALL, Direction.IN, "Anna called: still jams", actor=case.owner, now=stage.now
        )
        stage.run_for(days=20)
        assert stage.automatic_mails() == 0
        assert stage.fresh(case).status == "active"


def test_a_call_of_ours_starts_the_wait_anew_and_does_not_count() -> None:
    with on_stage(MONDAY_9) as stage:
        stage.rule("full")
        case = stage.case()
        stage.we_write(case)
        tuesday_9 = MONDAY_9 + timedelta(hours=24)
        stage.run_until(tuesday_9)
        assert case.owner is not None
        log_contact(case.pk, ActivityKind.PHONE_CALL, Direction.OUT, "Nobody there", actor=case.owner, now=stage.now)
        stage.run_until(WEDNESDAY_10)
        assert stage.automatic_mails() == 0, "48 hours after the mail, but only 25 after the call"
        stage.run_until(tuesday_9 + timedelta(hours=49))
        assert stage.automatic_mails() == 1
        assert SuggestedAction.objects.get(case=case).step == 2, "the call is no follow-up"
