"""Which mail does the next one of a case follow, to whom does it go, and from which mailbox? For whole batches."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from caseloop.cases.models import Case, ContactAddress
from caseloop.database.lookups import Many
from caseloop.mail.errors import MailError
from caseloop.mail.models import Mailbox
from caseloop.mail.models.message import MessageDirection

REFERENCES_AT_MOST = 30


@dataclass(frozen=True, slots=True)
class Recipients:
    """To and Cc in lower case; nobody is written to when `to` is empty."""

    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()


class LastMail(NamedTuple):
    """What a mail that follows needs to know of it; `text` is empty where `new_text` was cut from it."""

    case_id: int
    direction: str
    message_id: str
    references: list[str]
    from_address: str
    from_name: str
    to_addresses: list[str]
    cc_addresses: list[str]
    occurred_at: datetime
    language: str
    new_text: str
    text: str


@dataclass(frozen=True, slots=True)
class Thread:
    """What a new mail of the case continues: the last mail, its ids, and the people on it."""

    previous: LastMail | None = None
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    recipients: Recipients = field(default_factory=Recipients)


def threads_of(cases: Collection[Case]) -> dict[int, Thread]:
    """The thread of each case (with its contact loaded), in three queries however many cases there are.

    Recipients are To and Cc of the mail it follows, less our own and undeliverable addresses, never anyone new (spec
    4.2): a mail that we don't believe is not followed. Before the first mail it is the contact's own address.
    """
    previous = _last_mails([case.pk for case in cases])
    ours = {address.lower() for address in Mailbox.objects.values_list("address", flat=True)}
    own = _contact_addresses(cases)
    people = {address for mail in previous.values() for address in _people(mail)}
    dead = set(
        ContactAddress.objects.filter(address__any_of=Many(people), undeliverable_since__isnull=False).values_list(
            "address", flat=True
        )
    )
    return {case.pk: _thread(previous.get(case.pk), own.get(case.contact_id or 0, ""), ours | dead) for case in cases}


def thread_of(case: Case) -> Thread:
    """The thread of one case."""
    return threads_of([case])[case.pk]


def recipients_for_reply(case: Case) -> Recipients:
    """To whom a mail on this case goes unless its writer says otherwise."""
    return thread_of(case).recipients


def mailbox_for(case: Case) -> Mailbox:
    """The mailbox of the case's queue, else the default one. Raises `MailError` when none is switched on."""
    found = mailboxes_for([case.queue_id])
    if case.queue_id not in found:
        raise MailError("No mailbox to send from: connect one, and make it the default or give it to this queue.")
    return found[case.queue_id]


def mailboxes_for(queue_ids: Iterable[int]) -> dict[int, Mailbox]:
    """The mailbox that sends for each of these queues; a queue for which there is none is left out."""
    switched_on = list(Mailbox.objects.filter(is_on=True).order_by("name").prefetch_related("queues"))
    fallback = next((mailbox for mailbox in switched_on if mailbox.is_default), None)
    found: dict[int, Mailbox] = {}
    for queue_id in set(queue_ids):
        own = (mailbox for mailbox in switched_on if any(queue.pk == queue_id for queue in mailbox.queues.all()))
        chosen = next(own, fallback)
        if chosen is not None:
            found[queue_id] = chosen
    return found


def _last_mails(case_ids: Collection[int]) -> dict[int, LastMail]:
    """The last mail of each case that went out, or came from somebody we believe."""
    sql = """
        SELECT last.* FROM unnest(%s::bigint[]) AS wanted(case_id)
         CROSS JOIN LATERAL (
               SELECT m.case_id, m.direction, m.message_id, m."references", m.from_address, m.from_name, m.to_addresses,
                      m.cc_addresses, m.occurred_at, m.language, m.new_text,
                      CASE m.new_text WHEN '' THEN m.text ELSE '' END
                 FROM mail_message m
                WHERE m.case_id = wanted.case_id
                  AND (m.direction = 'out' AND m.state = 'sent' AND coalesce(m.letter ->> 'purpose', '') <> 'internal'
                       OR m.direction = 'in' AND m.kind = 'human' AND m.is_trusted)
                ORDER BY m.occurred_at DESC, m.id DESC LIMIT 1) AS last"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [sorted(case_ids)])
        return {mail.case_id: mail for mail in map(LastMail._make, cursor.fetchall())}


def _contact_addresses(cases: Collection[Case]) -> dict[int, str]:
    """The first deliverable address of each contact, the primary one before others."""
    contact_ids = {case.contact_id for case in cases if case.contact_id}
    rows = ContactAddress.objects.filter(contact_id__any_of=Many(contact_ids), undeliverable_since=None)
    return dict(rows.order_by("is_primary", "-pk").values_list("contact_id", "address"))


def _people(mail: LastMail) -> list[str]:
    return [address.lower() for address in (mail.from_address, *mail.to_addresses, *mail.cc_addresses) if address]


def _thread(previous: LastMail | None, own_address: str, left_out: set[str]) -> Thread:
    if previous is None:
        return Thread(recipients=Recipients(to=(own_address,) if own_address else ()))
    if previous.direction == MessageDirection.IN:
        to, cc = [previous.from_address], [*previous.to_addresses, *previous.cc_addresses]
    else:
        to, cc = previous.to_addresses, previous.cc_addresses
    chain = tuple(dict.fromkeys(i for i in (*previous.references, previous.message_id) if i))[-REFERENCES_AT_MOST:]
    kept_to = _kept(to, left_out)
    return Thread(previous, previous.message_id, chain, Recipients(kept_to, _kept(cc, left_out | set(kept_to))))


def _kept(addresses: Iterable[str], left_out: set[str]) -> tuple[str, ...]:
    lower = (address.lower() for address in addresses)
    return tuple(dict.fromkeys(address for address in lower if address and _home(address) not in left_out))


def _home(address: str) -> str:
    """The address without a sub-address: ours with one is ours all the same (RFC 5233)."""
    local, _, domain = address.rpartition("@")
    return f"{local.split('+', 1)[0]}@{domain}" if "+" in local else address
