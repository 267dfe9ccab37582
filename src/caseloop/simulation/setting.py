"""Who and what is there before the first case? People, queues, a mailbox, customers and their cases to come."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from caseloop.accounts.models import Team, User
from caseloop.administration.models import BusinessCalendar, GlobalSettings
from caseloop.cases.models import Contact, ContactAddress, Organization, Queue
from caseloop.mail.models import Mailbox
from caseloop.mail.models.mailbox import Security
from caseloop.simulation.customers import SHARES, ZONES, Customer, Kind
from caseloop.simulation.files import CaseFile, RuleFile
from caseloop.simulation.letters import SUPPORT
from caseloop.simulation.representatives import Representative
from caseloop.simulation.words import LANGUAGES, problems

OFFICE = "Europe/Berlin"
REPRESENTATIVE_ZONES = ("Europe/Berlin", "Europe/London", "America/New_York")
DILIGENCE = (0.95, 0.9, 0.6, 0.95, 0.3, 0.9, 0.0, 0.8)
CASES_PER_REPRESENTATIVE = 60


def rules() -> list[tuple[RuleFile, list[str]]]:
    """The rules with their waits: one with confirmation, three that are fully automatic."""

    def rule(
        name: str, *waits: str, is_automatic: bool = True, counts: bool = True, favorable: bool = False
    ) -> tuple[RuleFile, list[str]]:
        return RuleFile(name, f"{name} queue", is_automatic, counts, favorable), list(waits)

    return [
        rule("Key accounts", "48 hours", "48 hours", "48 hours", is_automatic=False),
        rule("Standard care", "48 hours", "48 hours", "48 hours"),
        rule("Quick care", "2 working days", "2 working days", favorable=True),
        rule("Patient care", "30 hours", "48 hours", "3 days", "3 days", counts=False),
    ]


@dataclass(frozen=True, slots=True)
class Setting:
    """What `set_up` has made."""

    mailbox: Mailbox
    representatives: list[Representative]
    rules: list[tuple[RuleFile, list[str]]]
    customers: list[Customer]
    files: list[CaseFile]
    organizations: list[str]


def set_up(cases: int, rng: random.Random, now: datetime) -> Setting:
    """Rows of everything that was there before; the cases themselves come later."""
    made = rules()
    representatives = _people(max(3, cases // CASES_PER_REPRESENTATIVE), rng)
    mailbox = _mailbox([rule.queue for rule, _ in made], now)
    organizations = [f"Organization {number}" for number in range(1, max(3, cases // 15) + 1)]
    Organization.objects.bulk_create([Organization(name=name) for name in organizations])
    customers, files = _customers(cases, organizations, [rule for rule, _ in made], rng)
    _contacts(customers)
    return Setting(mailbox, representatives, made, customers, files, organizations)


def _people(count: int, rng: random.Random) -> list[Representative]:
    for username, name, role in (
        ("jonas", "Jonas Weber", "csr_manager"),
        ("mira", "Mira Okafor", "system_administrator"),
    ):
        User.objects.create_user(username, display_name=name, role=role)
    User.objects.application_user()
    BusinessCalendar.objects.filter(is_default=True).update(zone=OFFICE)
    GlobalSettings.current()
    GlobalSettings.objects.update(is_live=True, sender_name="Contoso Support")
    team, _ = Team.objects.get_or_create(name="Support")
    people = []
    for number in range(1, count + 1):
        zone = REPRESENTATIVE_ZONES[number % len(REPRESENTATIVE_ZONES)]
        user = User.objects.create_user(
            f"rep{number}", display_name=f"Representative {number}", role="representative", time_zone=zone
        )
        team.members.add(user)
        people.append(Representative(user, zone, DILIGENCE[(number - 1) % len(DILIGENCE)]))
    return people


def _mailbox(queues: Sequence[str], now: datetime) -> Mailbox:
    mailbox = Mailbox.objects.create(
        name="Support",
        address=SUPPORT,
        sender_name="Contoso Support",
        is_default=True,
        time_zone=OFFICE,
        smtp_host="simulation.invalid",
        smtp_security=Security.NONE,
        imap_host="simulation.invalid",
        imap_security=Security.NONE,
        allows_plus_addresses=True,
        connected_at=now,
    )
    for name in queues:
        mailbox.queues.add(Queue.objects.create(name=name))
    return mailbox


def _customers(
    cases: int, organizations: Sequence[str], of_rules: Sequence[RuleFile], rng: random.Random
) -> tuple[list[Customer], list[CaseFile]]:
    customers: list[Customer] = []
    files: list[CaseFile] = []
    kinds, shares = list(SHARES), list(SHARES.values())
    while len(files) < cases:
        number = len(customers) + 1
        kind = kinds[len(customers)] if len(customers) < min(len(kinds), cases // 2) else rng.choices(kinds, shares)[0]
        customer = _customer(number, kind, rng.choice(organizations), rng)
        customers.append(customer)
        wanted = rng.randint(2, 4) if kind is Kind.SEVERAL else 1
        for _ in range(min(wanted, cases - len(files))):
            title = f"{rng.choice(problems(customer.language))[0]} ({len(files) + 1})"
            file = CaseFile(len(files) + 1, customer, rng.choice(list(of_rules)), title)
            customer.files.append(file)
            files.append(file)
    return customers, files


def _customer(number: int, kind: Kind, organization: str, rng: random.Random) -> Customer:
    domain = f"c{number}.example"
    return Customer(
        index=number,
        kind=kind,
        name=f"Customer {number}",
        address=f"customer@{domain}",
        language=rng.choice(LANGUAGES),
        zone=rng.choice(ZONES),
        organization=organization,
        new_address=f"new@{domain}" if kind is Kind.MOVED and rng.random() < 0.7 else "",
    )


def _contacts(customers: Sequence[Customer]) -> None:
    organizations = {organization.name: organization for organization in Organization.objects.all()}
    contacts = Contact.objects.bulk_create(
        [
            Contact(name=c.name, organization=organizations[c.organization], language=c.language, time_zone=c.zone)
            for c in customers
        ]
    )
    ContactAddress.objects.bulk_create(
        [
            ContactAddress(contact=contact, address=customer.address, is_primary=True)
            for contact, customer in zip(contacts, customers, strict=True)
        ]
    )


def opening_times(files: Sequence[CaseFile], begins: datetime, days: int, rng: random.Random) -> list[datetime]:
    """When each case begins: spread over the first two thirds, so that most of them come to their end."""
    return [begins + timedelta(days=rng.uniform(0, days * 0.66)) for _ in files]
