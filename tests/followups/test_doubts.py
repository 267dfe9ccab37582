"""*Does this mail answer this case too?* What a person's answer does to both cases (spec 3.14)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from caseloop.cases.models import Activity, Case
from caseloop.followups import doubts
from caseloop.followups.errors import FollowUpError
from caseloop.followups.models import Enrolment, SuggestedAction
from caseloop.mail.models import MailDoubt, Message, Participant
from tests import factories
from tests.followups.loop import TWO_DAYS, a_rule, again, customer_wrote, look, look_after, send, we_wrote

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def two_cases(monday: datetime) -> tuple[Case, Case, Message, MailDoubt]:
    """Anna's grinder and her steam wand wait for her; her mail was filed to the grinder and may mean the wand."""
    a_rule("full", monday)
    grinder, wand = (
        factories.case("Contoso Coffee: grinder", now=monday),
        factories.case("Contoso Coffee: wand", now=monday),
    )
    for case in (grinder, wand):
        we_wrote(case, monday)
    look(monday)
    mail = customer_wrote(grinder, monday + HOUR, label="question")
    doubt = MailDoubt.objects.create(message=mail, case=wand, reason="new mail", asked_at=monday + HOUR)
    look(monday + HOUR)
    return grinder, wand, mail, doubt


def test_an_open_question_holds_the_case_and_a_no_lets_it_go_on(
    two_cases: tuple[Case, Case, Message, MailDoubt], monday: datetime
) -> None:
    _, wand, _, doubt = two_cases
    look_after(wand, monday + TWO_DAYS)
    assert not SuggestedAction.objects.filter(case=wand).exists()
    doubts.answer(doubt.pk, "no", actor=factories.user(), now=monday + TWO_DAYS)
    look_after(wand, monday + TWO_DAYS)
    assert SuggestedAction.objects.get(case=wand).state == "approved"


def test_a_yes_makes_it_an_answer_of_both(two_cases: tuple[Case, Case, Message, MailDoubt], monday: datetime) -> None:
    grinder, wand, mail, doubt = two_cases
    doubts.answer(doubt.pk, "yes", actor=factories.user(), now=monday + 2 * HOUR)
    look(monday + 2 * HOUR)
    for case in (grinder, wand):
        assert SuggestedAction.objects.get(case=case, state="proposed").answered_message == mail
    assert again(wand).next_move == "us"
    with pytest.raises(FollowUpError, match="answered already"):
        doubts.answer(doubt.pk, "no", actor=factories.user(), now=monday + 3 * HOUR)


def test_a_moved_mail_leaves_its_former_case_waiting_for_the_customer_as_before(
    two_cases: tuple[Case, Case, Message, MailDoubt], monday: datetime
) -> None:
    """The grinder's series had ended because of that mail; it goes on, and nobody is asked to reply there."""
    grinder, wand, mail, doubt = two_cases
    card = SuggestedAction.objects.get(case=grinder)
    assert (card.kind, again(grinder).next_move) == ("reply_to_customer", "us")
    doubts.answer(doubt.pk, "moved", actor=factories.user(), now=monday + 2 * HOUR)
    look(monday + 2 * HOUR)

    grinder, wand = again(grinder), again(wand)
    assert (grinder.next_move, grinder.last_inbound_at) == ("customer", None)
    assert again(card).state == "superseded"
    assert Enrolment.objects.get(case=grinder, state="running")
    look_after(grinder, monday + TWO_DAYS)
    follow_up = SuggestedAction.objects.get(case=grinder, state="approved")
    assert follow_up.step == 2, "it keeps its count"
    assert send(monday + TWO_DAYS + timedelta(seconds=1)).sent == 1

    assert (wand.next_move, wand.last_inbound_subject) == ("us", mail.subject)
    assert SuggestedAction.objects.get(case=wand, state="proposed").answered_message == mail
    assert again(mail).case == wand
    assert Activity.objects.get(message=mail).case == wand
    assert Participant.objects.filter(case=wand, address="anna@cafe.example").exists()
    assert Activity.objects.filter(case=grinder, subject=f"A mail was moved to {wand.number}").exists()


def test_moving_a_strangers_mail_does_not_make_it_trusted(
    two_cases: tuple[Case, Case, Message, MailDoubt], monday: datetime
) -> None:
    _, wand, mail, doubt = two_cases
    Message.objects.filter(pk=mail.pk).update(from_address="eve@elsewhere.example")
    doubts.answer(doubt.pk, "moved", actor=factories.user(), now=monday + 2 * HOUR)
    assert again(mail).is_trusted is False
    assert not Participant.objects.filter(case=wand, is_trusted=True).exists()
