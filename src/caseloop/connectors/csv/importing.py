"""Bringing in cases from another system: all of a file, or nothing of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from caseloop.accounts.models import User
from caseloop.cases.custom_fields import checked
from caseloop.cases.errors import CaseError
from caseloop.cases.mail_columns import of_an_import
from caseloop.cases.marking import mark
from caseloop.cases.models import (
    Case,
    CaseReview,
    Contact,
    ContactAddress,
    CustomField,
    Organization,
    Queue,
    StatusReason,
)
from caseloop.cases.models.custom_field import FieldType
from caseloop.cases.numbers import next_numbers
from caseloop.connectors.csv.rows import CaseRow, ImportRefused, read_rows, refuse
from caseloop.mail.compose import new_message_id
from caseloop.mail.models import Mailbox, Message
from caseloop.mail.threads import mailboxes_for


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a file."""

    cases: int
    contacts: int

    def __str__(self) -> str:
        return f"{self.cases} cases imported, {self.contacts} new contacts."


def import_cases(path: Path, now: datetime) -> Imported:
    """Every case of the file with its contact and the dates of its last mails; raises `ImportRefused` or OSError.

    Silences that an import brings are older than any rule that is activated later, so they are left alone unless an
    administrator takes them (spec 2.13). Nothing is sent or closed by importing.
    """
    rows = read_rows(path, now)
    with transaction.atomic():
        known = _Known.load(rows)
        contacts_before = Contact.objects.count()
        cases = _make_cases(rows, known, now)
        messages = [m for row, case in zip(rows, cases, strict=True) for m in _messages(row, case, known)]
        _refuse_known_ids(messages)
        Message.objects.bulk_create(messages, batch_size=1000)
        mark([case.pk for case in cases], now)
        imported = Imported(len(cases), Contact.objects.count() - contacts_before)
    _refresh_statistics()
    return imported


def _refresh_statistics() -> None:
    """Tables that grew at once would be planned for as if they were still small until autovacuum comes by."""
    tables = [model._meta.db_table for model in (Case, CaseReview, Contact, ContactAddress, Message)]
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(tables)}")


@dataclass(slots=True)
class _Known:
    """What the rows name, looked up once; raises `ImportRefused` for what does not exist."""

    queues: dict[str, Queue]
    reasons: dict[str, StatusReason]
    owners: dict[str, User]
    fields: dict[str, CustomField]
    contacts: dict[str, Contact]
    mailboxes: dict[int, Mailbox]
    default_queue: Queue
    default_reason: StatusReason

    @classmethod
    def load(cls, rows: Sequence[CaseRow]) -> _Known:
        queues = {queue.name: queue for queue in Queue.objects.all()}
        if not queues:
            raise ImportRefused("There is no queue to put the cases in. Make one first.")
        reasons = {reason.name: reason for reason in StatusReason.objects.filter(status="active")}
        known = cls(
            queues=queues,
            reasons=reasons,
            owners={user.username: user for user in User.objects.filter(is_active=True)},
            fields={field.key: field for field in CustomField.objects.all()},
            contacts={a.address: a.contact for a in ContactAddress.objects.select_related("contact")},
            mailboxes=mailboxes_for([queue.pk for queue in queues.values()]),
            default_queue=next(iter(queues.values())),
            default_reason=StatusReason.objects.get(key="in_progress"),
        )
        refuse([f"line {row.line}: {problem}" for row in rows for problem in known._problems(row)])
        return known

    def _problems(self, row: CaseRow) -> list[str]:
        found = []
        if row.queue and row.queue not in self.queues:
            found.append(f"there is no queue “{row.queue}”")
        if row.status_reason and row.status_reason not in self.reasons:
            found.append(f"“{row.status_reason}” is no status reason of an active case")
        if row.owner and row.owner not in self.owners:
            found.append(f"there is no user “{row.owner}”")
        found += [f"there is no custom field “{key}”" for key in row.custom if key not in self.fields]
        owners = {self.contacts[address].pk for address in row.addresses if address in self.contacts}
        if len(owners) > 1:
            found.append("its addresses belong to several contacts")
        if row.last_our_mail_at or row.last_customer_mail_at:
            queue = self.queues.get(row.queue, self.default_queue)
            if queue.pk not in self.mailboxes:
                found.append("its mails need a mailbox: connect one first")
        return found


def _make_cases(rows: Sequence[CaseRow], known: _Known, now: datetime) -> list[Case]:
    numbers = next_numbers(len(rows))
    cases = []
    for row, number in zip(rows, numbers, strict=True):
        contact = _contact(row, known)
        cases.append(
            Case(
                number=number,
                title=row.title,
                status_reason=known.reasons.get(row.status_reason, known.default_reason),
                priority=row.priority,
                origin="import",
                queue=known.queues.get(row.queue, known.default_queue),
                owner=known.owners.get(row.owner),
                contact=contact,
                organization=contact.organization,
                custom=_custom(row, known),
                created_at=row.created_at or now,
                **of_an_import(row.title, row.last_our_mail_at, row.last_customer_mail_at),
            )
        )
    return Case.objects.bulk_create(cases, batch_size=1000)


def _contact(row: CaseRow, known: _Known) -> Contact:
    """The contact of one of the row's addresses, or a new one; new addresses are added to it."""
    contact = next((known.contacts[a] for a in row.addresses if a in known.contacts), None)
    if contact is None:
        organization = None
        if row.organization:
            organization, _ = Organization.objects.get_or_create(name=row.organization)
        contact = Contact.objects.create(
            name=row.contact or row.addresses[0],
            organization=organization,
            language=row.language,
            time_zone=row.time_zone,
        )
    new = [address for address in row.addresses if address not in known.contacts]
    has_primary = len(new) < len(row.addresses)
    for index, address in enumerate(new):
        is_primary = not has_primary and index == 0
        ContactAddress.objects.create(contact=contact, address=address, is_primary=is_primary)
        known.contacts[address] = contact
    return contact


def _custom(row: CaseRow, known: _Known) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, text in row.custom.items():
        match FieldType(known.fields[key].type):
            case FieldType.NUMBER:
                values[key] = _number(text, row, key)
            case FieldType.FLAG:
                values[key] = text.lower() in ("1", "true", "yes")
            case _:
                values[key] = text
    try:
        return checked(values)
    except CaseError as error:
        raise ImportRefused(f"Nothing was imported. line {row.line}: {error}") from error


def _number(text: str, row: CaseRow, key: str) -> float | int:
    try:
        return int(text) if text.lstrip("-").isdecimal() else float(text)
    except ValueError as error:
        raise ImportRefused(f"Nothing was imported. line {row.line}: custom.{key} is no number: “{text}”.") from error


def _messages(row: CaseRow, case: Case, known: _Known) -> list[Message]:
    """Our last mail, the follow-ups before it as far as they are told, and the customer's last mail."""
    found: list[Message] = []
    mailbox = known.mailboxes.get(case.queue_id)
    if mailbox is None:
        return found
    if row.last_our_mail_at is not None:
        count = max(1, row.follow_ups_sent + 1, len(row.message_ids))
        ids = [*(f"<{i.strip('<>')}>" for i in row.message_ids)]
        domain = mailbox.address.rpartition("@")[2]
        ids = [new_message_id(domain) for _ in range(count - len(ids))] + ids
        for index, message_id in enumerate(ids):
            at = row.last_our_mail_at - timedelta(minutes=len(ids) - 1 - index)
            is_follow_up = index >= len(ids) - row.follow_ups_sent
            found.append(_ours(case, mailbox, row, message_id, at, is_follow_up))
    if row.last_customer_mail_at is not None:
        found.append(_theirs(case, mailbox, row, row.last_customer_mail_at))
    return found


def _ours(case: Case, mailbox: Mailbox, row: CaseRow, message_id: str, at: datetime, is_follow_up: bool) -> Message:
    return Message(
        case=case,
        mailbox=mailbox,
        direction="out",
        state="sent",
        origin="automatic" if is_follow_up else "person",
        author=None if is_follow_up else case.owner,
        message_id=message_id,
        from_address=mailbox.address,
        from_name=mailbox.sender_name,
        to_addresses=[row.addresses[0]],
        subject=f"{case.title} [{case.number}]",
        language=row.language,
        letter={"imported": True},
        occurred_at=at,
        approved_at=at,
        sent_at=at,
    )


def _theirs(case: Case, mailbox: Mailbox, row: CaseRow, at: datetime) -> Message:
    return Message(
        case=case,
        mailbox=mailbox,
        direction="in",
        kind="human",
        from_address=row.addresses[0],
        to_addresses=[mailbox.address],
        subject=case.title,
        letter={"imported": True},
        is_trusted=True,
        occurred_at=at,
        opened_at=at,
        match="import",
    )


def _refuse_known_ids(messages: Sequence[Message]) -> None:
    ids = [message.message_id for message in messages if message.message_id]
    doubled = {i for i in ids if ids.count(i) > 1} if len(ids) != len(set(ids)) else set()
    doubled |= set(Message.objects.filter(message_id__in=ids).values_list("message_id", flat=True))
    refuse([f"the Message-ID {i} is known already or stands twice" for i in sorted(doubled)])
