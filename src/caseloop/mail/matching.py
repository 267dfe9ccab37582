"""Which case does a mail belong to, whom may we believe, and which other cases might it be about?

Pure rules over what `known.py` has looked up. A signed address, a reference, the mail that a bounce returns, a case
number: each opens the thread, none gives authority (spec 4.4). Whether the mail is *trusted* is asked of its sender
alone: an address of the case's contact, or one we have written to on its thread, and DMARC not failed (3.14).

**Doubt** goes on every open case that waits for the customer and that this mail may concern besides the one it is filed
to. A mail that was written as the answer to a mail of ours on case A, while A waits for it, is A's answer and nobody
else's, unless it names another case or speaks of several. Everything else raises the question on all that its sender
could mean: a mail begun anew even when it names A, an answer to a mail of a case that has ended, one that names several
cases, one we could not read. A case named by number is in doubt whatever it waits for and whoever wrote. Where a new
mail names several, the one it is filed to is as doubtful as the others: what it says may be meant for any of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from caseloop.mail.models.message import InboundKind

SEVERAL = re.compile(
    r"\b(?:both|all (?:of )?(?:my|our|these|those|the|three|four|two|cases|tickets|issues)"
    r"|the other (?:case|ticket|issue|one|problem)s?"
    r"|beide[nrs]?|alle (?:drei|vier|meine|unsere|anderen|fälle|tickets)"
    r"|(?:der|den|die|das) andere[nrs]? (?:fall|ticket|anfrage|problem)"
    r"|les (?:deux|trois|autres)|tous (?:mes|nos|les)|l.autre (?:cas|ticket|problème)"
    r"|(?:los|las) (?:dos|tres|otr[oa]s)|tod[oa]s (?:mis|los|las)|el otro (?:caso|problema)"
    r"|entramb[ie]|tutt[ie] (?:i|e) (?:due|tre|casi)|l.altr[oa] (?:caso|problema)"
    r"|ambos|os (?:dois|três|outros)|o outro caso"
    r"|alle drie|de andere (?:zaak|ticket)|båda|alla tre|begge|oba|obie)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """What matching asks of a mail. Ids carry angle brackets; addresses are in lower case; references oldest first."""

    kind: InboundKind
    sender: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    returned_message_id: str = ""
    failed_recipients: tuple[str, ...] = ()
    signed_message: int | None = None
    numbers_in_subject: tuple[str, ...] = ()
    numbers_in_text: tuple[str, ...] = ()
    numbers_in_quotes: tuple[str, ...] = ()
    new_text: str = ""
    fails_dmarc: bool = False
    is_junk: bool = False
    asks_a_person: bool = False
    """An invitation, a complaint, an unsubscription: no answer, but the customer was not silent either."""

    @property
    def newest_references(self) -> tuple[str, ...]:
        """What it answers first, then its thread backwards."""
        return tuple(dict.fromkeys((*self.in_reply_to, *reversed(self.references))))

    @property
    def named(self) -> tuple[str, ...]:
        """The numbers that its writer wrote."""
        return tuple(dict.fromkeys((*self.numbers_in_subject, *self.numbers_in_text)))


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCase:
    """A case as far as matching needs it; a merged one is replaced by where it went before it comes here."""

    id: int
    number: str
    is_active: bool
    waits_for_customer: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the database knows about this mail's references, numbers and addresses."""

    by_message_id: Mapping[str, KnownCase] = field(default_factory=dict)
    by_number: Mapping[str, KnownCase] = field(default_factory=dict)
    signed: KnownCase | None = None
    of_sender: tuple[KnownCase, ...] = ()
    """Open cases of the contact whose address sent it, or to whom it says a mail failed."""
    on_thread: tuple[KnownCase, ...] = ()
    """Open cases on whose thread the sender is."""
    trusted: frozenset[int] = frozenset()
    """Cases that believe this sender: an address of their contact, or one we wrote to."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """*Does this mail answer this case too?*, and why we ask."""

    case_id: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Where the mail goes. Without a case it opens one when `opens_case`, else it stays among the unmatched ones."""

    case_id: int | None
    how: str
    is_trusted: bool
    doubts: tuple[Doubt, ...] = ()
    opens_case: bool = False


def match(mail: Arrived, known: Known) -> Match:
    """Where this mail goes and which other cases have to wait for a person's word about it."""
    case, how = _case_of(mail, known)
    doubts = _doubts(mail, known, case, how)
    is_trusted = not mail.fails_dmarc and (case is not None and case.id in known.trusted)
    opens = case is None and mail.kind is InboundKind.HUMAN and not mail.is_junk
    return Match(case_id=case.id if case else None, how=how, is_trusted=is_trusted, doubts=doubts, opens_case=opens)


REFERENCE, SIGNED, RETURNED, NUMBER, QUOTED, SENDER = (
    "reference",
    "signed address",
    "returned mail",
    "case number",
    "case number in the quoted text",
    "only open case of the sender",
)


def _case_of(mail: Arrived, known: Known) -> tuple[KnownCase | None, str]:
    if known.signed is not None:
        return known.signed, SIGNED
    if mail.returned_message_id in known.by_message_id:
        return known.by_message_id[mail.returned_message_id], RETURNED
    for reference in mail.newest_references:
        if reference in known.by_message_id:
            return known.by_message_id[reference], REFERENCE
    for numbers, how in ((mail.named, NUMBER), (mail.numbers_in_quotes, QUOTED)):
        for number in numbers:
            if number in known.by_number:
                return known.by_number[number], how
    if mail.kind is InboundKind.AUTOMATIC:
        waiting = [case for case in known.of_sender if case.waits_for_customer]
        if len(waiting) == 1:  # an absence notice without references: it answers the one mail that is out
            return waiting[0], SENDER
    return None, ""


def _doubts(mail: Arrived, known: Known, case: KnownCase | None, how: str) -> tuple[Doubt, ...]:
    if mail.kind is InboundKind.HUMAN or mail.kind is InboundKind.UNREADABLE:
        found = _of_named(mail, known) + (_of_sender(mail, known) if _may_mean_others(mail, case, how) else [])
        if how in (NUMBER, QUOTED) and len(mail.named) > 1:
            return _one_each(found)
    elif mail.kind is InboundKind.OTHER:
        if not mail.asks_a_person:
            return ()
        own = Doubt(case.id, "The contact sent a notice that a person should see.") if case else None
        return _one_each([own] if own else _of_sender(mail, known))
    elif case is None:
        found = _of_sender(mail, known)
    else:
        found = []
    return _one_each(doubt for doubt in found if case is None or doubt.case_id != case.id)


def _may_mean_others(mail: Arrived, case: KnownCase | None, how: str) -> bool:
    is_clear_answer = (
        mail.kind is InboundKind.HUMAN and case is not None and case.is_active and how in (REFERENCE, SIGNED)
    )
    return not is_clear_answer or len(mail.named) > 1 or bool(SEVERAL.search(mail.new_text[:5000]))


def _of_named(mail: Arrived, known: Known) -> list[Doubt]:
    cases = [known.by_number[number] for number in mail.named if number in known.by_number]
    return [Doubt(case.id, f"The mail names {case.number}.") for case in cases if case.is_active]


def _of_sender(mail: Arrived, known: Known) -> list[Doubt]:
    what = {
        InboundKind.UNDELIVERABLE: "A mail to the contact's address could not be delivered, and it is unclear which.",
        InboundKind.AUTOMATIC: "An automatic mail of the contact came, and it is unclear which mail it answers.",
        InboundKind.UNREADABLE: "A mail of the contact could not be read.",
    }.get(mail.kind, "The contact wrote, and may have meant this case.")
    doubts = [Doubt(case.id, what) for case in known.of_sender if case.waits_for_customer]
    if mail.kind is not InboundKind.UNDELIVERABLE:
        written = "Somebody on this case's thread wrote, and may have meant this case."
        doubts += [Doubt(case.id, written) for case in known.on_thread if case.waits_for_customer]
    return doubts


def _one_each(doubts: Iterable[Doubt]) -> tuple[Doubt, ...]:
    """The first reason for each case, in case-id order, the order in which cases are locked."""
    first: dict[int, Doubt] = {}
    for doubt in doubts:
        first.setdefault(doubt.case_id, doubt)
    return tuple(first[case_id] for case_id in sorted(first))
