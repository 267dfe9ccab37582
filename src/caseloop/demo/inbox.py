"""What lies in a customer's mailbox? Read by IMAP, as any mail program would, with the customer's own password."""

from __future__ import annotations

import imaplib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from imapclient import IMAPClient

from caseloop.demo.cast import Customer
from caseloop.demo.customer_mail import HOST, Read, read
from caseloop.demo.models import DemoState

TIMEOUT = 10
SHORTEST = 12
GREETING_ENDS = (",", ":", "、", "様")
FOLDERS = {"in": "INBOX", "out": "Sent"}
BODY, FLAGS, ARRIVED = b"BODY[]", b"FLAGS", b"INTERNALDATE"


class NoMailSystem(Exception):
    """The mail system of the demo does not answer."""


@dataclass(frozen=True, slots=True)
class InboxMail:
    """One mail of a customer; `key` names it within the mailbox."""

    key: str
    at: datetime
    is_unread: bool
    is_own: bool
    content: Read

    @property
    def uid(self) -> int:
        """Its number in its folder: later arrivals have higher ones."""
        return int(self.key.partition("-")[2])

    @property
    def beginning(self) -> str:
        """The first paragraph after the greeting."""
        paragraphs = (" ".join(part.split()) for part in self.content.text.replace("\r\n", "\n").split("\n\n"))
        return next((part for part in paragraphs if len(part) > SHORTEST and not part.endswith(GREETING_ENDS)), "")


def mails_of(customer: Customer, state: DemoState) -> list[InboxMail]:
    """Received and sent mails of the customer, newest first. Raises `NoMailSystem`."""
    with _signed_in(customer, state) as client:
        found = [mail for kind in FOLDERS for mail in _folder(client, kind)]
    return sorted(found, key=lambda mail: (mail.at, mail.uid), reverse=True)


def mark_read(customer: Customer, mail: InboxMail, state: DemoState) -> None:
    """The customer has opened it. Raises `NoMailSystem`."""
    with _signed_in(customer, state) as client:
        client.select_folder(FOLDERS["in"])
        client.add_flags([mail.uid], [b"\\Seen"])


def unread_of(customers: Sequence[Customer], state: DemoState) -> dict[str, tuple[int, int]]:
    """How many mails each customer has received, and how many of them are unread. Raises `NoMailSystem`."""
    counts = {}
    for customer in customers:
        with _signed_in(customer, state) as client:
            status = client.folder_status("INBOX", ["MESSAGES", "UNSEEN"])
        counts[customer.address] = (int(status[b"MESSAGES"]), int(status[b"UNSEEN"]))
    return counts


def _folder(client: IMAPClient, kind: str) -> Iterator[InboxMail]:
    client.select_folder(FOLDERS[kind], readonly=True)
    uids = client.search("ALL")
    if not uids:
        return
    for uid, item in client.fetch(uids, ["BODY.PEEK[]", "FLAGS", "INTERNALDATE"]).items():
        is_unread = kind == "in" and b"\\Seen" not in item[FLAGS]
        yield InboxMail(f"{kind}-{uid}", item[ARRIVED], is_unread, kind == "out", read(item[BODY]))


@contextmanager
def _signed_in(customer: Customer, state: DemoState) -> Iterator[IMAPClient]:
    try:
        with IMAPClient(HOST, state.imap_port, ssl=False, timeout=TIMEOUT) as client:
            client.normalise_times = False
            client.login(customer.address, state.customers_password)
            yield client
    except (imaplib.IMAP4.error, OSError) as error:
        raise NoMailSystem(
            "The mail system of the demo does not answer. It ends with the demo: start that again, and sign in anew."
        ) from error
