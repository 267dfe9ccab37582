"""Cases by the API: what is listed, what is changed, and what is refused."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from caseloop.accounts.models import Role, Team, User
from caseloop.cases.models import Activity, Case, CustomField, StatusReason
from tests import cast, factories
from tests.api.conftest import Caller, caller, error_of

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def reason(key: str) -> StatusReason:
    return StatusReason.objects.get(key=key)


def titles(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [item["title"] for item in answer.json()["items"]]


def test_the_list_has_views_filters_words_and_pages(api: Caller, sofia: User, at_monday: datetime) -> None:
    jonas = factories.user("jonas")
    for hours, (title, owner) in enumerate([("Grinder", sofia), ("Pump", jonas), ("Filter", sofia)]):
        factories.case(title, now=at_monday - hours * HOUR, owner=owner)

    assert set(titles(api.get("cases"))) == {"Grinder", "Pump", "Filter"}
    assert set(titles(api.get("cases?view=mine"))) == {"Grinder", "Filter"}
    assert titles(api.get("cases?q=pUMP")) == ["Pump"]
    assert titles(api.get(f"cases?owner_id={jonas.pk}&status=active")) == ["Pump"]
    assert titles(api.get(f"cases?status_reason_id={reason('in_progress').pk}")) == []
    first, second = api.get("cases?page_size=2").json(), api.get("cases?page_size=2&page=2").json()
    assert (len(first["items"]), first["has_next"], len(second["items"]), second["has_next"]) == (2, True, 1, False)


def test_a_list_takes_the_same_number_of_queries_however_long_it_is(
    api: Caller, sofia: User, at_monday: datetime
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert api.get("cases?page_size=100").status_code == 200
        return len(caught)

    factories.case("One", now=at_monday, owner=sofia)
    with_one = queries()
    for number in range(5):
        contact = factories.contact(f"Ann {number}", f"ann{number}@cafe.example")
        made = factories.case(f"More {number}", now=at_monday, owner=sofia, contact=contact)
        cast.suggested_follow_up(made, at_monday, cast.series(made, at_monday))
    assert queries() == with_one <= 3


def test_one_case_has_all_its_fields_and_times_in_utc(api: Caller, case: Case, at_monday: datetime) -> None:
    said = api.get(f"cases/{case.number.lower()}").json()
    assert said["title"] == "Contoso Coffee: grinder jams"
    assert said["status_reason"] == {"id": reason("on_hold").pk, "name": "On Hold"}
    assert said["created_at"] == "2026-11-12T10:14:00Z"
    assert said["contact_addresses"][0]["address"] == "anna@cafe.example"
    assert said["next_move"] == "customer"
    assert said["resolution"] is None


def test_a_new_case_gets_its_number_and_its_origin(api: Caller, sofia: User, at_monday: datetime) -> None:
    anna = factories.contact()
    wanted = {"title": "Steam wand", "queue_id": factories.queue().pk, "contact_id": anna.pk, "owner_id": sofia.pk}
    answer = api.post("cases", wanted)
    assert answer.status_code == 201
    made = Case.objects.get(number=answer.json()["number"])
    assert (made.title, made.contact, made.owner, made.origin, made.created_at) == (
        "Steam wand",
        anna,
        sofia,
        "api",
        at_monday,
    )


@pytest.mark.parametrize(
    ("wrong", "field", "said"),
    [
        ({"title": "  "}, "title", "“title”: a case needs a title."),
        ({"title": "x" * 301}, "title", "“title”: at most 300 characters."),
        ({"title": None}, "title", "“title” takes a text."),
        ({"queue_id": 999}, "queue_id", "There is no queue 999, or you may not see it."),
        ({"queue_id": "1"}, "queue_id", "“queue_id” takes a whole number."),
        ({"queue_id": True}, "queue_id", "“queue_id” takes a whole number."),
        ({"queue_id": 10**30}, "queue_id", "“queue_id”: not more than 9223372036854775807."),
        ({"contact_id": 999}, "contact_id", "There is no contact 999, or you may not see it."),
        ({"owner_id": 999}, "owner_id", "There is no person 999 who works on cases, or you may not see it."),
        ({"priority": "urgent"}, "priority", "“priority” takes one of 'low', 'normal' or 'high'."),
        ({"custom": [1]}, "custom", "“custom” takes a JSON object."),
        ({"custom": {"serial": "7"}}, None, "There is no custom field “serial”."),
        ({"colour": "red"}, "colour", "There is no field “colour” here."),
    ],
)
def test_a_wrong_field_is_named_and_no_case_is_made(
    api: Caller, wrong: dict[str, Any], field: str | None, said: str
) -> None:
    answer = api.post("cases", {"title": "Steam wand", "queue_id": factories.queue().pk, **wrong})
    assert answer.status_code == 422
    assert (error_of(answer)["sentence"], error_of(answer).get("field")) == (said, field)
    assert not Case.objects.exists()


def test_fields_are_changed_on_the_version_that_was_seen(api: Caller, case: Case) -> None:
    CustomField.objects.create(key="serial", label="Serial", type="text")
    seen = api.get(f"cases/{case.number}").json()["version"]
    changed = {"version": seen, "title": "Grinder jams again", "custom": {"serial": "K7"}}
    said = api.patch(f"cases/{case.number}", changed).json()
    assert (said["title"], said["custom"], said["version"]) == ("Grinder jams again", {"serial": "K7"}, seen + 1)
    assert said["priority"] == "normal"

    late = api.patch(f"cases/{case.number}", {"version": seen, "title": "Too late"})
    assert (late.status_code, error_of(late)["code"]) == (409, "changed_meanwhile")
    case.refresh_from_db()
    assert case.title == "Grinder jams again"


@pytest.mark.parametrize("value", [7, "x" * 3, {"a": 1}, [None], True])
def test_a_custom_field_takes_only_its_type(api: Caller, case: Case, value: Any) -> None:
    CustomField.objects.create(key="bought", label="Bought on", type="date")
    answer = api.patch(f"cases/{case.number}", {"version": case.version, "custom": {"bought": value}})
    assert answer.status_code == 422
    assert "“Bought on” takes a date like 2026-11-23" in error_of(answer)["sentence"]


def test_owner_queue_contact_and_reason_have_addresses_of_their_own(api: Caller, case: Case) -> None:
    jonas, other = factories.user("jonas"), factories.queue("Spare parts")
    ben = factories.contact("Ben", "ben@cafe.example")
    path = f"cases/{case.number}"
    assert api.put(f"{path}/owner", {"owner_id": jonas.pk}).json()["owner"]["id"] == jonas.pk
    assert api.put(f"{path}/owner", {"owner_id": None}).json()["owner"] is None
    assert api.put(f"{path}/queue", {"queue_id": other.pk}).json()["queue"]["name"] == "Spare parts"
    assert api.put(f"{path}/contact", {"contact_id": ben.pk}).json()["contact"]["name"] == "Ben"
    waiting = reason("waiting_for_details")
    said = api.put(f"{path}/status-reason", {"status_reason_id": waiting.pk}).json()
    assert said["status_reason"]["name"] == "Waiting for Details"


def test_a_case_is_owned_by_nobody_who_only_reads(api: Caller, case: Case, auditor: User) -> None:
    answer = api.put(f"cases/{case.number}/owner", {"owner_id": auditor.pk})
    assert (answer.status_code, error_of(answer)["field"]) == (422, "owner_id")


def test_a_reason_of_another_status_is_refused(api: Caller, case: Case) -> None:
    answer = api.put(f"cases/{case.number}/status-reason", {"status_reason_id": reason("no_response").pk})
    assert (answer.status_code, error_of(answer)["code"]) == (422, "refused")
    assert "Resolve, cancel or reopen the case instead" in error_of(answer)["sentence"]


def test_a_hold_is_set_with_a_time_of_any_zone_and_lifted(api: Caller, case: Case) -> None:
    path = f"cases/{case.number}/hold"
    said = api.put(path, {"until": "2026-11-30T08:00:00+01:00", "reason": "Trade fair"}).json()
    assert (said["hold_until"], said["hold_reason"]) == ("2026-11-30T07:00:00Z", "Trade fair")
    assert api.delete(path).json()["hold_until"] is None


@pytest.mark.parametrize(
    "until", ["2026-11-30T08:00:00", "tomorrow", 1796025600, "1796025600", "0001-01-01T00:00:00+14:00", "", None]
)
def test_a_time_without_its_offset_is_refused(api: Caller, case: Case, until: Any) -> None:
    answer = api.put(f"cases/{case.number}/hold", {"until": until})
    assert (answer.status_code, error_of(answer)["field"]) == (422, "until")
    assert "“until”: write a time" in error_of(answer)["sentence"]


def test_a_hold_that_is_over_already_is_refused(api: Caller, case: Case) -> None:
    answer = api.put(f"cases/{case.number}/hold", {"until": "2026-11-23T10:14:00Z"})
    assert error_of(answer)["sentence"] == "A hold must end in the future."


def test_automation_is_switched_off_for_one_case(api: Caller, case: Case) -> None:
    path = f"cases/{case.number}/automation"
    assert api.put(path, {"is_allowed": False}).json()["no_automation"] is True
    assert api.put(path, {"is_allowed": "no"}).status_code == 422
    assert api.put(path, {"is_allowed": True}).json()["no_automation"] is False


def test_the_plan_says_what_comes_next(api: Caller, case: Case, at_monday: datetime) -> None:
    said = api.get(f"cases/{case.number}/plan").json()
    assert said["title"].startswith("No follow-ups:")
    cast.series(case, at_monday - 3 * cast.DAY)
    assert api.get(f"cases/{case.number}/plan").json()["has_series"] is True


def test_a_case_ends_and_comes_back(api: Caller, case: Case, at_monday: datetime) -> None:
    series = cast.series(case, at_monday - 3 * cast.DAY)
    path = f"cases/{case.number}"
    wanted = {
        "status_reason_id": reason("problem_solved").pk,
        "text": "New burrs",
        "total_minutes": 30,
        "billable_minutes": 20,
    }
    said = api.post(f"{path}/resolution", wanted).json()
    assert (said["status"], said["resolution"]["text"], said["resolution"]["billable_minutes"]) == (
        "resolved",
        "New burrs",
        20,
    )
    series.refresh_from_db()
    assert series.state == "ended"
    again = api.post(f"{path}/resolution", wanted)
    assert (again.status_code, error_of(again)["code"]) == (422, "cannot_resolve")
    assert error_of(again)["blockers"] == ["it is resolved already"]

    back = api.post(f"{path}/reopening", {"reason": "Jams again"}).json()
    assert (back["status"], back["status_reason"]["name"], back["resolution"]) == ("active", "In Progress", None)
    gone = api.post(f"{path}/cancellation", {"status_reason_id": reason("cancelled").pk}).json()
    assert gone["status"] == "cancelled"
    assert api.post(f"{path}/reopening").json()["status"] == "active"


def test_a_required_field_blocks_the_resolution_and_changes_nothing(api: Caller, case: Case) -> None:
    CustomField.objects.create(key="serial", label="Serial", type="text", is_required_to_resolve=True)
    answer = api.post(
        f"cases/{case.number}/resolution", {"status_reason_id": reason("no_response").pk, "text": "Silent"}
    )
    assert error_of(answer)["blockers"] == ["the field “Serial” is required"]
    case.refresh_from_db()
    assert case.status == "active"


def test_billable_time_is_part_of_the_total(api: Caller, case: Case) -> None:
    wanted = {"status_reason_id": reason("no_response").pk, "text": "x", "billable_minutes": 5}
    answer = api.post(f"cases/{case.number}/resolution", wanted)
    assert error_of(answer)["sentence"] == "“billable_minutes” is not more than “total_minutes”."


def test_the_timeline_takes_notes_contacts_and_work(api: Caller, case: Case) -> None:
    path = f"cases/{case.number}"
    assert api.post(f"{path}/notes", {"text": "Burrs are worn"}).status_code == 201
    call = {"kind": "phone_call", "direction": "in", "text": "It jams", "occurred_at": "2026-11-23T10:00:00+01:00"}
    assert api.post(f"{path}/contacts-log", call).json()["occurred_at"] == "2026-11-23T09:00:00Z"
    task = api.post(f"{path}/work", {"kind": "task", "subject": "Send burrs", "due_at": "2026-11-25T08:00:00Z"})
    assert (task.status_code, task.json()["state"]) == (201, "open")

    found = api.get(f"{path}/timeline").json()["items"]
    assert {line["kind"] for line in found} == {"note", "phone_call", "task", "email", "change"}
    assert [line["body"] for line in api.get(f"{path}/timeline?kind=note").json()["items"]] == ["Burrs are worn"]
    assert len(api.get(f"{path}/timeline?q=burrs").json()["items"]) == 2
    case.refresh_from_db()
    assert case.next_move == "us"

    work = f"activities/{task.json()['id']}"
    assert api.post(f"{work}/completion").json()["state"] == "completed"
    again = api.post(f"{work}/dropping")
    assert error_of(again)["sentence"] == "This task is completed already."


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("notes", {"text": " "}, "A note needs some text."),
        (
            "contacts-log",
            {"kind": "phone_call", "direction": "in", "occurred_at": "2026-11-23T10:15:00Z"},
            "What is logged must have happened already.",
        ),
        ("contacts-log", {"kind": "note", "direction": "in"}, "takes one of"),
        ("work", {"kind": "appointment", "subject": "Visit"}, "An appointment needs a time."),
        (
            "work",
            {
                "kind": "appointment",
                "subject": "V",
                "due_at": "2026-11-25T08:00:00Z",
                "ends_at": "2026-11-25T08:00:00Z",
            },
            "“ends_at” comes after “due_at”.",
        ),
    ],
)
def test_what_makes_no_sense_on_a_timeline_is_refused(
    api: Caller, case: Case, path: str, body: dict[str, Any], said: str
) -> None:
    before = Activity.objects.count()
    answer = api.post(f"cases/{case.number}/{path}", body)
    assert answer.status_code == 422
    assert said in error_of(answer)["sentence"]
    assert Activity.objects.count() == before


class TestAnotherTeam:
    """Cases of a closed queue are not there for those outside its teams."""

    @pytest.fixture
    def closed(self, at_monday: datetime) -> Case:
        legal = factories.queue("Legal", is_open_to_all=False)
        legal.teams.add(Team.objects.create(name="Lawyers"))
        owner = factories.user("lena")
        contact = factories.contact("Secret Client", "secret@client.example")
        return factories.case("Confidential", now=at_monday, queue=legal, owner=owner, contact=contact)

    def test_the_case_and_its_contact_are_not_there(self, api: Caller, closed: Case) -> None:
        assert titles(api.get("cases")) == []
        assert api.get(f"cases/{closed.number}").status_code == 404
        assert api.get("contacts?q=secret").json()["items"] == []
        assert api.get(f"contacts/{closed.contact_id}").status_code == 404
        assert "Legal" not in [queue["name"] for queue in api.get("queues").json()["items"]]
        assert api.put(f"cases/{closed.number}/owner", {"owner_id": None}).status_code == 404

    def test_nothing_is_filed_or_moved_there(self, api: Caller, case: Case, closed: Case) -> None:
        assert error_of(api.post("cases", {"title": "x", "queue_id": closed.queue_id}))["field"] == "queue_id"
        moved = api.put(f"cases/{case.number}/queue", {"queue_id": closed.queue_id})
        assert error_of(moved)["field"] == "queue_id"
        taken = api.put(f"cases/{case.number}/contact", {"contact_id": closed.contact_id})
        assert error_of(taken)["field"] == "contact_id"

    def test_its_own_team_and_managers_see_it(self, closed: Case) -> None:
        lawyer = factories.user("lars")
        lawyer.teams.add(Team.objects.get(name="Lawyers"))
        assert caller(lawyer).get(f"cases/{closed.number}").status_code == 200
        assert caller(factories.user("marta", Role.MANAGER)).get(f"cases/{closed.number}").status_code == 200
