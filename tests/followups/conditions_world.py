"""Cases and conditions of every sort, for properties: rows for PostgreSQL, and the same as plain records."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from caseloop.accounts.models import Role
from caseloop.cases.models import (
    Case,
    Contact,
    ContactAddress,
    CustomField,
    Organization,
    Queue,
    StatusReason,
)
from caseloop.mail.models import Message
from tests import factories
from tests.followups.conditions_reference import Record

NOW = datetime(2026, 11, 23, 10, 14, tzinfo=UTC)
ODD = [
    "Contoso Coffee",
    "CONTOSO",
    "100%",
    "1_0",
    "a\\b",
    "{}",
    "%s",
    "''",
    "L\u00f6we",
    "\u00d6WE",
    "Lo\u0308we",
    "\u00c5",
    "\u212b",
    "ﬁn",
    "FIN",
]
ODD += ["％", "straße", "STRASSE", " ", "де", "ДЕ", "\n", "null"]
LETTERS = "aAbäÄ\u0308%_\\ ﬁ％{}'\"5"
some_text = st.one_of(st.sampled_from(ODD), st.text(LETTERS, min_size=1, max_size=4))
maybe_text = st.one_of(st.just(""), some_text)
SPANS = [timedelta(days=days) for days in (-3, 0, 1, 6.9, 7, 7.5, 8, 400)]
SPANS += [
    timedelta(days=7, microseconds=1),
    timedelta(days=7, microseconds=-1),
    timedelta(hours=10, minutes=14),
]
past = st.sampled_from([NOW - span for span in SPANS])
maybe_past = st.one_of(st.none(), past)

DAYS = ["2026-11-23", "2026-11-22", "2026-11-16", "2026-11-15", "2024-02-29", "2026-12-01", "1999-12-31"]
NO_DAYS = ["2023-02-29", "2026-02-30", "0000-01-01", "2026-13-01", "2026-11-23 ", "soon", "20261123", ""]
TIMES = [
    "2026-11-16T10:14:00+00:00",
    "2026-11-16T10:14",
    "2026-11-22T23:30:00Z",
    "2026-11-22 23:30:00.5-05:00",
]
NO_TIMES = ["2026-11-23T25:00", "2026-11-23T10:14:61+00:00", "2026-11-23T10:14+99:00", "10:14"]
some_json = st.one_of(
    st.sampled_from(
        [
            None,
            True,
            False,
            0,
            1,
            5,
            5.5,
            -1,
            10**14,
            1e300,
            "5",
            "true",
            "",
            [],
            {},
            [5],
            {"x": 5},
            "gold",
            "Gold",
        ]
    ),
    st.sampled_from([*DAYS, *NO_DAYS, *TIMES, *NO_TIMES]),
    some_text,
)
CUSTOM = {
    "note": ("text", []),
    "score": ("number", []),
    "vip": ("flag", []),
    "due": ("date", []),
    "seen": ("time", []),
    "plan": ("choice", ["Gold", "silver"]),
}
TYPES = {
    "title": "text",
    "age_days": "age",
    "status_reason": "text",
    "priority": "choice",
    "queue": "text",
    "subject": "text",
    "description": "text",
    "created_at": "time",
    "hold_until": "time",
    "no_automation": "flag",
    "next_move": "choice",
    "last_inbound_at": "time",
    "last_inbound_kind": "choice",
    "last_inbound_subject": "text",
    "last_outbound_subject": "text",
    "any_mail": "texts",
    "contact.name": "text",
    "contact.language": "text",
    "contact.address": "texts",
    "contact.organization.name": "text",
    "contact.organization.domains": "texts",
    "organization.name": "text",
    "organization.domains": "texts",
    "queue.is_open_to_all": "flag",
    "owner.name": "text",
    "owner.role": "choice",
    "parent.title": "text",
    "parent.status_reason": "text",
    "parent.priority": "choice",
    "parent.created_at": "time",
    **{f"custom.{key}": kind for key, (kind, _) in CUSTOM.items()},
    "parent.custom.score": "number",
}
CHOICES = {
    "priority": ["low", "normal", "high"],
    "parent.priority": ["low", "high"],
    "next_move": ["none", "us", "customer"],
    "last_inbound_kind": ["human", "automatic"],
    "owner.role": ["representative", "csr_manager"],
    "custom.plan": ["Gold", "silver"],
}

specs = st.fixed_dictionaries(
    {
        "title": some_text,
        "description": maybe_text,
        "subject": maybe_text,
        "priority": st.sampled_from(CHOICES["priority"]),
        "status_reason": st.integers(0, 1),
        "queue": st.integers(0, 1),
        "owner": st.sampled_from([None, 0, 1]),
        "contact": st.sampled_from([None, 0, 1, 2]),
        "organization": st.sampled_from([None, 0, 1]),
        "parent": st.sampled_from([None, 0, 1]),
        "custom": st.dictionaries(st.sampled_from([*CUSTOM]), some_json),
        "no_automation": st.booleans(),
        "hold_until": maybe_past,
        "created_at": past,
        "last_inbound_at": maybe_past,
        "last_inbound_kind": st.sampled_from(["", *CHOICES["last_inbound_kind"]]),
        "last_inbound_subject": maybe_text,
        "last_outbound_subject": maybe_text,
        "next_move": st.sampled_from(CHOICES["next_move"]),
        "mails": st.lists(st.tuples(st.sampled_from(["in", "sent", "draft"]), maybe_text, maybe_text), max_size=2),
    }
)

TEXT_OPERATORS = ["equals", "does not equal", "contains", "does not contain", "starts with", "ends with"]
LIST_OPERATORS = ["in", "not in"]
DAY_OPERATORS = ["older than", "newer than"]
ORDER = ["greater than", "at least", "less than", "at most"]
EMPTY = ["is empty", "is not empty"]
some_days = st.sampled_from([0, 1, 6.9, 7, 7.5, 30])
some_number = st.sampled_from([0, 1, 5, 5.5, 0.1, -1, 10**14])
some_day = st.sampled_from(DAYS)
some_moment = st.sampled_from(["2026-11-16T10:14:00+00:00", "2026-11-22T23:30:00-05:00"])


def _leaves(name: str) -> st.SearchStrategy[dict[str, Any]]:
    def leaf(operators: list[str], values: st.SearchStrategy[Any] | None) -> st.SearchStrategy[dict[str, Any]]:
        parts = {"field": st.just(name), "operator": st.sampled_from(operators)}
        return st.fixed_dictionaries(parts if values is None else {**parts, "value": values})

    kind = TYPES[name]
    several = leaf(EMPTY, None)
    match kind:
        case "text" | "texts":
            lists = st.lists(some_text, min_size=1, max_size=3)
            return leaf(TEXT_OPERATORS, some_text) | leaf([*LIST_OPERATORS, "contains any of"], lists) | several
        case "choice":
            one = st.sampled_from(CHOICES[name])
            equal = leaf(["equals", "does not equal"], one)
            return equal | leaf(LIST_OPERATORS, st.lists(one, min_size=1, max_size=2)) | several
        case "number":
            compared = leaf(["equals", "does not equal", *ORDER], some_number)
            return compared | leaf(LIST_OPERATORS, st.lists(some_number, min_size=1, max_size=3)) | several
        case "flag":
            return leaf(["is true", "is false", *EMPTY], None)
        case "age":
            return leaf(ORDER, some_days)
        case "date":
            return leaf(["on", "before", "after"], some_day) | leaf(DAY_OPERATORS, some_days) | several
    compared = leaf(["on", "before", "after"], some_day) | leaf(["before", "after"], some_moment)
    return compared | leaf(DAY_OPERATORS, some_days) | several


leaves = st.sampled_from([*TYPES]).flatmap(_leaves)


def _groups(parts: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    lists = st.lists(parts, min_size=1, max_size=3)
    return (
        st.builds(lambda found: {"all": found}, lists)
        | st.builds(lambda found: {"any": found}, lists)
        | st.builds(lambda found: {"not": found}, parts)
    )


conditions = leaves | _groups(leaves) | _groups(leaves | _groups(leaves))


class World:
    """The related records, made once; then any number of cases around them."""

    def __init__(self) -> None:
        for key, (kind, choices) in CUSTOM.items():
            CustomField.objects.create(key=key, label=key, type=kind, choices=choices)
        self.queues = [
            Queue.objects.create(name="Machines % DACH"),
            Queue.objects.create(name="a", is_open_to_all=False),
        ]
        self.owners = [
            factories.user("löwe", display_name="Löwe"),
            factories.user("b", Role.MANAGER, display_name=""),
        ]
        self.organizations = [
            Organization.objects.create(name="Café Löwenherz", domains=["cafe.example", "", 5, "A_b.example"]),
            Organization.objects.create(name="CONTOSO", domains={"not": "a list"}),
        ]
        self.contacts = [
            Contact.objects.create(name="Anna", language="de", organization=self.organizations[0]),
            Contact.objects.create(name="％a", organization=None),
            Contact.objects.create(name="b", language="EN", organization=self.organizations[1]),
        ]
        for number, address in enumerate(["a@cafe.example", "a_b@cafe.example", "ä@cafe.example"]):
            ContactAddress.objects.create(contact=self.contacts[number // 2], address=address)
        self.reasons = list(StatusReason.objects.filter(key__in=["on_hold", "in_progress"]).order_by("key"))
        self.mailbox = factories.mailbox()
        self.count = 0
        plain = {
            "status_reason": 0,
            "queue": 0,
            "owner": None,
            "contact": None,
            "organization": None,
            "parent": None,
        }
        plain |= {"mails": [], "created_at": NOW - timedelta(days=7)}
        self.parents: list[Case] = []
        self.parents = self.add(
            [
                {**plain, "title": "Contoso Coffee", "priority": "high", "custom": {"score": 5}},
                {**plain, "title": "a", "priority": "low", "custom": {"score": "5"}, "status_reason": 1},
            ]
        )

    def add(self, found: list[dict[str, Any]]) -> list[Case]:
        """The cases in bulk, with their mails."""
        cases = Case.objects.bulk_create([self._case(spec) for spec in found])
        mails = [self._mail(case, *mail) for case, spec in zip(cases, found, strict=True) for mail in spec["mails"]]
        Message.objects.bulk_create(mails)
        return cases

    def _case(self, spec: dict[str, Any]) -> Case:
        self.count += 1
        plain = {key: value for key, value in spec.items() if key != "mails"}
        plain["status_reason"] = self.reasons[spec["status_reason"]]
        plain["queue"] = self.queues[spec["queue"]]
        for name, rows in (
            ("owner", self.owners),
            ("contact", self.contacts),
            ("organization", self.organizations),
            ("parent", self.parents),
        ):
            plain[name] = None if spec[name] is None else rows[spec[name]]
        return Case(number=f"C-{self.count}", **plain)

    def _mail(self, case: Case, kind: str, subject: str, text: str) -> Message:
        sides = {"direction": "in", "kind": "human"} if kind == "in" else {"direction": "out", "state": kind}
        sent_at = NOW if kind == "sent" else None
        return Message(
            case=case,
            mailbox=self.mailbox,
            subject=subject,
            text=text,
            occurred_at=NOW,
            sent_at=sent_at,
            **sides,
        )

    def record(self, case: Case, spec: dict[str, Any]) -> Record:
        """The same case as the reference reads it."""
        return {
            **spec,
            "age_days": spec["created_at"],
            "status_reason": case.status_reason.name,
            "queue": case.queue.name,
            "queue.is_open_to_all": case.queue.is_open_to_all,
            "owner": case.owner and {"name": case.owner.display_name, "role": case.owner.role},
            "contact": case.contact and self._contact(case.contact),
            "organization": case.organization and self._organization(case.organization),
            "parent": case.parent
            and {
                "title": case.parent.title,
                "status_reason": case.parent.status_reason.name,
                "priority": case.parent.priority,
                "created_at": case.parent.created_at,
                "custom": case.parent.custom,
            },
            "any_mail": [f"{subject} {text}" for kind, subject, text in spec["mails"] if kind != "draft"],
        }

    def _contact(self, contact: Contact) -> Record:
        return {
            "name": contact.name,
            "language": contact.language,
            "organization": contact.organization and self._organization(contact.organization),
            "address": [row.address for row in ContactAddress.objects.filter(contact=contact)],
        }

    @staticmethod
    def _organization(organization: Organization) -> Record:
        return {"name": organization.name, "domains": organization.domains}
