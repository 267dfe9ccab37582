"""What docs/running.md shows: an outside mailbox by settings, cases by mail and by file, rules from YAML."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from caseloop.accounts.models import Role
from caseloop.administration.models import GlobalSettings
from caseloop.cases.models import Case, StatusReason
from caseloop.connectors.csv.importing import import_cases
from caseloop.demo.mail_system import MailSystem
from caseloop.followups import rules
from caseloop.followups.models import Enrolment, Rule
from caseloop.followups.rules_file import apply_file
from caseloop.mail.connect import connect_mailbox, settings_from
from caseloop.mail.models import Message
from tests import factories
from tests.journeys.stage import ANNA, PASSWORD, SUPPORT, Clock, Stage, on_stage

pytestmark = pytest.mark.django_db

MONDAY_9 = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
RUNNING = Path(__file__).parents[2] / "docs" / "running.md"


def test_a_mailbox_by_settings_a_case_by_mail_and_the_rule_of_the_page(tmp_path: Path) -> None:
    clock = Clock(MONDAY_9)
    with MailSystem({SUPPORT: PASSWORD, ANNA: PASSWORD}, clock=clock.now) as mail:
        old = b"From: old@cafe.example\r\nTo: support@contoso.example\r\nSubject: Old\r\n\r\nWas here before.\r\n"
        mail.deliver(old, SUPPORT)
        settings = settings_from(
            {
                "CASELOOP_MAILBOX_ADDRESS": SUPPORT,
                "CASELOOP_MAILBOX_PASSWORD": PASSWORD,
                "CASELOOP_MAILBOX_SMTP_HOST": "127.0.0.1",
                "CASELOOP_MAILBOX_SMTP_PORT": str(mail.smtp_port),
                "CASELOOP_MAILBOX_SMTP_SECURITY": "none",
                "CASELOOP_MAILBOX_IMAP_HOST": "127.0.0.1",
                "CASELOOP_MAILBOX_IMAP_PORT": str(mail.imap_port),
                "CASELOOP_MAILBOX_IMAP_SECURITY": "none",
            }
        )
        mailbox = connect_mailbox(settings, now=clock.now)
        GlobalSettings.current()
        GlobalSettings.objects.update(is_on=True, is_live=True)
        stage = Stage(mail, mailbox, clock)
        factories.user("mira", Role.ADMINISTRATOR)
        [page] = re.findall(r"```yaml\n(.*?)```", RUNNING.read_text("utf-8"), re.DOTALL)
        path = tmp_path / "rules.yaml"
        path.write_text(page.replace("value: 7", "value: 0"), encoding="utf-8")
        assert apply_file(path, "mira", True, stage.now) == ["“Contoso Coffee” made; it is active."]

        new = stage.mail_from_customer("It jams.", reply=False, subject="Contoso Coffee: grinder jams")
        mail.deliver(bytes(new), SUPPORT)
        stage.settle()
        case = Case.objects.get()
        assert (case.title, case.contact and case.contact.address) == ("Contoso Coffee: grinder jams", ANNA)

        Case.objects.update(owner=factories.user(), status_reason=StatusReason.objects.get(key="on_hold"))
        case.refresh_from_db()
        stage.we_write(case)
        stage.run_until(MONDAY_9 + timedelta(hours=49))
        card = stage.open_action(case)
        assert card is not None
        assert (card.kind, card.state) == ("send_follow_up", "proposed")


def test_activating_full_automation_over_3000_old_silences_mails_none_and_closes_none(tmp_path: Path) -> None:
    with on_stage(MONDAY_9) as stage:
        lines = ["title,addresses,status_reason,last_our_mail_at"]
        for number in range(3000):
            at = (MONDAY_9 - timedelta(days=1 + number % 400)).isoformat()
            lines.append(f"Contoso Coffee: case {number},customer{number}@shop.example,On Hold,{at}")
        path = tmp_path / "cases.csv"
        path.write_text("\n".join(lines), encoding="utf-8")
        import_cases(path, stage.now)
        stage.settle()

        stage.rule("full", follow_ups=1)
        stage.run_for(days=10)
        assert Message.objects.filter(direction="out", origin="automatic").count() == 0
        assert Case.objects.filter(status="active").count() == 3000
        assert not Enrolment.objects.exists()


def test_taken_on_purpose_each_begins_with_a_follow_up_and_its_full_wait(tmp_path: Path) -> None:
    with on_stage(MONDAY_9) as stage:
        lines = ["title,addresses,status_reason,last_our_mail_at"]
        for days in (3, 20, 40):
            at = (MONDAY_9 - timedelta(days=days)).isoformat()
            lines.append(f"Contoso Coffee: {days} days,customer{days}@shop.example,On Hold,{at}")
        path = tmp_path / "cases.csv"
        path.write_text("\n".join(lines), encoding="utf-8")
        import_cases(path, stage.now)
        stage.settle()

        rule = stage.rule("full", follow_ups=1, takes_silences_up_to_days=30)
        stage.run_for(hours=1)
        assert {e.case.title for e in Enrolment.objects.all()} == {"Contoso Coffee: 3 days", "Contoso Coffee: 20 days"}
        assert stage.automatic_mails("customer3@shop.example") == 1
        assert stage.automatic_mails("customer40@shop.example") == 0
        assert Case.objects.filter(status="active").count() == 3, "nothing is resolved before the full wait"
        rules.deactivate(rule.pk, actor=stage.manager, now=stage.now)
        assert Rule.objects.get().state == "inactive"
