"""The case list: its views, its search, its order, its pages, and what is done to ticked rows."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from caseloop.accounts.models import User
from caseloop.cases import changes
from caseloop.cases.models import Case, StatusReason
from caseloop.cases.resolving import ResolutionDetails, resolve_case
from tests import cast, factories

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def titles(page: str) -> list[str]:
    return re.findall(r'class="title[^"]*" href="/cases/[^"]+">([^<]+)<', page)


@pytest.fixture
def jonas(db: None) -> User:
    return factories.user("jonas", display_name="Jonas Weber")


def test_mine_are_the_active_cases_that_i_own(as_sofia: Client, sofia: User, jonas: User, at_monday: datetime) -> None:
    factories.case("My grinder", now=at_monday, owner=sofia)
    factories.case("His grinder", now=at_monday, owner=jonas)
    done = factories.case("Old grinder", now=at_monday, owner=sofia)
    no_response = ResolutionDetails(status_reason=StatusReason.objects.get(key="no_response"))
    resolve_case(done.pk, no_response, actor=sofia, now=at_monday)

    assert titles(as_sofia.get("/cases").text) == ["My grinder"]
    assert titles(as_sofia.get("/cases?view=resolved").text) == ["Old grinder"]
    assert set(titles(as_sofia.get("/cases?view=queues").text)) == {"My grinder", "His grinder"}


def test_each_view_has_its_cases_and_says_how_many(as_sofia: Client, sofia: User, at_monday: datetime) -> None:
    waiting = factories.case("Silent", now=at_monday, owner=sofia)
    cast.mail_out(waiting, at_monday - HOUR)
    due = factories.case("Due", now=at_monday, owner=sofia)
    cast.suggested_follow_up(due, at_monday, cast.series(due, at_monday - 2 * cast.DAY))
    solved = factories.case("Solved", now=at_monday, owner=sofia)
    cast.mail_in(solved, at_monday - HOUR, "Works now, thank you", "favorable", opened_at=at_monday)
    angry = factories.case("Angry", now=at_monday, owner=sofia)
    cast.mail_in(angry, at_monday - HOUR, "Still broken", "negative")

    assert titles(as_sofia.get("/cases?view=waiting").text) == ["Silent"]
    assert titles(as_sofia.get("/cases?view=needs-me").text) == ["Due"]
    assert titles(as_sofia.get("/cases?view=solved").text) == ["Solved"]
    assert titles(as_sofia.get("/cases?view=unread").text) == ["Angry"]
    assert re.search(r'view=unread">Unread<span class="n">1</span>', as_sofia.get("/cases").text)


def test_a_favorable_answer_that_we_have_replied_to_is_no_longer_said_solved(
    as_sofia: Client, sofia: User, at_monday: datetime
) -> None:
    case = factories.case("Solved", now=at_monday, owner=sofia)
    cast.mail_in(case, at_monday - 2 * HOUR, "Works now", "favorable")
    cast.mail_out(case, at_monday - HOUR, "One more question")
    assert titles(as_sofia.get("/cases?view=solved").text) == []


def test_what_needs_a_person_stands_first(as_sofia: Client, sofia: User, at_monday: datetime) -> None:
    quiet = factories.case("Quiet", now=at_monday, owner=sofia)
    cast.series(quiet, at_monday)
    due = factories.case("Due", now=at_monday, owner=sofia)
    cast.suggested_follow_up(due, at_monday, cast.series(due, at_monday - 2 * cast.DAY))
    answered = factories.case("Answered", now=at_monday, owner=sofia)
    mail = cast.mail_in(answered, at_monday, "No", "negative")
    cast.suggested_reply(answered, at_monday, cast.series(answered, at_monday), mail)

    page = as_sofia.get("/cases").text
    assert titles(page) == ["Answered", "Due", "Quiet"]
    assert "Review and send follow-up 2 of 3" in page
    assert "Reply to customer" in page


@pytest.mark.parametrize("words", ["löwenherz", "GRINDER", "cafe.exam", "CAS-", "oberallgäu"])
def test_search_looks_at_number_title_contact_address_and_organization(
    as_sofia: Client, at_monday: datetime, words: str
) -> None:
    case = factories.case("Grinder jams", now=at_monday)
    factories.case("Something else", now=at_monday, contact=factories.contact("Bo", "bo@other.example"))
    Case.objects.filter(pk=case.pk).update(organization=factories.organization("Bäcker Oberallgäu eG"))
    found = titles(as_sofia.get("/cases", {"view": "all", "q": words}).text)
    assert "Grinder jams" in found
    assert ("Something else" in found) == (words == "CAS-")


def test_a_search_without_a_find_offers_to_clear_it(as_sofia: Client, at_monday: datetime) -> None:
    page = as_sofia.get("/cases?view=all&q=zeppelin").text
    assert "No case fits" in page
    assert 'value="zeppelin"' in page


def test_a_closed_queue_is_not_there_for_others(as_sofia: Client, jonas: User, at_monday: datetime) -> None:
    legal = factories.queue("Legal", is_open_to_all=False)
    secret = factories.case("Lawsuit", now=at_monday, queue=legal, owner=jonas)
    assert titles(as_sofia.get("/cases?view=all&q=Lawsuit").text) == []
    assert as_sofia.get(f"/cases/{secret.number}").status_code == 404
    refused = as_sofia.post("/cases/changes-together", {"case": secret.number, "do": "no_automation"}, follow=True)
    assert "Tick some cases" in refused.text
    assert not Case.objects.get(pk=secret.pk).no_automation


def test_thirty_cases_are_two_pages_and_filters_are_kept(as_sofia: Client, sofia: User, at_monday: datetime) -> None:
    for number in range(30):
        factories.case(f"Grinder {number}", now=at_monday, owner=sofia)
    first = as_sofia.get("/cases?view=mine&q=grinder").text
    assert "1–25 of 30" in first
    assert 'href="?view=mine&amp;q=grinder&amp;page=2"' in first
    second = as_sofia.get("/cases?view=mine&q=grinder&page=2").text
    assert "26–30 of 30" in second
    assert len(set(titles(first)) | set(titles(second))) == 30


def test_the_number_of_queries_does_not_grow_with_the_cases(as_sofia: Client, sofia: User, at_monday: datetime) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            as_sofia.get("/cases")
        return len(caught)

    def add(number: int) -> None:
        case = factories.case(f"Grinder {number}", now=at_monday, owner=sofia)
        cast.mail_out(case, at_monday - HOUR)
        cast.suggested_follow_up(case, at_monday, cast.series(case, at_monday - cast.DAY))

    add(0)
    few = queries()
    for number in range(1, 12):
        add(number)
    assert queries() == few
    assert few <= 9


def test_htmx_gets_the_list_alone(as_sofia: Client, sofia: User, at_monday: datetime) -> None:
    factories.case("Grinder", now=at_monday, owner=sofia)
    part = as_sofia.get("/cases", headers={"HX-Request": "true"}).text
    assert titles(part) == ["Grinder"]
    assert "<html" not in part


def test_what_customers_write_is_never_markup(as_sofia: Client, sofia: User, at_monday: datetime) -> None:
    factories.case("<script>alert(1)</script>", now=at_monday, owner=sofia)
    page = as_sofia.get("/cases").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_ticked_cases_are_held_together_and_the_refusing_ones_are_named(
    as_sofia: Client, sofia: User, at_monday: datetime
) -> None:
    one, two = (factories.case(title, now=at_monday, owner=sofia) for title in ("One", "Two"))
    cancelled = StatusReason.objects.get(key="cancelled")
    changes.cancel_case(two.pk, cancelled, actor=sofia, now=at_monday)
    chosen = {
        "case": [one.number, two.number],
        "do": "status_reason",
        "status_reason": StatusReason.objects.get(key="researching").pk,
    }
    page = as_sofia.post("/cases/changes-together", chosen, follow=True).text
    assert "1 of 2 cases changed." in page
    assert f"Not changed: {two.number}" in page
    assert Case.objects.get(pk=one.pk).status_reason.key == "researching"

    held = {"case": one.number, "do": "hold", "until": "2026-11-30", "reason": "spare part"}
    as_sofia.post("/cases/changes-together", held)
    assert Case.objects.get(pk=one.pk).hold_until == datetime.fromisoformat("2026-11-30T07:00:00+00:00")


def test_an_auditor_sees_the_list_without_boxes_and_buttons(
    as_auditor: Client, sofia: User, at_monday: datetime
) -> None:
    factories.case("Grinder", now=at_monday, owner=sofia)
    page = as_auditor.get("/cases?view=all").text
    assert titles(page) == ["Grinder"]
    assert "checkbox" not in page
    assert "New case" not in page
