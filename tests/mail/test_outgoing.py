"""What people do with a mail before it is claimed for sending: write, keep, take back, throw away."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from caseloop.cases.models import Case
from caseloop.followups.models import SuggestedAction
from caseloop.mail import outgoing
from caseloop.mail.errors import MailError, TooLate
from caseloop.mail.models import Message
from caseloop.mail.outgoing import INTERNAL, Letter
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(monday: datetime) -> Case:
    factories.mailbox()
    return factories.case("Grinder jams", now=monday)


def a_letter(*to: str, text: str = "Does it work now?") -> Letter:
    return Letter(to=to or ("anna@cafe.example",), subject="Your grinder", text=text)


def written(case: Case, now: datetime, letter: Letter | None = None) -> Message:
    return outgoing.write_mail(case.pk, letter or a_letter(), author=factories.user(), now=now)


def test_a_mail_carries_the_case_number_once(case: Case, monday: datetime) -> None:
    mail = written(case, monday)
    assert mail.subject == f"Your grinder [{case.number}]"
    again = written(case, monday, Letter(to=["anna@cafe.example"], subject=mail.subject, text="Hello"))
    assert again.subject == mail.subject


def test_a_withdrawn_mail_is_never_sent_and_its_words_are_kept(case: Case, monday: datetime) -> None:
    mail = outgoing.withdraw(written(case, monday).pk, now=monday)
    assert (mail.state, mail.text) == ("discarded", "Does it work now?")
    with pytest.raises(TooLate):
        outgoing.withdraw(mail.pk, now=monday)


def test_what_is_on_its_way_cannot_be_withdrawn(case: Case, monday: datetime) -> None:
    mail = written(case, monday)
    Message.objects.filter(pk=mail.pk).update(state="sending")
    with pytest.raises(TooLate, match="sending already"):
        outgoing.withdraw(mail.pk, now=monday)


def test_a_suggested_mail_is_taken_back_with_its_suggestion_only(case: Case, monday: datetime) -> None:
    mail = written(case, monday)
    SuggestedAction.objects.create(
        case=case, kind="send_follow_up", state="approved", message=mail, reason="silent", created_at=monday
    )
    with pytest.raises(MailError, match="Take the suggestion back there"):
        outgoing.withdraw(mail.pk, now=monday)
    mail.refresh_from_db()
    assert mail.state == "approved"


def test_a_mail_to_nobody_on_the_customers_side_is_none_of_our_mails(case: Case, monday: datetime) -> None:
    assert written(case, monday, a_letter("workshop@parts.example")).letter["purpose"] == INTERNAL
    assert "purpose" not in written(case, monday).letter


@pytest.mark.parametrize(
    ("letter", "said"),
    [
        (a_letter("nobody"), "“nobody” is not a mail address"),
        (Letter(to=[], subject="x", text="y"), "needs a recipient"),
        (a_letter(text="   "), "needs some text"),
        (a_letter(*[f"c{n}@cafe.example" for n in range(51)]), "at most 50 addresses"),
    ],
)
def test_a_bad_mail_is_refused_with_a_sentence_and_not_kept(
    case: Case, monday: datetime, letter: Letter, said: str
) -> None:
    with pytest.raises(MailError, match=said):
        written(case, monday, letter)
    assert not Message.objects.exists()


def test_a_draft_is_kept_changed_and_sent_by_whoever_approves_it(case: Case, monday: datetime) -> None:
    sofia, jonas = factories.user("sofia"), factories.user("jonas")
    draft = outgoing.save_draft(case.pk, a_letter(), author=sofia, now=monday)
    outgoing.save_draft(case.pk, a_letter(text="Better words"), author=sofia, now=monday, draft_id=draft.pk)
    later = monday + timedelta(minutes=5)
    mail = outgoing.approve(draft.pk, author=jonas, now=later)
    assert (mail.state, mail.text, mail.author, mail.not_before) == ("approved", "Better words", jonas, later)
    with pytest.raises(TooLate):
        outgoing.save_draft(case.pk, a_letter(), author=sofia, now=later, draft_id=draft.pk)
    assert outgoing.take_back(mail.pk, now=later).state == "draft"


def test_without_a_mailbox_there_is_a_sentence_that_says_what_to_do(monday: datetime) -> None:
    case = factories.case("Grinder jams", now=monday)
    with pytest.raises(MailError, match="connect one"):
        written(case, monday)
