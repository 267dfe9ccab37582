"""An answer from somebody else: it can hold a series, and never end it favorably or close anything."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.journeys.stage import on_stage

pytestmark = pytest.mark.django_db

MONDAY_9 = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WEDNESDAY_10 = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize("sender", ["ben@cafe.example", "stranger@elsewhere.example"])
def test_a_colleague_or_a_stranger_who_says_thanks_only_holds_the_series(sender: str) -> None:
    with on_stage(MONDAY_9) as stage:
        stage.rule("full", on_favorable="resolve")
        case = stage.case()
        stage.we_write(case)
        stage.run_until(WEDNESDAY_10)
        sent = stage.automatic_mails()
        stage.customer_answers("Thanks, it works perfectly now, please close the case.", sender=sender)
        stage.run_for(days=20)
        assert stage.fresh(case).status == "active"
        assert stage.automatic_mails() == sent
        card = stage.open_action(case)
        assert card is not None
        assert card.kind == "reply_to_customer"
