"""Rules, protections, pauses, switches and mailboxes by the API; contacts; and tokens from the command line."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from caseloop.accounts.models import ApiToken, Role, User
from caseloop.administration.models import GlobalSettings
from caseloop.api.tokens import TokenRefused, issue, revoke
from caseloop.cases.models import Case, Contact, StatusReason
from caseloop.followups.models import Enrolment, GuardDay, Pause, Protection, Rule
from caseloop.mail.models import Mailbox
from tests import cast, factories
from tests.api.conftest import Caller, caller, error_of

pytestmark = pytest.mark.django_db
COFFEE = {"field": "title", "operator": "contains", "value": "Coffee"}


def wanted(**changed: Any) -> dict[str, Any]:
    return {
        "name": "Coffee",
        "conditions": COFFEE,
        "waits": ["48 hours", "2 working days"],
        "follow_ups": 2,
        "trigger_status_reason_id": StatusReason.objects.get(key="on_hold").pk,
        **changed,
    }


def test_a_rule_is_made_inactive_and_says_its_condition(as_boss: Caller) -> None:
    answer = as_boss.post("rules", wanted())
    assert answer.status_code == 201
    said = answer.json()
    assert (said["state"], said["position"], said["version"], said["running_series"]) == ("inactive", 1, 1, 0)
    assert said["conditions_in_words"] == "title contains “Coffee”"
    assert said["trigger_status_reason"]["name"] == "On Hold"
    assert as_boss.get(f"rules/{said['id']}").json() == said


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"name": " "}, "name", "A rule needs a name of 1 to 100 characters."),
        ({"waits": ["48 hours"]}, "waits", "Each follow-up needs a wait: 2 of them, not 1."),
        ({"waits": ["soon", "48 hours"]}, "waits", "Wait 1: 'soon' is not a wait."),
        ({"follow_ups": 6}, "follow_ups", "“follow_ups”: not more than 5."),
        ({"level": "auto"}, "level", "“level” takes one of 'confirm' or 'full'."),
        ({"templates": [999]}, "templates", "There is no email template 999."),
        ({"calendar_id": 999}, "calendar_id", "There is no business calendar 999, or you may not see it."),
        ({"trigger_status_reason_id": None}, "trigger_status_reason", "A rule needs a trigger"),
        ({"state": "active"}, "state", "There is no field “state” here."),
    ],
)
def test_a_rule_that_cannot_be_is_refused_at_its_field(
    as_boss: Caller, changed: dict[str, Any], field: str, said: str
) -> None:
    answer = as_boss.post("rules", wanted(**changed))
    assert answer.status_code == 422
    assert error_of(answer)["field"] == field
    assert error_of(answer)["sentence"].startswith(said)
    assert not Rule.objects.exists()


def test_a_rule_is_replaced_on_the_version_that_was_seen(as_boss: Caller) -> None:
    made = as_boss.post("rules", wanted(daily_cap=5)).json()
    path = f"rules/{made['id']}"
    said = as_boss.put(path, wanted(name="Tea", version=1)).json()
    assert (said["name"], said["version"], said["daily_cap"]) == ("Tea", 2, None)
    late = as_boss.put(path, wanted(name="Milk", version=1))
    assert (late.status_code, error_of(late)["code"]) == (409, "changed_meanwhile")
    assert Rule.objects.get().name == "Tea"


def test_a_rule_goes_through_its_states(as_boss: Caller) -> None:
    path = f"rules/{as_boss.post('rules', wanted()).json()['id']}"
    assert as_boss.post(f"{path}/shadow").json()["state"] == "shadow"
    said = as_boss.post(f"{path}/activation", {"takes_silences_up_to_days": 30}).json()
    assert (said["state"], said["activated_at"]) == ("active", "2026-11-23T10:14:00Z")
    assert Rule.objects.get().takes_silences_up_to_days == 30
    again = as_boss.post(f"{path}/activation")
    assert (again.status_code, error_of(again)["code"]) == (409, "illegal_move")
    assert as_boss.post(f"{path}/deactivation").json()["state"] == "inactive"


def test_full_automation_takes_a_second_persons_yes(as_boss: Caller, boss: User) -> None:
    path = f"rules/{as_boss.post('rules', wanted(level='full')).json()['id']}/activation"
    said = as_boss.post(path).json()
    assert (said["state"], said["waits_for_second_yes_after"]["id"]) == ("inactive", boss.pk)
    assert as_boss.post(path).json()["state"] == "inactive"
    ada = caller(factories.user("ada", Role.ADMINISTRATOR))
    assert ada.post(path).json()["state"] == "active"


def test_running_series_may_finish(as_boss: Caller, case: Case, at_monday: datetime) -> None:
    series = cast.series(case, at_monday)
    said = as_boss.post(f"rules/{series.rule_id}/deactivation", {"series_may_finish": True}).json()
    assert said["running_series"] == 1
    assert Enrolment.objects.get().may_finish is True


def test_rules_are_put_in_order_all_of_them(as_boss: Caller) -> None:
    first, second = (as_boss.post("rules", wanted(name=name)).json()["id"] for name in ("One", "Two"))
    said = as_boss.put("rules/order", {"rule_ids": [second, first]}).json()["items"]
    assert [rule["name"] for rule in said] == ["Two", "One"]
    for wrong in ([second], [second, second], [first, second, 999]):
        answer = as_boss.put("rules/order", {"rule_ids": wrong})
        assert "has to name every rule once" in error_of(answer)["sentence"]


def test_a_manager_lets_a_rule_go_on_for_today(as_boss: Caller, boss: User, at_monday: datetime) -> None:
    rule = cast.rule()
    none = as_boss.post(f"rules/{rule.pk}/allowance")
    assert none.status_code == 409
    GuardDay.objects.create(rule=rule, day=at_monday.date(), reason="more than 200 acts in a day")
    assert as_boss.get(f"rules/{rule.pk}").json()["guard_reason"] == "more than 200 acts in a day"
    assert as_boss.post(f"rules/{rule.pk}/allowance").json()["guard_reason"] is None
    assert GuardDay.objects.get().allowed_by == boss


def test_protections_hold_at_once_and_are_lifted(as_boss: Caller, case: Case, at_monday: datetime) -> None:
    series = cast.series(case, at_monday - 3 * cast.DAY)
    assert series.state == "running"
    made = as_boss.post("protections", {"name": "Press", "effect": "never", "case_number": case.number})
    assert made.status_code == 201
    assert made.json()["case_number"] == case.number
    case.review.refresh_from_db()
    assert case.review.review_at <= at_monday
    assert "protect" in as_boss.get(f"cases/{case.number}/plan").text.lower()

    assert as_boss.delete(f"protections/{made.json()['id']}").status_code == 204
    assert as_boss.get("protections").json()["items"] == []
    assert as_boss.delete(f"protections/{made.json()['id']}").status_code == 404


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"name": "x", "effect": "never"}, "Say what is protected"),
        ({"name": " ", "effect": "never", "conditions": {}}, "A protection needs a name."),
        ({"name": "x", "effect": "always", "conditions": {}}, "“effect” takes one of 'never' or 'at_most_confirm'."),
        ({"name": "x", "effect": "never", "case_number": "CAS-0"}, "There is no case CAS-0, or you may not see it."),
        ({"name": "x", "effect": "never", "contact_id": 999}, "There is no contact 999, or you may not see it."),
    ],
)
def test_a_protection_of_nothing_is_refused(as_boss: Caller, body: dict[str, Any], said: str) -> None:
    answer = as_boss.post("protections", body)
    assert answer.status_code == 422
    assert error_of(answer)["sentence"].startswith(said)
    assert not Protection.objects.exists()


def test_two_protections_have_two_names(as_boss: Caller) -> None:
    body = {"name": "All", "effect": "at_most_confirm", "conditions": {}}
    assert as_boss.post("protections", body).status_code == 201
    assert error_of(as_boss.post("protections", body))["field"] == "name"


def test_a_pause_begins_now_and_its_time_stays_when_it_is_ended(
    as_boss: Caller, at_monday: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = as_boss.post("pauses", {"until": "2026-12-24T00:00:00+01:00", "reason": "Fair"}).json()
    assert (made["since"], made["until"]) == ("2026-11-23T10:14:00Z", "2026-12-23T23:00:00Z")
    monkeypatch.setattr("caseloop.administration.clock.now", lambda: at_monday + timedelta(hours=2))
    assert as_boss.post(f"pauses/{made['id']}/ending").json()["until"] == "2026-11-23T12:14:00Z"
    assert as_boss.get("pauses").json()["items"] == []
    assert len(as_boss.get("pauses?is_over=true").json()["items"]) == 1
    assert "over already" in error_of(as_boss.post(f"pauses/{made['id']}/ending"))["sentence"]


def test_a_pause_that_was_ended_at_once_never_was(as_boss: Caller) -> None:
    made = as_boss.post("pauses", {}).json()
    assert as_boss.post(f"pauses/{made['id']}/ending").status_code == 200
    assert not Pause.objects.exists()


def test_a_pause_in_the_past_is_refused(as_boss: Caller) -> None:
    answer = as_boss.post("pauses", {"until": "2026-11-23T10:14:00Z"})
    assert error_of(answer)["sentence"] == "A pause must end in the future."


def test_the_switches_are_turned_and_say_by_whom(as_boss: Caller, boss: User) -> None:
    assert as_boss.get("settings").json()["is_on"] is False
    assert as_boss.put("settings/master-switch", {"is_on": True}).json()["is_on"] is True
    said = as_boss.put("settings/sending-stop", {"is_stopped": True}).json()
    assert (said["is_stopped"], said["stopped_by"]["id"]) == (True, boss.pk)
    assert as_boss.put("settings/sending-stop", {"is_stopped": False}).json()["stopped_at"] is None
    assert as_boss.put("settings/master-switch", {"is_on": 1}).status_code == 422
    assert GlobalSettings.current().is_on is True


def test_a_mailbox_says_how_it_does_and_never_its_secret(as_boss: Caller, at_monday: datetime) -> None:
    mailbox = factories.mailbox(username="support-login", read_through_at=at_monday, reading_error="no answer")
    Mailbox.objects.filter(pk=mailbox.pk).update(secret=b"hunter2-encrypted")
    for path in ("mailboxes", f"mailboxes/{mailbox.pk}"):
        answer = as_boss.get(path)
        assert "no answer" in answer.text
        assert "2026-11-23T10:14:00Z" in answer.text
        for hidden in ("hunter2", "support-login", "secret", "password", "127.0.0.1"):
            assert hidden not in answer.text


def test_a_contact_is_made_with_addresses_that_are_nobodys(api: Caller) -> None:
    body = {"name": "Ben", "addresses": ["Ben@Cafe.example", "b@cafe.example"], "time_zone": "Europe/Berlin"}
    answer = api.post("contacts", body)
    assert answer.status_code == 201
    assert [(a["address"], a["is_primary"]) for a in answer.json()["addresses"]] == [
        ("ben@cafe.example", True),
        ("b@cafe.example", False),
    ]
    taken = api.post("contacts", {"name": "Other Ben", "addresses": ["ben@cafe.example"]})
    assert error_of(taken)["sentence"] == "The address ben@cafe.example belongs to a contact already."
    assert Contact.objects.count() == 1
    assert [each["name"] for each in api.get("contacts?q=B@CAFE").json()["items"]] == ["Ben"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"name": " "}, "A contact needs a name."),
        ({"name": "Ben", "addresses": ["no address"]}, "“no address” is not a mail address."),
        ({"name": "Ben", "time_zone": "Mars/Olympus"}, "There is no time zone “Mars/Olympus”."),
        ({"name": "Ben", "organization_id": 999}, "There is no organization 999, or you may not see it."),
    ],
)
def test_a_contact_that_cannot_be_is_not_made(api: Caller, body: dict[str, Any], said: str) -> None:
    answer = api.post("contacts", body)
    assert (answer.status_code, error_of(answer)["sentence"]) == (422, said)
    assert not Contact.objects.exists()


def test_lists_say_what_ids_mean(api: Caller, sofia: User, auditor: User) -> None:
    factories.organization()
    assert [user["username"] for user in api.get("users").json()["items"]] == ["sofia"]
    assert api.get("organizations?q=löwen").json()["items"][0]["name"] == "Café Löwenherz OHG"
    active = api.get("status-reasons?status=active").json()["items"]
    assert {reason["key"] for reason in active} >= {"in_progress", "on_hold"}
    assert {reason["status"] for reason in active} == {"active"}


def test_being_away_is_said_to_all(api: Caller, sofia: User) -> None:
    said = api.put("me/absence", {"until": "2026-12-01T08:00:00+01:00"}).json()
    assert (said["away_until"], said["username"], said["scopes"][0]) == ("2026-12-01T07:00:00Z", "sofia", "cases:read")
    past = api.put("me/absence", {"until": "2026-11-01T08:00:00Z"})
    assert error_of(past)["sentence"] == "The day of return must lie ahead."
    assert api.put("me/absence", {"until": None}).json()["away_until"] is None


@pytest.mark.parametrize("path", ["rules", "protections", "pauses", "contacts", "organizations", "queues", "mailboxes"])
def test_long_lists_take_no_more_queries_than_short_ones(as_boss: Caller, at_monday: datetime, path: str) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert as_boss.get(f"{path}?page_size=100").status_code == 200
        return len(caught)

    def more(number: int) -> None:
        rule = cast.rule(f"Rule {number}", conditions={"field": "title", "operator": "contains", "value": str(number)})
        organization = factories.organization(f"Organization {number}")
        contact = factories.contact(f"Ann {number}", f"ann{number}@cafe.example", organization=organization)
        queue = factories.queue(f"Queue {number}")
        factories.mailbox(f"box{number}@contoso.example", is_default=number == 0).queues.add(queue)
        Protection.objects.create(name=f"P{number}", effect="never", contact=contact, queue=queue)
        Pause.objects.create(since=at_monday, rule=rule, organization=organization)

    more(0)
    with_one = queries()
    for number in range(1, 5):
        more(number)
    assert queries() == with_one <= 4


def test_a_token_is_issued_once_with_known_scopes(sofia: User, at_monday: datetime) -> None:
    secret = issue("sofia", "reports", ["cases:read", "cases:read"])
    kept = ApiToken.objects.get()
    assert (kept.user, kept.scopes, kept.digest) == (sofia, ["cases:read"], ApiToken.digest_of(secret))
    assert Caller(secret).get("me").json()["scopes"] == ["cases:read"]

    revoke("sofia", "reports", at_monday)
    assert Caller(secret).get("me").status_code == 401
    assert issue("sofia", "reports", ["cases:read"]) != secret


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("nobody", "reports", ["cases:read"]), "There is no user “nobody” who can sign in."),
        (("assistant", "reports", ["cases:read"]), "There is no user “assistant” who can sign in."),
        (("sofia", "reports", ["cases:all"]), "There is no scope “cases:all”; there are: cases:read, cases:write,"),
        (("sofia", "reports", []), "A token needs a scope; there are: cases:read,"),
        (("sofia", " ", ["cases:read"]), "A token needs a name of 1 to 100 characters, saying what uses it."),
        (("sofia", "taken", ["cases:read"]), "Sofia Marchetti-Brandenburger has a token “taken” already."),
    ],
)
def test_a_token_that_makes_no_sense_is_not_issued(sofia: User, asked: Any, said: str) -> None:
    User.objects.application_user()
    ApiToken.issue(sofia, "taken", ["cases:read"])
    with pytest.raises(TokenRefused) as refused:
        issue(*asked)
    assert str(refused.value).startswith(said)
    assert ApiToken.objects.count() == 1


def test_what_is_not_there_cannot_be_revoked(sofia: User, at_monday: datetime) -> None:
    with pytest.raises(TokenRefused, match="has no token “reports” that could be revoked"):
        revoke("sofia", "reports", at_monday)
