"""A customer stays silent under full automation: two follow-ups go out, then the case is resolved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from caseloop.cases.models import Resolution
from caseloop.followups.models import SuggestedAction
from tests.journeys.stage import on_stage

pytestmark = pytest.mark.django_db

MONDAY_9 = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def test_a_silent_customer_is_followed_up_twice_and_the_case_resolved() -> None:
    with on_stage(MONDAY_9) as stage:
        stage.rule("full")
        case = stage.case()
        stage.we_write(case)

        stage.run_until(MONDAY_9 + timedelta(hours=47))
        assert stage.automatic_mails() == 0, "the wait of 48 hours is not over"

        stage.run_until(MONDAY_9 + timedelta(hours=49))
        assert stage.automatic_mails() == 1, "follow-up 2 of 3 on Wednesday"

        stage.run_until(MONDAY_9 + timedelta(hours=98))
        assert stage.automatic_mails() == 2, "follow-up 3 of 3 on Friday"
        last = stage.last_mail_to().get_body(("plain",)).get_content()
        assert "November 30, 2026" in last, "the last one says the closing date: Sunday is no day for closing"

        stage.run_until(datetime(2026, 11, 30, 7, 59, tzinfo=UTC))
        assert stage.fresh(case).status == "active"

        stage.run_until(datetime(2026, 11, 30, 8, 5, tzinfo=UTC))
        assert stage.fresh(case).status == "resolved"
        resolution = Resolution.objects.get(case=case)
        assert (resolution.status_reason.name, resolution.resolved_by.is_application_user) == ("No Response", True)
        closing = SuggestedAction.objects.get(case=case, resolution=resolution)
        assert closing.evidence["read_through"], "the proof of silence is kept with the act"

        stage.run_for(days=30)
        assert stage.automatic_mails() == 2
