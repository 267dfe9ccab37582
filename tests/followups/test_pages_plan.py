"""The plan line on the page of a case: what comes next and when, in the reader's zone, and the acts beside it."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client

from caseloop.accounts.models import User
from caseloop.administration.models import GlobalSettings
from caseloop.cases.models import Case
from tests import cast, factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def running(sofia: User, at_monday: datetime) -> Case:
    """Under full automation, written to on Monday at 9:14: follow-up 2 is due on Wednesday."""
    GlobalSettings.objects.update(is_on=True, is_live=True)
    case = factories.case("Contoso Coffee: grinder jams", now=at_monday - 11 * cast.DAY, owner=sofia)
    cast.mail_out(case, at_monday - cast.DAY / 24)
    cast.series(case, at_monday, cast.rule(level="full"))
    return case


def test_the_sentence_says_what_when_and_unless_what(as_sofia: Client, running: Case) -> None:
    page = as_sofia.get(f"/cases/{running.number}").text
    assert "<b>Next: follow-up 2 of 3</b> on" in page
    assert 'datetime="2026-11-25T10:14:00+01:00">Wed 25 Nov 10:14</time> unless Anna answers.' in page
    assert "What would stop it" in page
    assert "Suggested actions" not in page  # no card under full automation


def test_the_plan_can_be_skipped_stopped_and_held(as_sofia: Client, running: Case) -> None:
    page = as_sofia.get(f"/cases/{running.number}").text
    for act in ("Hold until…", "Skip this one", "Stop follow-ups"):
        assert act in page


def test_a_case_that_nobody_wrote_on_says_why_nothing_is_planned(
    as_sofia: Client, sofia: User, at_monday: datetime
) -> None:
    case = factories.case("Something else", now=at_monday, owner=sofia)
    page = as_sofia.get(f"/cases/{case.number}").text
    assert "No follow-ups:" in page
    assert "Skip this one" not in page


def test_an_auditor_sees_the_plan_without_buttons(as_auditor: Client, running: Case) -> None:
    page = as_auditor.get(f"/cases/{running.number}").text
    assert "Next: follow-up 2 of 3" in page
    assert "Stop follow-ups" not in page


def test_the_banner_says_that_all_sending_is_stopped(as_sofia: Client, running: Case, at_monday: datetime) -> None:
    amara = factories.user("amara", "csr_manager", display_name="Amara Okafor")
    GlobalSettings.objects.update(stopped_at=at_monday, stopped_by=amara)
    page = as_sofia.get("/cases").text
    assert "Amara Okafor stopped all sending" in page


def test_safe_start_is_on_every_page_until_mail_is_live(as_sofia: Client, running: Case) -> None:
    assert "Safe start:" not in as_sofia.get("/cases").text
    GlobalSettings.objects.update(is_live=False, safe_addresses=["me@contoso.example", "you@contoso.example"])
    for address in ("/cases", f"/cases/{running.number}", "/follow-ups"):
        assert "mail reaches only 2 listed addresses" in as_sofia.get(address).text
