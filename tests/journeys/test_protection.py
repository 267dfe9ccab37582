"""A protection is set while a series runs: it holds at once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from caseloop.followups.models import Protection
from tests.journeys.stage import on_stage

pytestmark = pytest.mark.django_db

MONDAY_9 = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WEDNESDAY_10 = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)


def test_never_automate_ends_the_running_series() -> None:
    with on_stage(MONDAY_9) as stage:
        stage.rule("full")
        case = stage.case()
        stage.we_write(case)
        stage.run_until(WEDNESDAY_10)
        assert stage.automatic_mails() == 1
        Protection.objects.create(name="VIP", effect="never", contact=case.contact)
        stage.run_for(days=20)
        assert stage.automatic_mails() == 1
        assert stage.fresh(case).status == "active"


def test_at_most_confirmation_asks_a_person_from_then_on() -> None:
    with on_stage(MONDAY_9) as stage:
        stage.rule("full")
        case = stage.case()
        stage.we_write(case)
        stage.run_until(WEDNESDAY_10)
        Protection.objects.create(name="Grinders", effect="at_most_confirm", queue=case.queue)
        stage.run_for(days=4)
        assert stage.automatic_mails() == 1
        card = stage.open_action(case)
        assert card is not None
        assert (card.state, card.step) == ("proposed", 3)
