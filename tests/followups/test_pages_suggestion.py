"""The Suggested actions card and the editor of its draft: approve, edit, hold, skip, stop, discard, and their limits."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client

from caseloop.accounts.models import User
from caseloop.cases.models import Case, StatusReason
from caseloop.followups.models import Enrolment, Reading, SuggestedAction
from caseloop.mail.models import Message
from tests import cast, factories

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def case(sofia: User, at_monday: datetime) -> Case:
    made = factories.case("Contoso Coffee: grinder jams", now=at_monday - 11 * cast.DAY, owner=sofia)
    cast.mail_out(made, at_monday - 3 * cast.DAY)
    return made


@pytest.fixture
def suggested(case: Case, at_monday: datetime) -> SuggestedAction:
    """*Send next follow-up*, with a draft; two hours old."""
    return cast.suggested_follow_up(case, at_monday - 2 * HOUR, cast.series(case, at_monday - 3 * cast.DAY))


@pytest.fixture
def answered(case: Case, at_monday: datetime) -> SuggestedAction:
    """*Reply to customer*, after a negative answer."""
    mail = cast.mail_in(case, at_monday - HOUR, "Leider derselbe Fehler", "negative", language="de")
    return cast.suggested_reply(case, at_monday - HOUR, cast.series(case, at_monday - 3 * cast.DAY), mail)


def as_drafted(action: SuggestedAction, **changed: str) -> dict[str, str]:
    assert action.message is not None
    return {
        "to": ", ".join(action.message.to_addresses),
        "subject": action.message.subject,
        "body": cast.DRAFT.replace("\n", "\r\n"),
        **changed,
    }


def message_of(action: SuggestedAction) -> Message:
    return Message.objects.get(pk=action.message_id)


def test_the_card_says_what_is_suggested_and_leads_to_the_draft(as_sofia: Client, suggested: SuggestedAction) -> None:
    page = as_sofia.get(f"/cases/{suggested.case.number}").text
    assert "Send next follow-up" in page
    assert f'href="/suggested-actions/{suggested.pk}/email"' in page
    for act in ("Hold until…", "Skip this one", "Stop follow-ups", "Resolve case", "Discard draft"):
        assert act in page
    editor = as_sofia.get(f"/suggested-actions/{suggested.pk}/email").text
    assert "Follow-up 2 of 3" in editor
    assert "could you try the new firmware?" in editor


def test_sending_waits_ten_seconds_for_undo(
    as_sofia: Client, sofia: User, suggested: SuggestedAction, at_monday: datetime
) -> None:
    page = as_sofia.post(f"/suggested-actions/{suggested.pk}/email", as_drafted(suggested), follow=True).text
    sent = message_of(suggested)
    assert (sent.state, sent.author, sent.not_before) == ("approved", sofia, at_monday + timedelta(seconds=10))
    assert f'action="/suggested-actions/{suggested.pk}/withdrawal"' in page

    as_sofia.post(f"/suggested-actions/{suggested.pk}/withdrawal")
    assert message_of(suggested).state == "draft"
    assert "Review and send email" in as_sofia.get(f"/cases/{suggested.case.number}").text


def test_an_unchanged_draft_goes_out_as_it_was_written(as_sofia: Client, suggested: SuggestedAction) -> None:
    before = message_of(suggested).html
    as_sofia.post(f"/suggested-actions/{suggested.pk}/email", as_drafted(suggested))
    after = message_of(suggested)
    assert (after.text, after.html) == (cast.DRAFT, before)
    assert "edited" not in after.letter


def test_an_edited_draft_goes_out_as_the_person_wrote_it(as_sofia: Client, suggested: SuggestedAction) -> None:
    as_sofia.post(f"/suggested-actions/{suggested.pk}/email", as_drafted(suggested, body="Dear Anna, does it run?"))
    after = message_of(suggested)
    assert "does it run?" in after.text
    assert "could you try the new firmware?" not in after.text, "only the mail it follows is quoted"
    assert after.letter["edited"] is True


def test_sending_can_set_the_status_reason_in_the_same_act(as_sofia: Client, suggested: SuggestedAction) -> None:
    waiting = StatusReason.objects.get(key="waiting_for_details")
    as_sofia.post(f"/suggested-actions/{suggested.pk}/email", as_drafted(suggested, sets_status_reason=str(waiting.pk)))
    assert message_of(suggested).sets_status_reason == waiting


def test_a_follow_up_never_crosses_a_mail_of_the_customer(
    as_sofia: Client, suggested: SuggestedAction, at_monday: datetime
) -> None:
    cast.mail_in(suggested.case, at_monday - timedelta(minutes=3), "It runs again, only the display …")
    typed = as_drafted(suggested, body="What I typed for ten minutes")
    answer = as_sofia.post(f"/suggested-actions/{suggested.pk}/email", typed)
    assert answer.status_code == 409
    assert "The customer wrote after this draft was made" in answer.text
    assert "Reply to that mail instead" in answer.text
    assert "What I typed for ten minutes" in answer.text
    assert message_of(suggested).state == "draft"


def test_a_follow_up_goes_to_nobody_new(as_sofia: Client, suggested: SuggestedAction) -> None:
    answer = as_sofia.post(f"/suggested-actions/{suggested.pk}/email", as_drafted(suggested, to="boss@cafe.example"))
    assert answer.status_code == 422
    assert "boss@cafe.example" in answer.text
    assert message_of(suggested).state == "draft"


def test_a_wrong_address_is_named_beside_its_field(as_sofia: Client, suggested: SuggestedAction) -> None:
    answer = as_sofia.post(f"/suggested-actions/{suggested.pk}/email", as_drafted(suggested, cc="not an address"))
    assert answer.status_code == 422
    assert "is not a mail address" in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_an_open_editor_is_told_when_its_draft_has_gone(as_sofia: Client, suggested: SuggestedAction) -> None:
    assert as_sofia.get(f"/suggested-actions/{suggested.pk}/state").status_code == 204
    SuggestedAction.objects.update(state="superseded")
    assert "this draft has gone with it" in as_sofia.get(f"/suggested-actions/{suggested.pk}/state").text
    late = as_sofia.post(f"/suggested-actions/{suggested.pk}/email", as_drafted(suggested))
    assert late.status_code == 422
    assert "This suggestion is superseded already." in late.text


def test_discarding_throws_away_the_draft_only(as_sofia: Client, suggested: SuggestedAction) -> None:
    page = as_sofia.post(f"/suggested-actions/{suggested.pk}/discard", follow=True).text
    assert message_of(suggested).state == "discarded"
    assert "Write email" in page
    assert Enrolment.objects.get().state == "running"


def test_skipping_stopping_and_holding_are_three_different_things(as_sofia: Client, suggested: SuggestedAction) -> None:
    case = suggested.case
    as_sofia.post(f"/cases/{case.number}/hold", {"quick": "week"})
    assert Case.objects.get(pk=case.pk).hold_until is not None
    as_sofia.post(f"/cases/{case.number}/skip")
    suggested.refresh_from_db()
    assert suggested.state == "skipped"
    as_sofia.post(f"/cases/{case.number}/stop")
    assert Enrolment.objects.get().end_reason == "ended_by_person"
    again = as_sofia.post(f"/cases/{case.number}/stop", follow=True)
    assert "No series is running on this case." in again.text


def test_the_card_of_an_answer_quotes_it_and_its_reading_can_be_corrected(
    as_sofia: Client, sofia: User, answered: SuggestedAction
) -> None:
    page = as_sofia.get(f"/cases/{answered.case.number}").text
    assert '<span lang="de"><mark>Leider derselbe Fehler</mark></span>' in page
    assert "Read as <b>negative</b> (94 %)" in page
    as_sofia.post(f"/mails/{answered.answered_message_id}/reading", {"label": "question"})
    reading = Reading.objects.get(pk=answered.answered_message_id)
    assert (reading.label, reading.first_label, reading.corrected_by) == ("question", "negative", sofia)
    odd = as_sofia.post(f"/mails/{answered.answered_message_id}/reading", {"label": "furious"}, follow=True)
    assert "There is no reading “furious”." in odd.text


def test_after_an_answer_no_reply_may_be_needed(as_sofia: Client, answered: SuggestedAction) -> None:
    page = as_sofia.post(f"/cases/{answered.case.number}/no-reply-needed", follow=True).text
    assert "Reply to customer" not in page
    assert Reading.objects.get().verdict == "no_reply_needed"


def test_after_an_answer_the_follow_ups_can_continue(as_sofia: Client, answered: SuggestedAction) -> None:
    Enrolment.objects.update(state="ended", ended_at=answered.created_at, end_reason="answered")
    as_sofia.post(f"/cases/{answered.case.number}/continuation")
    assert Enrolment.objects.get().state == "running"
    assert Case.objects.get(pk=answered.case_id).next_move == "customer"


def test_thumbs_are_kept_with_the_suggestion(as_sofia: Client, suggested: SuggestedAction) -> None:
    as_sofia.post(f"/suggested-actions/{suggested.pk}/feedback", {"thumbs": "down", "comment": "Too formal"})
    suggested.refresh_from_db()
    assert (suggested.thumbs, suggested.comment) == (-1, "Too formal")
    assert (
        'value="down" aria-label="No, not good" aria-pressed="true"'
        in as_sofia.get(f"/cases/{suggested.case.number}").text
    )


def test_an_auditor_reads_the_card_and_cannot_act(as_auditor: Client, suggested: SuggestedAction) -> None:
    page = as_auditor.get(f"/cases/{suggested.case.number}").text
    assert "Send next follow-up" in page
    assert "Review and send email" not in page
    for noun in ("approval", "discard", "withdrawal", "feedback", "completion", "email"):
        assert as_auditor.post(f"/suggested-actions/{suggested.pk}/{noun}").status_code == 403
    assert message_of(suggested).state == "draft"


def test_a_suggestion_of_a_hidden_queue_is_not_there(
    suggested: SuggestedAction, client: Client, at_monday: datetime
) -> None:
    Case.objects.update(queue=factories.queue("Legal", is_open_to_all=False))
    client.force_login(factories.user("jonas"))
    assert client.get(f"/suggested-actions/{suggested.pk}/email").status_code == 404
    assert client.post(f"/suggested-actions/{suggested.pk}/approval").status_code == 404
