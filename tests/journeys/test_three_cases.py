"""One answer names several cases: none of them goes on until a person has said which it concerns."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.journeys.stage import on_stage

pytestmark = pytest.mark.django_db

MONDAY_9 = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WEDNESDAY_10 = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)


def test_an_answer_about_three_cases_holds_all_of_them() -> None:
    with on_stage(MONDAY_9) as stage:
        stage.rule("full")
        cases = [stage.case(f"Contoso Coffee: machine {number}") for number in (1, 2, 3)]
        for case in cases:
            stage.we_write(case, f"Does machine work now? {case.number}")
        numbers = ", ".join(case.number for case in cases)
        stage.customer_answers(f"About {numbers}: we will look at it.", reply=False, subject=f"Re: {numbers}")
        before = stage.automatic_mails()
        stage.run_for(days=20)
        assert stage.automatic_mails() == before
        assert [stage.fresh(case).status for case in cases] == ["active"] * 3
