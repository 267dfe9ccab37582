"""Follow-ups, mail in doubt, and rules: what stands on these pages and what can be decided there."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client

from caseloop.accounts.models import User
from caseloop.administration.models import GlobalSettings
from caseloop.cases.models import Case
from caseloop.followups.models import Enrolment, Rule
from caseloop.mail.models import MailDoubt, Message
from tests import cast, factories

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def case(sofia: User, at_monday: datetime) -> Case:
    made = factories.case("Contoso Coffee: grinder jams", now=at_monday - 11 * cast.DAY, owner=sofia)
    cast.series(made, at_monday - cast.DAY)
    return made


@pytest.fixture
def doubt(case: Case, at_monday: datetime) -> MailDoubt:
    other = factories.case("Invoice 0377", now=at_monday, contact=factories.contact("Bo", "bo@cafe.example"))
    mail = cast.mail_in(other, at_monday - HOUR, "Guten Morgen, anbei.", language="de", is_trusted=False)
    return MailDoubt.objects.create(message=mail, case=case, reason="Same domain as the contact", asked_at=at_monday)


@pytest.fixture
def as_manager(at_monday: datetime, db: None) -> Client:
    managing = Client()
    managing.force_login(factories.user("amara", "csr_manager", display_name="Amara Okafor"))
    return managing


def test_running_series_say_what_is_next_and_stuck_ones_have_their_view(
    as_sofia: Client, case: Case, at_monday: datetime
) -> None:
    page = as_sofia.get("/follow-ups").text
    assert "Contoso Coffee: grinder jams" in page
    assert "Follow-up 2 of 3" in page
    assert "No series fits" in as_sofia.get("/follow-ups?view=stuck").text
    mail = cast.mail_in(case, at_monday, "No", "negative")
    cast.suggested_reply(case, at_monday, Enrolment.objects.get(), mail)
    assert "Reply to customer" in as_sofia.get("/follow-ups?view=stuck").text


def test_series_of_hidden_queues_are_not_listed(as_sofia: Client, case: Case) -> None:
    jonas = factories.user("jonas")
    Case.objects.update(queue=factories.queue("Legal", is_open_to_all=False), owner=jonas)
    assert "No series is running" in as_sofia.get("/follow-ups").text


def test_a_doubt_is_a_question_that_is_answered_with_one_press(as_sofia: Client, sofia: User, doubt: MailDoubt) -> None:
    page = as_sofia.get("/mail-in-doubt").text
    assert "Does this mail answer this case too?" in page
    assert "Same domain as the contact" in page
    assert '<p class="quote" lang="de">Guten Morgen, anbei.</p>' in page
    assert "The sender is not certain" in page

    said = as_sofia.post(f"/mail-in-doubt/{doubt.pk}/answer", {"answer": "no"}, follow=True).text
    assert "No mail is in doubt" in said
    doubt.refresh_from_db()
    assert (doubt.answer, doubt.answered_by) == ("no", sofia)
    late = as_sofia.post(f"/mail-in-doubt/{doubt.pk}/answer", {"answer": "yes"}, follow=True).text
    assert "This was answered already" in late


def test_a_closing_notice_that_may_not_have_gone_is_shown_until_somebody_says_whether_it_did(
    as_sofia: Client, case: Case, at_monday: datetime
) -> None:
    """The case is resolved and no series watches any more, yet somebody is told (P4)."""
    Case.objects.update(status="resolved")
    of_agent = {"origin": "automatic", "approved_at": at_monday - HOUR, "letter": {"purpose": "closing_notice"}}
    notice = cast.mail_out(case, at_monday - HOUR, subject="We have closed your case", **of_agent)
    assert "Did these mails go out?" not in as_sofia.get("/mail-in-doubt").text
    Message.objects.filter(pk=notice.pk).update(state="unconfirmed", sent_at=None)
    page = as_sofia.get("/mail-in-doubt").text
    assert "Did these mails go out?" in page
    assert "We have closed your case" in page

    address = f"/mail-in-doubt/mails/{notice.pk}/settlement"
    assert "Say yes or no" in as_sofia.post(address, follow=True).text
    said = as_sofia.post(address, {"was_sent": "yes"}, follow=True).text
    assert "Did these mails go out?" not in said
    notice.refresh_from_db()
    assert notice.state == "sent"
    assert "not in doubt any more" in as_sofia.post(address, {"was_sent": "no"}, follow=True).text


def test_moving_a_mail_files_it_under_the_other_case(as_sofia: Client, doubt: MailDoubt) -> None:
    as_sofia.post(f"/mail-in-doubt/{doubt.pk}/answer", {"answer": "moved"})
    assert Message.objects.get(pk=doubt.message_id).case_id == doubt.case_id


def test_an_odd_answer_changes_nothing(as_sofia: Client, doubt: MailDoubt) -> None:
    page = as_sofia.post(f"/mail-in-doubt/{doubt.pk}/answer", {"answer": "perhaps"}, follow=True).text
    assert "Answer yes, no, or move it here." in page
    doubt.refresh_from_db()
    assert doubt.answer == ""


def test_an_auditor_reads_doubts_and_cannot_answer(as_auditor: Client, doubt: MailDoubt) -> None:
    assert 'value="yes"' not in as_auditor.get("/mail-in-doubt").text
    assert as_auditor.post(f"/mail-in-doubt/{doubt.pk}/answer", {"answer": "no"}).status_code == 403


def test_the_plan_of_a_case_in_doubt_leads_to_the_question(as_sofia: Client, doubt: MailDoubt) -> None:
    GlobalSettings.objects.update(is_on=True)
    assert 'href="/mail-in-doubt"' in as_sofia.get(f"/cases/{doubt.case.number}").text
    assert "Does a mail answer this case?" in as_sofia.get("/cases").text


def test_rules_are_for_managers_and_the_page_says_who_can_help(as_sofia: Client, as_manager: Client) -> None:
    cast.rule()
    refused = as_sofia.get("/rules")
    assert refused.status_code == 403
    assert "Rules are for managers." in refused.text
    assert "Amara Okafor can help" in refused.text
    page = as_manager.get("/rules").text
    assert "title contains “Contoso Coffee”" in page
    assert "3, every 2 days" in page


def test_a_rule_is_switched_off_and_on_and_old_silences_are_asked_about(as_manager: Client, case: Case) -> None:
    rule = Rule.objects.get()
    assert "1 series runs under it." in as_manager.get(f"/rules/{rule.pk}/deactivation").text
    as_manager.post(f"/rules/{rule.pk}/deactivation", {"running": "finish"})
    rule.refresh_from_db()
    assert rule.state == "inactive"
    assert Enrolment.objects.get().may_finish

    odd = as_manager.post(f"/rules/{rule.pk}/activation", {"old_silences": "younger", "days": "many"})
    assert odd.status_code == 422
    as_manager.post(f"/rules/{rule.pk}/activation", {"old_silences": "younger", "days": "30"})
    rule.refresh_from_db()
    assert (rule.state, rule.takes_silences_up_to_days) == ("active", 30)


def test_full_automation_waits_for_a_second_managers_yes(as_manager: Client, at_monday: datetime) -> None:
    rule = cast.rule(level="full", state="inactive", activated_at=None)
    page = as_manager.post(f"/rules/{rule.pk}/activation", {"old_silences": "leave"}, follow=True).text
    assert "waits for a second manager’s yes" in page
    rule.refresh_from_db()
    assert rule.state == "inactive"
    joana = Client()
    joana.force_login(factories.user("joana", "csr_manager"))
    joana.post(f"/rules/{rule.pk}/activation", {"old_silences": "leave"})
    rule.refresh_from_db()
    assert rule.state == "active"


def test_an_auditor_reads_rules_and_cannot_switch_them(as_auditor: Client, case: Case) -> None:
    rule = Rule.objects.get()
    assert "Deactivate" not in as_auditor.get("/rules").text
    assert as_auditor.post(f"/rules/{rule.pk}/deactivation").status_code == 403
