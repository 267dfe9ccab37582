"""Signing in and out, and what people set for themselves."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client

from caseloop.accounts.models import User
from tests import factories

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


def test_a_page_asks_for_signing_in_and_leads_back_to_itself(client: Client, sofia: User) -> None:
    asked = client.get("/follow-ups")
    assert asked.headers["Location"] == "/sign-in?next=/follow-ups"
    entered = client.post("/sign-in", {"username": "sofia", "password": PASSWORD, "next": "/follow-ups"})
    assert entered.headers["Location"] == "/follow-ups"


@pytest.mark.parametrize("name, password", [("sofia", "wrong"), ("nobody", PASSWORD)])
def test_a_wrong_name_and_a_wrong_password_get_the_same_sentence(
    client: Client, sofia: User, name: str, password: str
) -> None:
    answer = client.post("/sign-in", {"username": name, "password": password})
    assert "The name or the password is not right." in answer.text
    assert f'value="{name}"' in answer.text
    assert client.get("/cases").status_code == 302


def test_nobody_signs_in_as_the_application_user(client: Client, db: None) -> None:
    agent = User.objects.application_user()
    answer = client.post("/sign-in", {"username": agent.username, "password": ""})
    assert answer.status_code == 200
    assert client.get("/cases").status_code == 302


def test_signing_in_never_leads_to_another_site(client: Client, sofia: User) -> None:
    answer = client.post("/sign-in", {"username": "sofia", "password": PASSWORD, "next": "https://evil.example/"})
    assert answer.headers["Location"] == "/"


def test_signing_out_takes_a_form(as_sofia: Client) -> None:
    assert as_sofia.get("/sign-out").status_code == 405
    as_sofia.post("/sign-out")
    assert as_sofia.get("/cases").status_code == 302


def test_dark_colors_and_another_zone_hold_for_every_page(as_sofia: Client, at_monday: datetime) -> None:
    case = factories.case("Contoso Coffee: grinder", now=at_monday)
    as_sofia.post("/me/appearance", {"theme": "dark", "time_zone": "Asia/Tokyo"})
    page = as_sofia.get(f"/cases/{case.number}").text
    assert '<html lang="en" data-theme="dark">' in page
    assert "Mon 23 Nov 2026 19:14" in page  # 10:14 UTC


def test_a_zone_that_does_not_exist_is_refused(as_sofia: Client) -> None:
    answer = as_sofia.post("/me/appearance", {"theme": "dark", "time_zone": "Mars/Olympus"})
    assert answer.status_code == 422
    assert User.objects.get(username="sofia").time_zone == "Europe/Berlin"


def test_away_until_monday_ends_at_midnight_in_the_readers_zone(as_sofia: Client) -> None:
    as_sofia.post("/me/absence", {"until": "2026-11-30"})
    assert User.objects.get(username="sofia").away_until == datetime.fromisoformat("2026-11-29T23:00:00+00:00")
    assert "Away until" in as_sofia.get("/me").text
    as_sofia.post("/me/absence", {"back": "1"})
    assert User.objects.get(username="sofia").away_until is None


def test_a_return_that_lies_behind_is_refused_beside_the_field_and_kept(as_sofia: Client) -> None:
    answer = as_sofia.post("/me/absence", {"until": "2026-11-01"})
    assert answer.status_code == 422
    assert "The day of return must lie ahead." in answer.text
    assert 'value="2026-11-01"' in answer.text


def test_an_auditor_may_choose_colors(as_auditor: Client) -> None:
    assert as_auditor.post("/me/appearance", {"theme": "light", "time_zone": "UTC"}).status_code == 302
