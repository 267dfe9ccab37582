"""What stands on the stage before the story begins: people, queues, settings, a mailbox, customers, rules."""

from __future__ import annotations

from datetime import datetime

from caseloop.accounts.models import Team, User
from caseloop.administration import secrets
from caseloop.administration.models import BusinessCalendar, GlobalSettings
from caseloop.cases.models import Contact, ContactAddress, Organization, Queue, StatusReason
from caseloop.demo.cast import (
    APPLICATION_USER,
    KEY_ACCOUNTS,
    MAILBOX,
    OFFICE,
    PASSWORD,
    SENDER_NAME,
    STANDARD_CARE,
    Customer,
    the_cast,
)
from caseloop.demo.customer_mail import HOST
from caseloop.followups import rules
from caseloop.followups.models import Rule
from caseloop.mail.models import Mailbox
from caseloop.mail.models.mailbox import Security

WAITS = ["48 hours"] * 3
OLDER_THAN_DAYS = 7


def set_the_stage(smtp_port: int, imap_port: int, mailbox_password: str, now: datetime) -> None:
    """Everything that an administrator sets up before the first customer writes; no rule is active yet."""
    _people()
    _office()
    _mailbox(smtp_port, imap_port, mailbox_password)
    for customer in the_cast().all_customers:
        _customer(customer)
    rules.switch(True, actor=User.objects.get(username="mira"), now=now)


def make_rules(now: datetime) -> tuple[Rule, Rule]:
    """Jonas makes the story's rule twice, once per level, and activates them; Mira gives the second yes."""
    jonas, mira = User.objects.get(username="jonas"), User.objects.get(username="mira")
    confirm = _rule("Contoso Coffee, key accounts", "confirm", KEY_ACCOUNTS, jonas, now)
    full = _rule("Contoso Coffee, standard care", "full", STANDARD_CARE, jonas, now)
    rules.activate(confirm.pk, actor=jonas, now=now)
    rules.activate(full.pk, actor=jonas, now=now)
    rules.activate(full.pk, actor=mira, now=now)
    return Rule.objects.get(pk=confirm.pk), Rule.objects.get(pk=full.pk)


def _rule(name: str, level: str, queue: str, actor: User, now: datetime) -> Rule:
    """A closing notice is no follow-up, and would make the mails of the story harder to count: it is off."""
    conditions = [
        {"field": "title", "operator": "contains", "value": "Contoso Coffee"},
        {"field": "age_days", "operator": "greater than", "value": OLDER_THAN_DAYS},
        {"field": "queue", "operator": "equals", "value": queue},
    ]
    fields = rules.RuleFields(
        waits=WAITS,
        conditions={"all": conditions},
        plain={
            "name": name,
            "level": level,
            "trigger_status_reason": StatusReason.objects.get(key="on_hold"),
            "follow_ups": len(WAITS),
            "sends_closing_notice": False,
        },
    )
    return rules.save_rule(fields, actor=actor, now=now)


def _people() -> None:
    team, _ = Team.objects.get_or_create(name="Coffee care")
    for colleague in the_cast().colleagues:
        person = User.objects.create_user(
            colleague.username,
            PASSWORD,
            display_name=colleague.name,
            role=colleague.role,
            email=colleague.email,
            time_zone=OFFICE,
        )
        if colleague.role in ("representative", "csr_manager"):
            team.members.add(person)
    agent = User.objects.application_user()
    agent.display_name, agent.time_zone = APPLICATION_USER, OFFICE
    agent.save()
    for name in (KEY_ACCOUNTS, STANDARD_CARE):
        Queue.objects.create(name=name, line_of_business="Coffee machines").teams.add(team)


def _office() -> None:
    """The office works Monday to Friday 8 to 18; mail goes out in these hours of the customer's own zone."""
    BusinessCalendar.objects.filter(is_default=True).update(zone=OFFICE)
    settings = GlobalSettings.current()
    settings.is_live = True
    settings.sender_name = SENDER_NAME
    settings.save()


def _mailbox(smtp_port: int, imap_port: int, password: str) -> None:
    mailbox = Mailbox.objects.create(
        name="Coffee care",
        address=MAILBOX,
        sender_name=SENDER_NAME,
        is_default=True,
        time_zone=OFFICE,
        smtp_host=HOST,
        smtp_port=smtp_port,
        smtp_security=Security.NONE,
        imap_host=HOST,
        imap_port=imap_port,
        imap_security=Security.NONE,
        username=MAILBOX,
        secret=secrets.encrypt(password),
        allows_plus_addresses=True,
    )
    mailbox.queues.add(Queue.objects.get(name="Support"))


def _customer(customer: Customer) -> None:
    domain = customer.address.rpartition("@")[2]
    organization, _ = Organization.objects.get_or_create(name=customer.organization, defaults={"domains": [domain]})
    contact = Contact.objects.create(
        name=customer.name, organization=organization, language=customer.language, time_zone=customer.zone
    )
    ContactAddress.objects.create(contact=contact, address=customer.address, is_primary=True)
