"""The customer answers by a new mail without any reference: doubt holds the series."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from caseloop.followups import doubts
from caseloop.mail.models import MailDoubt
from tests.journeys.stage import on_stage

pytestmark = pytest.mark.django_db

MONDAY_9 = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WEDNESDAY_10 = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)


def test_a_new_mail_of_the_contact_holds_the_series_until_a_person_answers() -> None:
    with on_stage(MONDAY_9) as stage:
        stage.rule("full")
        case = stage.case()
        stage.we_write(case)
        stage.run_until(WEDNESDAY_10)
        sent = stage.automatic_mails()
        stage.customer_answers("It is still jammed!", reply=False, subject="Grinder")
        stage.run_for(days=20)
        assert stage.automatic_mails() == sent
        assert stage.fresh(case).status == "active"
        doubt = MailDoubt.objects.get(case=case)
        assert doubt.answer == ""

        sofia = case.owner
        assert sofia is not None
        doubts.answer(doubt.pk, "no", actor=sofia, now=stage.now)
        stage.run_for(days=4)
        assert stage.automatic_mails() == sent + 1, "the hold is lifted"


def test_said_to_answer_the_case_it_is_an_answer() -> None:
    with on_stage(MONDAY_9) as stage:
        stage.rule("full")
        case = stage.case()
        stage.we_write(case)
        stage.run_until(WEDNESDAY_10)
        stage.customer_answers("It is still jammed and does not work!", reply=False, subject="Grinder")
        sofia = case.owner
        assert sofia is not None
        doubts.answer(MailDoubt.objects.get(case=case).pk, "yes", actor=sofia, now=stage.now)
        stage.settle()
        card = stage.open_action(case)
        assert card is not None
        assert card.kind == "reply_to_customer"
