"""What does the database know about a mail that came in: its references, its numbers, its sender?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from caseloop.cases.models import Case, ContactAddress
from caseloop.domain.lifecycle import CaseStatus, MessageState
from caseloop.mail.matching import Arrived, Known, KnownCase
from caseloop.mail.models import Message, Participant

MERGES_AT_MOST = 20


def look_up(mail: Arrived) -> Known:
    """All that `matching.match` asks, in a fixed number of queries; merged cases are replaced by where they went."""
    ids = [*mail.newest_references, mail.returned_message_id]
    by_id = dict(
        Message.objects.filter(message_id__in=[i for i in ids if i], case__isnull=False).values_list(
            "message_id", "case_id"
        )
    )
    signed_case = Message.objects.filter(pk=mail.signed_message or 0).values_list("case_id", flat=True).first()
    contacts = _contacts((mail.sender,) if not mail.failed_recipients else mail.failed_recipients)
    on_thread = dict(
        Participant.objects.filter(address=mail.sender).values_list("case_id", "is_trusted") if mail.sender else []
    )
    named = {*mail.named, *mail.numbers_in_quotes}
    wanted = {case_id for case_id in (*by_id.values(), signed_case) if case_id}
    found = _cases(wanted, on_thread, contacts, named)

    signed = found.by_id.get(signed_case or 0)

    def known(rows: Iterable[_Row]) -> tuple[KnownCase, ...]:
        return tuple({row.id: found.known(row) for row in rows}.values())

    return Known(
        by_message_id={i: found.known(found.by_id[c]) for i, c in by_id.items() if c in found.by_id},
        by_number={row.number: found.known(row) for row in found.by_id.values() if row.number in named},
        signed=found.known(signed) if signed else None,
        of_sender=known(row for row in found.active() if row.contact_id in contacts),
        on_thread=known(row for row in found.active() if row.id in on_thread),
        trusted=frozenset(
            found.end_of(row).id
            for row in found.by_id.values()
            if found.end_of(row).contact_id in contacts or on_thread.get(row.id, False)
        )
        if not mail.failed_recipients
        else frozenset(),
    )


@dataclass(frozen=True, slots=True)
class _Row:
    id: int
    number: str
    status: str
    contact_id: int | None
    merged_into_id: int | None
    waits: bool


@dataclass(frozen=True, slots=True)
class _Cases:
    by_id: Mapping[int, _Row]

    def active(self) -> list[_Row]:
        return [row for row in self.by_id.values() if row.status == CaseStatus.ACTIVE]

    def end_of(self, row: _Row) -> _Row:
        for _ in range(MERGES_AT_MOST):
            if row.merged_into_id is None or row.merged_into_id not in self.by_id:
                break
            row = self.by_id[row.merged_into_id]
        return row

    def known(self, row: _Row) -> KnownCase:
        end = self.end_of(row)
        is_active = end.status == CaseStatus.ACTIVE
        return KnownCase(id=end.id, number=end.number, is_active=is_active, waits_for_customer=is_active and end.waits)


def _contacts(addresses: Iterable[str]) -> set[int]:
    wanted = [address for address in addresses if address]
    return set(ContactAddress.objects.filter(address__in=wanted).values_list("contact_id", flat=True))


def _cases(
    ids: Collection[int], on_thread: Collection[int], contacts: Collection[int], numbers: Collection[str]
) -> _Cases:
    active = Q(status=CaseStatus.ACTIVE.value)
    asked = Q(pk__in=ids) | Q(number__in=numbers) | (active & (Q(pk__in=on_thread) | Q(contact_id__in=contacts)))
    rows = {row.id: row for row in _rows(Case.objects.filter(asked))}
    for _ in range(MERGES_AT_MOST):
        missing = {row.merged_into_id for row in rows.values() if row.merged_into_id} - rows.keys()
        if not missing:
            break
        rows.update({row.id: row for row in _rows(Case.objects.filter(pk__in=missing))})
    return _Cases(rows)


def _rows(cases: QuerySet[Case]) -> Iterable[_Row]:
    """A case also waits for its customer while a mail of ours is going out, or has just gone and isn't recorded yet."""
    out = Message.objects.filter(case=OuterRef("pk"), direction="out")
    going = out.filter(
        Q(state__in=[MessageState.SENDING.value, MessageState.UNCONFIRMED.value])
        | Q(state=MessageState.SENT.value, activity__isnull=True)
    )
    columns = ("pk", "number", "status", "contact_id", "merged_into_id", "next_move", "is_going")
    for pk, number, status, contact, merged, next_move, is_going in cases.annotate(is_going=Exists(going)).values_list(
        *columns
    ):
        yield _Row(pk, number, status, contact, merged, next_move == "customer" or is_going)
