"""Where a mail goes, whom we believe, and which cases have to wait: the rules as tables."""

from __future__ import annotations

from typing import Any

import pytest

from caseloop.mail.matching import Arrived, Known, KnownCase, match
from caseloop.mail.models.message import InboundKind

A = KnownCase(id=1, number="CAS-01001-AA", is_active=True, waits_for_customer=True)
B = KnownCase(id=2, number="CAS-01002-BB", is_active=True, waits_for_customer=True)
C = KnownCase(id=3, number="CAS-01003-CC", is_active=True, waits_for_customer=False)
CLOSED = KnownCase(id=4, number="CAS-01004-DD", is_active=False, waits_for_customer=False)

ANNAS = Known(
    by_message_id={"<a@us>": A, "<b@us>": B, "<closed@us>": CLOSED},
    by_number={case.number: case for case in (A, B, C, CLOSED)},
    of_sender=(A, B, C),
    trusted=frozenset({1, 2, 3, 4}),
)
STRANGERS = Known(by_message_id=ANNAS.by_message_id, by_number=ANNAS.by_number)


def arrived(kind: InboundKind = InboundKind.HUMAN, **said: Any) -> Arrived:
    return Arrived(kind=kind, sender="anna@cafe.example", **said)


WHERE = [
    ("what it answers goes before what it refers to", {"in_reply_to": ("<a@us>",), "references": ("<b@us>",)}, 1, "reference"),
    ("the newest known reference", {"references": ("<a@us>", "<b@us>", "<unknown>")}, 2, "reference"),
    ("a reference goes before a number", {"references": ("<a@us>",), "numbers_in_subject": (B.number,)}, 1, "reference"),
    ("a number in the subject before one in the text", {"numbers_in_subject": (B.number,), "numbers_in_text": (A.number,)}, 2, "case number"),
    ("a number that only the quoted mail names", {"numbers_in_quotes": (B.number,)}, 2, "case number in the quoted text"),
    ("an unknown number is none", {"numbers_in_subject": ("CAS-09999-XX",)}, None, ""),
    ("nothing at all", {}, None, ""),
]  # fmt: skip


@pytest.mark.parametrize(("title", "said", "case_id", "how"), WHERE, ids=[row[0] for row in WHERE])
def test_where_a_mail_goes(title: str, said: dict[str, Any], case_id: int | None, how: str) -> None:
    found = match(arrived(**said), ANNAS)
    assert (found.case_id, found.how) == (case_id, how)


DOUBTS = [
    ("the answer to a mail that waits is that case's alone", {"in_reply_to": ("<a@us>",)}, set()),
    ("… unless it names another", {"in_reply_to": ("<a@us>",), "numbers_in_text": (B.number,)}, {2}),
    ("… even one that waits for us", {"in_reply_to": ("<a@us>",), "numbers_in_text": (C.number,)}, {3}),
    ("… its own number is no other", {"in_reply_to": ("<a@us>",), "numbers_in_subject": (A.number,)}, set()),
    ("two numbers: all that wait", {"in_reply_to": ("<a@us>",), "numbers_in_text": (A.number, C.number)}, {2, 3}),
    ("it speaks of both", {"in_reply_to": ("<a@us>",), "new_text": "Both work now."}, {2}),
    ("sie spricht von beiden", {"in_reply_to": ("<a@us>",), "new_text": "Beide Fälle sind erledigt."}, {2}),
    ("the answer to a mail of a closed case", {"in_reply_to": ("<closed@us>",)}, {1, 2}),
    ("a new mail", {}, {1, 2}),
    ("a new mail that names one", {"numbers_in_subject": (A.number,)}, {2}),
    ("a new mail that names two", {"numbers_in_text": (A.number, C.number)}, {1, 2, 3}),
    ("a closed case cannot be held", {"numbers_in_subject": (CLOSED.number,)}, {1, 2}),
]


@pytest.mark.parametrize(("title", "said", "held"), DOUBTS, ids=[row[0] for row in DOUBTS])
def test_which_other_cases_a_humans_mail_holds(title: str, said: dict[str, Any], held: set[int]) -> None:
    found = match(arrived(**said), ANNAS)
    assert {doubt.case_id for doubt in found.doubts} == held
    assert list(found.doubts) == sorted(found.doubts, key=lambda doubt: doubt.case_id)


MACHINES = [
    ("an automatic reply with references", InboundKind.AUTOMATIC, {"in_reply_to": ("<a@us>",)}, 1, set()),
    ("an automatic reply without", InboundKind.AUTOMATIC, {}, None, {1, 2}),
    ("a bounce of a known mail", InboundKind.UNDELIVERABLE, {"returned_message_id": "<b@us>"}, 2, set()),
    ("a bounce of nothing we know", InboundKind.UNDELIVERABLE, {"failed_recipients": ("x@y.example",)}, None, {1, 2}),
    ("an unreadable mail", InboundKind.UNREADABLE, {}, None, {1, 2}),
    ("an unreadable answer", InboundKind.UNREADABLE, {"in_reply_to": ("<a@us>",)}, 1, {2}),
    ("a read receipt", InboundKind.OTHER, {"in_reply_to": ("<a@us>",)}, 1, set()),
    ("an invitation", InboundKind.OTHER, {"in_reply_to": ("<a@us>",), "asks_a_person": True}, 1, {1}),
    ("an invitation to nobody knows what", InboundKind.OTHER, {"asks_a_person": True}, None, {1, 2}),
]


@pytest.mark.parametrize(("title", "kind", "said", "case_id", "held"), MACHINES, ids=[row[0] for row in MACHINES])
def test_what_machines_send_opens_no_case(
    title: str, kind: InboundKind, said: dict[str, Any], case_id: int | None, held: set[int]
) -> None:
    found = match(arrived(kind, **said), ANNAS)
    assert (found.case_id, {doubt.case_id for doubt in found.doubts}) == (case_id, held)
    assert not found.opens_case


def test_only_the_sender_gives_trust_and_never_against_dmarc() -> None:
    answer = {"in_reply_to": ("<a@us>",)}
    assert match(arrived(**answer), ANNAS).is_trusted
    assert not match(arrived(**answer, fails_dmarc=True), ANNAS).is_trusted
    assert not match(arrived(**answer), STRANGERS).is_trusted


def test_a_stranger_can_hold_what_they_name_and_nothing_else() -> None:
    named = arrived(in_reply_to=("<a@us>",), numbers_in_text=(B.number, C.number))
    assert {doubt.case_id for doubt in match(named, STRANGERS).doubts} == {2, 3}
    assert match(arrived(), STRANGERS).doubts == ()


def test_a_humans_unmatched_mail_opens_a_case_unless_it_is_junk() -> None:
    assert match(arrived(), ANNAS).opens_case
    assert not match(arrived(is_junk=True), ANNAS).opens_case
    assert not match(arrived(in_reply_to=("<a@us>",)), ANNAS).opens_case
