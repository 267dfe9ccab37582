"""The page of one case: what it shows, what people change there, and who may not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from caseloop.accounts.models import User
from caseloop.cases import changes
from caseloop.cases.models import Activity, Case, CustomField, StatusReason
from tests import cast, factories

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def case(sofia: User, at_monday: datetime) -> Case:
    return factories.case("Contoso Coffee: grinder jams", now=at_monday - 11 * cast.DAY, owner=sofia)


@pytest.fixture
def jonas(db: None) -> User:
    return factories.user("jonas", display_name="Jonas Weber")


def test_times_are_in_the_readers_zone_and_machine_readable(as_sofia: Client, case: Case) -> None:
    page = as_sofia.get(f"/cases/{case.number}").text
    assert '<time datetime="2026-11-12T11:14:00+01:00">Thu 12 Nov 2026 11:14</time>' in page  # 10:14 UTC
    assert "11.0 days" in page


def test_the_timeline_tells_who_wrote_and_marks_what_the_machine_did(
    as_sofia: Client, case: Case, jonas: User, at_monday: datetime
) -> None:
    cast.mail_in(case, at_monday - 3 * HOUR, "Die Mühle bleibt stehen.", "question", language="de")
    cast.mail_out(case, at_monday - 2 * HOUR, author=jonas)
    agent = User.objects.application_user()
    cast.mail_out(case, at_monday - HOUR, "Just asking", author=agent, origin="automatic")
    page = as_sofia.get(f"/cases/{case.number}").text
    assert "Anna Löwenherz wrote" in page
    assert '<p class="clip muted" lang="de">Die Mühle bleibt stehen.</p>' in page
    assert ", unread" in page
    assert "Jonas Weber wrote to Anna Löwenherz" in page
    assert 'class="machine"' in page
    assert "Question" in page


def test_the_timeline_is_narrowed_by_kind_and_words(
    as_sofia: Client, case: Case, sofia: User, at_monday: datetime
) -> None:
    changes.add_note(case.pk, "Burr set ordered", actor=sofia, now=at_monday)
    changes.add_note(case.pk, "Customer is on vacation", actor=sofia, now=at_monday)
    part = as_sofia.get(f"/cases/{case.number}/timeline?show=notes&find=burr").text
    assert "Burr set ordered" in part
    assert "vacation" not in part
    assert "Case opened" not in part
    assert "Nothing fits" in as_sofia.get(f"/cases/{case.number}?find=zeppelin").text


def test_older_entries_are_a_link_away(as_sofia: Client, case: Case, sofia: User, at_monday: datetime) -> None:
    for number in range(32):
        changes.add_note(case.pk, f"Note number {number}.", actor=sofia, now=at_monday - number * HOUR)
    newest = as_sofia.get(f"/cases/{case.number}").text
    assert "Note number 0." in newest
    assert "Note number 31." not in newest
    older = as_sofia.get(f"/cases/{case.number}?before=2026-11-22T05:00:00%2B00:00").text
    assert "Note number 31." in older
    assert "Newest" in older


def test_the_number_of_queries_does_not_grow_with_the_timeline(
    as_sofia: Client, case: Case, sofia: User, at_monday: datetime
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            as_sofia.get(f"/cases/{case.number}")
        return len(caught)

    cast.mail_in(case, at_monday - 20 * HOUR, "Hm", "question")
    cast.mail_out(case, at_monday - 19 * HOUR)
    few = queries()
    for hour in range(12):
        cast.mail_in(case, at_monday - hour * HOUR, "Hm", "question")
        cast.mail_out(case, at_monday - hour * HOUR)
        changes.add_note(case.pk, "Called the supplier", actor=sofia, now=at_monday)
    assert queries() == few


def test_a_note_stays_among_colleagues_and_an_empty_one_is_refused(as_sofia: Client, case: Case) -> None:
    address = f"/cases/{case.number}/activities/note"
    assert as_sofia.post(address, {"text": " "}).status_code == 422
    assert "Note added." in as_sofia.post(address, {"text": "Burr set ordered"}, follow=True).text
    assert Activity.objects.get(case=case, kind="note").body == "Burr set ordered"


def test_a_call_of_the_customer_is_logged_as_an_answer(as_sofia: Client, case: Case) -> None:
    said = {"direction": "in", "text": "She will test it", "occurred_at": "2026-11-23T10:30"}
    as_sofia.post(f"/cases/{case.number}/activities/phone_call", said)
    call = Activity.objects.get(case=case, kind="phone_call")
    assert call.occurred_at == datetime(2026, 11, 23, 9, 30, tzinfo=UTC)  # 10:30 in Berlin
    assert Case.objects.get(pk=case.pk).next_move == "us"


def test_a_call_in_the_future_is_refused_and_what_was_typed_stays(as_sofia: Client, case: Case) -> None:
    said = {"direction": "in", "text": "She will test it", "occurred_at": "2026-11-24T10:30"}
    answer = as_sofia.post(f"/cases/{case.number}/activities/phone_call", said)
    assert answer.status_code == 422
    assert "What is logged must have happened already." in answer.text
    assert "She will test it" in answer.text


def test_open_work_is_shown_and_finished(as_sofia: Client, case: Case, at_monday: datetime) -> None:
    task = {"subject": "Order a burr set", "due_at": "2026-11-20T12:00"}
    as_sofia.post(f"/cases/{case.number}/activities/task", task)
    assert "was due" in as_sofia.get(f"/cases/{case.number}").text
    work = Activity.objects.get(case=case, kind="task")
    as_sofia.post(f"/activities/{work.pk}/completion")
    again = as_sofia.post(f"/activities/{work.pk}/dropping", follow=True)
    assert "This task is completed already." in again.text


def test_the_slower_of_two_editors_is_told_who_was_faster_and_keeps_the_text(
    as_sofia: Client, case: Case, jonas: User, at_monday: datetime
) -> None:
    changes.edit_case(
        case.pk, {"title": "Jonas’ title"}, actor=jonas, now=at_monday - 2 * timedelta(minutes=1), version=1
    )
    said = {"version": 1, "title": "Sofia’s title", "priority": "high"}
    answer = as_sofia.post(f"/cases/{case.number}/fields", said)
    assert answer.status_code == 409
    assert "Jonas Weber changed this at" in answer.text
    assert ">11:12</time>" in answer.text
    assert "Sofia’s title" in answer.text
    assert Case.objects.get(pk=case.pk).title == "Jonas’ title"


def test_custom_fields_are_edited_in_their_types(as_sofia: Client, case: Case) -> None:
    CustomField.objects.create(key="machines", label="Machines", type="number")
    CustomField.objects.create(key="vip", label="VIP", type="flag")
    wrong = as_sofia.post(
        f"/cases/{case.number}/fields", {"version": 1, "title": "T", "priority": "low", "custom_machines": "three"}
    )
    assert wrong.status_code == 422
    assert "Enter a number." in wrong.text
    right = {"version": 1, "title": "T", "priority": "low", "custom_machines": "3", "custom_vip": "true"}
    as_sofia.post(f"/cases/{case.number}/fields", right)
    assert Case.objects.get(pk=case.pk).custom == {"machines": 3, "vip": True}
    page = as_sofia.get(f"/cases/{case.number}").text
    assert "<dt>VIP</dt><dd>yes</dd>" in page


@pytest.mark.parametrize(
    "asked, until",
    [
        ({"quick": "tomorrow"}, "2026-11-24T07:00:00+00:00"),
        ({"quick": "monday"}, "2026-11-30T07:00:00+00:00"),
        ({"quick": "week"}, "2026-11-30T07:00:00+00:00"),
        ({"until": "2026-12-02", "reason": "spare part"}, "2026-12-02T07:00:00+00:00"),
    ],
)
def test_a_hold_lasts_until_eight_in_the_morning(
    as_sofia: Client, case: Case, asked: dict[str, str], until: str
) -> None:
    as_sofia.post(f"/cases/{case.number}/hold", asked)
    assert Case.objects.get(pk=case.pk).hold_until == datetime.fromisoformat(until)


def test_a_hold_into_the_past_is_refused_and_one_can_be_ended(as_sofia: Client, case: Case) -> None:
    refused = as_sofia.post(f"/cases/{case.number}/hold", {"until": "2026-11-01"}, follow=True)
    assert "A hold must end in the future." in refused.text
    as_sofia.post(f"/cases/{case.number}/hold", {"quick": "week", "reason": ""})
    assert "End the hold" in as_sofia.get(f"/cases/{case.number}").text
    as_sofia.post(f"/cases/{case.number}/hold", {"end": "1"})
    assert Case.objects.get(pk=case.pk).hold_until is None


def test_status_reason_owner_queue_and_automation_change_from_the_menu(
    as_sofia: Client, case: Case, jonas: User
) -> None:
    address = f"/cases/{case.number}"
    as_sofia.post(f"{address}/status-reason", {"status_reason": StatusReason.objects.get(key="researching").pk})
    as_sofia.post(f"{address}/owner", {"owner": jonas.pk})
    as_sofia.post(f"{address}/queue", {"queue": factories.queue("Machines").pk})
    as_sofia.post(f"{address}/automation", {"off": "1"})
    changed = Case.objects.get(pk=case.pk)
    assert changed.status_reason.key == "researching"
    assert changed.owner == jonas
    assert changed.queue.name == "Machines"
    assert changed.no_automation


def test_a_reason_of_another_status_is_refused_with_the_reason(as_sofia: Client, case: Case) -> None:
    wrong = {"status_reason": StatusReason.objects.get(key="no_response").pk}
    assert "belongs to status resolved" in as_sofia.post(f"/cases/{case.number}/status-reason", wrong, follow=True).text


def test_cancelling_can_be_undone(as_sofia: Client, case: Case) -> None:
    reason = {"status_reason": StatusReason.objects.get(key="cancelled").pk}
    page = as_sofia.post(f"/cases/{case.number}/cancellation", reason, follow=True).text
    assert f'action="/cases/{case.number}/reopening"' in page
    as_sofia.post(f"/cases/{case.number}/reopening")
    assert Case.objects.get(pk=case.pk).status == "active"


def test_news_are_offered_only_when_something_happened(
    as_sofia: Client, case: Case, sofia: User, at_monday: datetime
) -> None:
    page = as_sofia.get(f"/cases/{case.number}").text
    mark = page.split("/news?mark=")[1].split('"')[0]
    assert as_sofia.get(f"/cases/{case.number}/news?mark={mark}").status_code == 204
    changes.add_note(case.pk, "Something", actor=sofia, now=at_monday)
    assert "Something happened on this case" in as_sofia.get(f"/cases/{case.number}/news?mark={mark}").text


def test_a_new_case_takes_its_contact_by_address(as_sofia: Client, sofia: User) -> None:
    anna = factories.contact()
    said = {"title": "New grinder", "contact": "ANNA@cafe.example", "queue": factories.queue().pk, "priority": "high"}
    as_sofia.post("/cases/new", said)
    made = Case.objects.get(title="New grinder")
    assert (made.contact, made.owner, made.priority) == (anna, sofia, "high")
    unknown = as_sofia.post("/cases/new", said | {"contact": "bo@other.example"})
    assert unknown.status_code == 422
    assert "We know no contact with this address." in unknown.text


def test_an_auditor_reads_all_and_changes_nothing(as_auditor: Client, case: Case) -> None:
    factories.user("tomasz", "system_administrator", display_name="Tomasz Wiśniewski")
    page = as_auditor.get(f"/cases/{case.number}")
    assert page.status_code == 200
    assert '<form method="post" action="/cases/' not in page.text
    refused = as_auditor.post(f"/cases/{case.number}/automation", {"off": "1"})
    assert refused.status_code == 403
    assert "Tomasz Wiśniewski can help" in refused.text
    assert not Case.objects.get(pk=case.pk).no_automation


def test_a_form_from_elsewhere_is_refused(sofia: User, case: Case) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(sofia)
    answer = strict.post(f"/cases/{case.number}/automation", {"off": "1"})
    assert answer.status_code == 403
    assert "This form could not be checked" in answer.text
    assert not Case.objects.get(pk=case.pk).no_automation


def test_no_page_has_inline_styles_or_scripts_and_the_policy_forbids_them(as_sofia: Client, case: Case) -> None:
    for address in ("/cases", f"/cases/{case.number}", "/me", "/follow-ups", "/mail-in-doubt"):
        page = as_sofia.get(address)
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert " style=" not in page.text
        assert "<style" not in page.text
        assert "<script>" not in page.text
        assert " onclick" not in page.text


def test_a_broken_page_says_so_in_the_look_of_the_others(
    as_sofia: Client, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("caseloop.cases.views.detail.timeline_of", broken)
    as_sofia.raise_request_exception = False
    answer = as_sofia.get(f"/cases/{case.number}")
    assert answer.status_code == 500
    assert "This page broke" in answer.text
    assert "boom" not in answer.text


def test_an_unknown_address_says_so(as_sofia: Client) -> None:
    answer = as_sofia.get("/cases/CAS-99999-XX")
    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.text
