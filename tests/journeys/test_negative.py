"""The customer is unhappy: the series stops at both levels, and a person gets *Reply to customer*."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from caseloop.followups.models import Enrolment
from tests.journeys.stage import on_stage

pytestmark = pytest.mark.django_db

MONDAY_9 = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WEDNESDAY_10 = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize("level", ["full", "confirm"])
def test_an_angry_answer_stops_everything_and_asks_a_person(level: str) -> None:
    with on_stage(MONDAY_9) as stage:
        stage.rule(level)
        case = stage.case()
        stage.we_write(case)
        stage.run_until(WEDNESDAY_10)
        sent = len(stage.mails_to())
        stage.customer_answers("No, it still does not work. This is the third time and I am really disappointed.")

        card = stage.open_action(case)
        assert card is not None
        assert card.kind == "reply_to_customer"
        assert card.message is not None
        assert card.message.state == "draft"
        assert Enrolment.objects.get(case=case).state == "ended"
        stage.run_for(days=30)
        assert stage.fresh(case).status == "active"
        assert len(stage.mails_to()) == sent, "the agent never answers by itself"


def test_it_holds_the_contacts_other_series_too() -> None:
    with on_stage(MONDAY_9) as stage:
        stage.rule("full")
        angry = stage.case("Contoso Coffee: grinder jams")
        other = stage.case("Contoso Coffee: invoice")
        stage.we_write(other, "Is the invoice right now?")
        stage.we_write(angry)
        stage.run_for(minutes=5)
        stage.customer_answers("No, it still does not work. This is terrible, I am very disappointed.")
        before = stage.automatic_mails()
        stage.run_for(days=5)
        assert stage.automatic_mails() == before
        assert stage.fresh(other).status == "active"
