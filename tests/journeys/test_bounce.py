"""A follow-up cannot be delivered: the series stops, the address is marked, a person is told."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from caseloop.cases.models import ContactAddress
from tests.journeys.stage import ANNA, on_stage

pytestmark = pytest.mark.django_db

MONDAY_9 = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WEDNESDAY_10 = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)


def test_a_dead_address_stops_the_series_and_is_marked() -> None:
    with on_stage(MONDAY_9) as stage:
        stage.rule("full")
        case = stage.case()
        stage.we_write(case)
        stage.mail.bounce(ANNA)
        stage.run_until(WEDNESDAY_10)
        stage.run_for(minutes=5)
        card = stage.open_action(case)
        assert card is not None
        assert (card.kind, card.reason) == ("needs_attention", "undeliverable")
        assert ContactAddress.objects.get(address=ANNA).undeliverable_since is not None
        stage.run_for(days=30)
        assert stage.fresh(case).status == "active", "silence of a dead address is none"
        assert stage.automatic_mails() == 1


def test_a_server_that_refuses_the_recipient_goes_to_a_person() -> None:
    with on_stage(MONDAY_9) as stage:
        stage.rule("full")
        case = stage.case()
        stage.we_write(case)
        stage.mail.refuse(ANNA, 550, "5.1.1 unknown user")
        stage.run_until(WEDNESDAY_10)
        stage.run_for(days=10)
        assert stage.fresh(case).status == "active"
        assert stage.automatic_mails() == 0
        card = stage.open_action(case)
        assert card is not None
        assert card.kind == "needs_attention"
