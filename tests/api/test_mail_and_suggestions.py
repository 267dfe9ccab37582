"""Mails, suggested actions, series and doubts by the API: the decisions of people, and what becomes of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from caseloop.accounts.models import Team, User
from caseloop.cases.models import Case, StatusReason
from caseloop.followups.models import Enrolment, Reading, SuggestedAction
from caseloop.mail.models import MailDoubt, Message
from tests import cast, factories
from tests.api.conftest import Caller, caller, error_of

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def series(case: Case, at_monday: datetime) -> Enrolment:
    return cast.series(case, at_monday - 3 * cast.DAY)


@pytest.fixture
def suggested(case: Case, series: Enrolment, at_monday: datetime) -> SuggestedAction:
    """*Send next follow-up*, with a draft; two hours old."""
    return cast.suggested_follow_up(case, at_monday - 2 * HOUR, series)


@pytest.fixture
def answer(case: Case, at_monday: datetime) -> Message:
    return cast.mail_in(case, at_monday - HOUR, "Leider derselbe Fehler", "negative", html="<p>Leider</p>")


def edit(**changed: Any) -> dict[str, Any]:
    return {"to": ["anna@cafe.example"], "subject": "Firmware", "body": "Dear Anna, does it run?", **changed}


def test_suggestions_are_mine_unless_asked_for_all(
    api: Caller, suggested: SuggestedAction, at_monday: datetime
) -> None:
    his = factories.case("His", now=at_monday, owner=factories.user("jonas"))
    cast.suggested_resolution(his, at_monday, cast.series(his, at_monday))

    mine = api.get("suggested-actions").json()["items"]
    assert [action["id"] for action in mine] == [suggested.pk]
    assert len(api.get("suggested-actions?whose=all").json()["items"]) == 2
    assert [a["kind"] for a in api.get("suggested-actions?whose=all&kind=resolve_case").json()["items"]] == [
        "resolve_case"
    ]
    assert api.get("suggested-actions?state=done").json()["items"] == []


def test_a_suggestion_says_why_and_what_it_would_send(api: Caller, suggested: SuggestedAction) -> None:
    said = api.get(f"suggested-actions/{suggested.pk}").json()
    assert (said["heading"], said["step"], said["steps"]) == ("Follow-up 2 of 3", 2, 3)
    assert "Status reason is On Hold" in said["why"]
    assert said["draft"]["body"] == cast.DRAFT
    assert said["draft"]["to"] == ["anna@cafe.example"]


def test_an_approved_draft_waits_for_undo_and_can_be_taken_back(
    api: Caller, sofia: User, suggested: SuggestedAction
) -> None:
    path = f"suggested-actions/{suggested.pk}"
    said = api.post(f"{path}/approval", {"undo_seconds": 60}).json()
    assert (said["state"], said["decided_by"]["id"]) == ("approved", sofia.pk)
    assert said["draft"]["not_before"] == "2026-11-23T10:15:00Z"
    assert Message.objects.get(pk=suggested.message_id).author == sofia

    back = api.post(f"{path}/withdrawal").json()
    assert (back["state"], back["draft"]["state"], back["decided_by"]) == ("proposed", "draft", None)
    too_late = api.post(f"{path}/withdrawal")
    assert "too late to take this mail back" in error_of(too_late)["sentence"]


def test_a_draft_goes_out_as_it_was_edited_and_sets_a_reason(api: Caller, suggested: SuggestedAction) -> None:
    details = StatusReason.objects.get(key="waiting_for_details")
    body = {"edit": edit(), "sets_status_reason_id": details.pk, "undo_seconds": 0}
    assert api.post(f"suggested-actions/{suggested.pk}/approval", body).status_code == 200
    sent = Message.objects.get(pk=suggested.message_id)
    assert "does it run?" in sent.text
    assert (sent.letter["edited"], sent.sets_status_reason) == (True, details)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (edit(to=["boss@cafe.example"]), "A follow-up goes to nobody new; take out boss@cafe.example."),
        (edit(to=[]), "“edit.to”: at least 1 of them."),
        (edit(body=""), "“edit.body”: it may not be empty."),
        (edit(body="  "), "The mail is empty."),
        ({"body": "x"}, "“edit.to” is missing. (1 more to mend.)"),
    ],
)
def test_a_wrong_edit_sends_nothing(api: Caller, suggested: SuggestedAction, wrong: Any, said: str) -> None:
    answer = api.post(f"suggested-actions/{suggested.pk}/approval", {"edit": wrong})
    assert (answer.status_code, error_of(answer)["sentence"]) == (422, said)
    assert Message.objects.get(pk=suggested.message_id).state == "draft"


def test_a_follow_up_never_crosses_a_mail_of_the_customer(
    api: Caller, suggested: SuggestedAction, at_monday: datetime
) -> None:
    cast.mail_in(suggested.case, at_monday - timedelta(minutes=3), "It runs again")
    crossing = api.post(f"suggested-actions/{suggested.pk}/approval")
    assert (crossing.status_code, error_of(crossing)["code"]) == (409, "customer_wrote")
    assert Message.objects.get(pk=suggested.message_id).state == "draft"


def test_what_was_decided_is_not_decided_again(api: Caller, suggested: SuggestedAction) -> None:
    path = f"suggested-actions/{suggested.pk}"
    assert api.post(f"{path}/discard").json()["draft"] is None
    assert api.post(f"{path}/completion").json()["state"] == "done"
    for verb in ("approval", "discard", "completion", "withdrawal"):
        late = api.post(f"{path}/{verb}")
        assert (late.status_code, error_of(late)["code"]) == (409, "illegal_move")


def test_people_say_what_they_think_of_a_suggestion(api: Caller, suggested: SuggestedAction) -> None:
    said = api.post(f"suggested-actions/{suggested.pk}/feedback", {"thumbs": -1, "comment": "Too pushy"}).json()
    assert (said["thumbs"], said["comment"]) == (-1, "Too pushy")
    assert api.post(f"suggested-actions/{suggested.pk}/feedback", {"thumbs": 2}).status_code == 422


def test_a_series_is_skipped_stopped_and_continued(
    api: Caller, case: Case, suggested: SuggestedAction, series: Enrolment
) -> None:
    path = f"cases/{case.number}"
    assert api.post(f"{path}/skip").status_code == 200
    suggested.refresh_from_db()
    assert suggested.state == "skipped"
    assert api.post(f"{path}/stop").status_code == 200
    series.refresh_from_db()
    assert (series.state, series.end_reason) == ("ended", "ended_by_person")
    assert error_of(api.post(f"{path}/stop"))["sentence"] == "No series is running on this case."


def test_after_an_answer_the_follow_ups_continue_or_no_reply_is_needed(
    api: Caller, case: Case, series: Enrolment, answer: Message
) -> None:
    path = f"cases/{case.number}"
    assert api.post(f"{path}/continuation").json()["next_move"] == "customer"
    assert Reading.objects.get(message=answer).verdict == "continue"
    assert api.post(f"{path}/no-reply-needed").status_code == 200
    assert Reading.objects.get(message=answer).verdict == "no_reply_needed"


def test_series_are_listed_by_how_they_do(api: Caller, case: Case, series: Enrolment, at_monday: datetime) -> None:
    def numbers(query: str) -> list[str]:
        return [each["case_number"] for each in api.get(f"series{query}").json()["items"]]

    other = factories.case("Pump", now=at_monday, owner=case.owner)
    ended = cast.series(other, at_monday - cast.DAY)
    Enrolment.objects.filter(pk=ended.pk).update(state="ended", ended_at=at_monday, end_reason="answered")
    assert numbers("") == [case.number]
    assert numbers("?state=ended") == [other.number]
    assert len(numbers("?state=all")) == 2
    assert numbers("?state=stuck") == numbers("?rule_id=999") == numbers("?q=nothing") == []

    cast.suggested_reply(case, at_monday, series, cast.mail_in(case, at_monday))
    assert numbers("?state=stuck") == [case.number]
    said = api.get("series").json()["items"][0]
    assert (said["is_stuck"], said["follow_ups"], said["level"], said["last_step_done"]) == (True, 3, "confirm", None)
    assert said["next_look_at"] == "2026-11-22T10:14:00Z"


def test_mails_of_a_case_come_without_drafts(
    api: Caller, case: Case, suggested: SuggestedAction, answer: Message
) -> None:
    found = api.get(f"cases/{case.number}/messages").json()["items"]
    assert [(mail["direction"], mail["state"]) for mail in found] == [("in", ""), ("out", "sent")]
    assert found[0]["reading"]["label"] == "negative"
    assert found[0]["opened_at"] is None


def test_a_mail_shows_harmless_html_and_stays_unread_until_opened(api: Caller, case: Case, at_monday: datetime) -> None:
    evil = cast.mail_in(case, at_monday, "x", html="<p onclick='x()'>Hi</p><script>x()</script>")
    said = api.get(f"messages/{evil.pk}").json()
    assert "Hi" in said["html"]
    assert "script" not in said["html"]
    assert "onclick" not in said["html"]
    assert api.get(f"messages/{evil.pk}").json()["opened_at"] is None
    assert api.post(f"messages/{evil.pk}/opening").json()["opened_at"] == "2026-11-23T10:14:00Z"


def test_a_mail_by_hand_is_signed_and_can_be_taken_back(api: Caller, sofia: User, case: Case) -> None:
    body = {"to": ["anna@cafe.example"], "subject": "Burrs", "body": "I'll get back to you tomorrow."}
    sent = api.post(f"cases/{case.number}/messages", body)
    assert sent.status_code == 201
    said = sent.json()
    assert (said["state"], said["origin"], said["author"]["id"]) == ("approved", "person", sofia.pk)
    assert said["not_before"] == "2026-11-23T10:14:10Z"
    assert said["subject"].endswith(f"[{case.number}]")
    assert "get back to you" in said["promises"]

    gone = api.post(f"messages/{said['id']}/withdrawal").json()
    assert gone["state"] == "discarded"
    late = api.post(f"messages/{said['id']}/withdrawal")
    assert (late.status_code, error_of(late)["code"]) == (409, "too_late")


def test_taking_back_the_mail_of_a_suggestion_leaves_its_draft(api: Caller, suggested: SuggestedAction) -> None:
    api.post(f"suggested-actions/{suggested.pk}/approval")
    assert api.post(f"messages/{suggested.message_id}/withdrawal").json()["state"] == "draft"
    suggested.refresh_from_db()
    assert suggested.state == "proposed"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"to": ["no address"]}, "“no address” is not a mail address."),
        ({"to": []}, "“to”: at least 1 of them."),
        ({"body": " \n"}, "A mail needs some text."),
        ({"undo_seconds": 601}, "“undo_seconds”: not more than 600."),
        ({"sets_status_reason_id": 999}, "There is no status reason 999, or you may not see it."),
    ],
)
def test_a_mail_that_cannot_be_sent_is_not_kept(api: Caller, case: Case, changed: dict[str, Any], said: str) -> None:
    before = Message.objects.count()
    answer = api.post(f"cases/{case.number}/messages", {"to": ["anna@cafe.example"], "body": "Hello", **changed})
    assert (answer.status_code, error_of(answer)["sentence"]) == (422, said)
    assert Message.objects.count() == before


def test_a_reading_is_corrected(api: Caller, answer: Message) -> None:
    said = api.put(f"messages/{answer.pk}/reading", {"label": "favorable"}).json()
    assert (said["reading"]["label"], said["reading"]["first_label"]) == ("favorable", "negative")
    wrong = api.put(f"messages/{answer.pk}/reading", {"label": "angry"})
    assert error_of(wrong)["sentence"].startswith("“label” takes one of 'favorable', 'negative'")


def test_a_mail_of_ours_has_no_reading(api: Caller, case: Case) -> None:
    ours = Message.objects.get(case=case, direction="out")
    assert api.put(f"messages/{ours.pk}/reading", {"label": "favorable"}).status_code == 422


def test_only_a_mail_in_doubt_is_settled(api: Caller, case: Case) -> None:
    ours = Message.objects.get(case=case, direction="out")
    refused = api.post(f"messages/{ours.pk}/settlement", {"was_sent": False})
    assert (refused.status_code, error_of(refused)["code"]) == (409, "illegal_move")
    Message.objects.filter(pk=ours.pk).update(state="unconfirmed", sent_at=None, claimed_at=ours.occurred_at)
    assert api.post(f"messages/{ours.pk}/settlement", {"was_sent": True}).json()["state"] == "sent"


class TestMailInDoubt:
    """A mail filed in a closed queue may concern a case that Sofia sees."""

    @pytest.fixture
    def doubt(self, case: Case, at_monday: datetime) -> MailDoubt:
        legal = factories.queue("Legal", is_open_to_all=False)
        legal.teams.add(Team.objects.create(name="Lawyers"))
        hidden = factories.case("Confidential", now=at_monday, queue=legal, owner=factories.user("lena"))
        mail = cast.mail_in(hidden, at_monday - HOUR, "About both")
        return MailDoubt.objects.create(message=mail, case=case, reason="same sender", asked_at=at_monday)

    def test_the_mail_is_shown_without_the_case_it_was_filed_in(self, api: Caller, doubt: MailDoubt) -> None:
        said = api.get("doubts").json()["items"][0]
        assert (said["case_number"], said["message"]["text"]) == (doubt.case.number, "About both")
        assert said["message"]["case_number"] is None
        assert api.get(f"messages/{doubt.message_id}").json()["case_number"] is None

    def test_what_was_read_there_is_not_hers_to_correct(self, api: Caller, doubt: MailDoubt) -> None:
        assert api.put(f"messages/{doubt.message_id}/reading", {"label": "favorable"}).status_code == 404

    def test_an_answer_lifts_the_hold(self, api: Caller, sofia: User, doubt: MailDoubt) -> None:
        said = api.post(f"doubts/{doubt.pk}/answer", {"answer": "yes"}).json()
        assert (said["answer"], said["answered_by"]["id"]) == ("yes", sofia.pk)
        assert api.get("doubts").json()["items"] == []
        assert len(api.get("doubts?is_open=false").json()["items"]) == 1
        again = api.post(f"doubts/{doubt.pk}/answer", {"answer": "no"})
        assert "answered already" in error_of(again)["sentence"]
        assert api.post(f"doubts/{doubt.pk}/answer", {"answer": "perhaps"}).status_code == 422

    def test_a_question_about_a_hidden_case_is_not_there(self, doubt: MailDoubt, at_monday: datetime) -> None:
        hidden = doubt.message.case
        assert hidden is not None
        other = MailDoubt.objects.create(message=doubt.message, case=hidden, reason="x", asked_at=at_monday)
        jonas = caller(factories.user("jonas"))
        assert [each["id"] for each in jonas.get("doubts").json()["items"]] == [doubt.pk]
        assert jonas.post(f"doubts/{other.pk}/answer", {"answer": "no"}).status_code == 404


@pytest.mark.parametrize("path", ["suggested-actions", "series", "doubts", "cases/{}/messages", "cases/{}/timeline"])
def test_long_lists_take_no_more_queries_than_short_ones(
    api: Caller, case: Case, at_monday: datetime, path: str
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert api.get(f"{path.format(case.number)}?page_size=100").status_code == 200
        return len(caught)

    def more(number: int) -> None:
        made = factories.case(f"Pump {number}", now=at_monday, owner=case.owner)
        cast.suggested_follow_up(made, at_monday, cast.series(made, at_monday))
        mail = cast.mail_in(case, at_monday, f"Mail {number}", "negative")
        MailDoubt.objects.create(message=mail, case=made, reason="same sender", asked_at=at_monday)

    more(0)
    with_one = queries()
    for number in range(1, 5):
        more(number)
    assert queries() == with_one <= 4
