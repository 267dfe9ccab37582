"""How does a mailbox become connected? By a round trip: a probe goes out and comes back, and we say into which folder.

Nothing is written down before that has worked. Only mail that arrives from now on is read (spec 4.7).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from caseloop.administration import clock
from caseloop.administration.secrets import SecretsError, encrypt
from caseloop.cases.models import Queue
from caseloop.mail.addresses import Address, is_mail_address
from caseloop.mail.compose import OutgoingMail, compose, new_message_id
from caseloop.mail.connections import imap_reader, smtp_connection
from caseloop.mail.errors import MailError
from caseloop.mail.hand_over import Accepted
from caseloop.mail.imap import FolderMark, ImapReader, MailboxFolder, MailboxUnreachable
from caseloop.mail.models import Mailbox, MailFolder
from caseloop.mail.models.mailbox import Security
from caseloop.reading.parse import parse_mail

PREFIX = "CASELOOP_MAILBOX_"
PROBE_COMES_BACK_WITHIN = 60.0
ASK_EVERY = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxSettings:
    """How to reach a mailbox. Without a user name there is no sign-in to the way out, and the address signs in to the
    way in."""

    address: str
    smtp_host: str
    imap_host: str
    password: str = ""
    username: str = ""
    name: str = ""
    sender_name: str = ""
    smtp_port: int = 587
    smtp_security: str = "starttls"
    imap_port: int = 993
    imap_security: str = "tls"
    watched_folders: Sequence[str] = ()
    queues: Sequence[str] = ()
    allows_plus_addresses: bool = False
    trusted_authserv_id: str = ""


def connect_mailbox(
    settings: MailboxSettings, *, now: Callable[[], datetime] = clock.now, seconds: float = PROBE_COMES_BACK_WITHIN
) -> Mailbox:
    """Try the round trip, then keep the mailbox (the one with this address gets the new settings), ready to be read.

    The first mailbox becomes the default one. Raises `MailError` with a sentence when anything is in the way; then
    nothing has changed.
    """
    mailbox, queues = _checked(settings)
    with closing(imap_reader(mailbox)) as reader:
        try:
            marks = _marks(mailbox, reader)
            probe = _send_probe(mailbox, now())
            landed = _wait_for_probe(probe, marks, reader, seconds)
        except MailboxUnreachable as error:
            raise MailError(f"The mailbox cannot be read: {error.reason}") from error
    _keep(mailbox, queues, probe, landed, marks, now())
    return mailbox


def connect_from_settings(environ: Mapping[str, str] = os.environ) -> str:
    """Connect the mailbox that CASELOOP_MAILBOX_… describe, and say how it went in one sentence; raises `MailError`."""
    mailbox = connect_mailbox(settings_from(environ))
    return (
        f"Connected: {mailbox.address} sends and receives; our probe came back into {mailbox.probe_folder!r}."
        f" Mail that arrives from now on is read from {', '.join(mailbox.folders.values_list('name', flat=True))}."
    )


def settings_from(environ: Mapping[str, str]) -> MailboxSettings:
    """The settings that the environment gives; raises `MailError` for what is missing or odd."""

    def given(name: str, default: str = "") -> str:
        return environ.get(PREFIX + name, default).strip()

    missing = [PREFIX + name for name in ("ADDRESS", "SMTP_HOST", "IMAP_HOST") if not given(name)]
    if missing:
        raise MailError(f"Set {', '.join(missing)} to say which mailbox to connect.")
    return MailboxSettings(
        address=given("ADDRESS"),
        name=given("NAME"),
        sender_name=given("SENDER_NAME"),
        username=given("USERNAME") or _usual_user(given("ADDRESS"), given("SMTP_SECURITY")),
        password=environ.get(PREFIX + "PASSWORD", ""),
        smtp_host=given("SMTP_HOST"),
        smtp_port=_port(PREFIX + "SMTP_PORT", given("SMTP_PORT"), 587),
        smtp_security=given("SMTP_SECURITY", "starttls").lower(),
        imap_host=given("IMAP_HOST"),
        imap_port=_port(PREFIX + "IMAP_PORT", given("IMAP_PORT"), 993),
        imap_security=given("IMAP_SECURITY", "tls").lower(),
        watched_folders=_words(given("FOLDERS")),
        queues=_words(given("QUEUES")),
        allows_plus_addresses=_flag(PREFIX + "PLUS_ADDRESSES", given("PLUS_ADDRESSES")),
        trusted_authserv_id=given("AUTHSERV_ID"),
    )


def _checked(settings: MailboxSettings) -> tuple[Mailbox, list[Queue]]:
    """The mailbox as it would be kept, not saved, and its queues."""
    address = settings.address.strip().lower()
    if not is_mail_address(address):
        raise MailError(f"“{settings.address}” is not a mail address.")
    for what, security in (("SMTP", settings.smtp_security), ("IMAP", settings.imap_security)):
        if security not in Security.values:
            raise MailError(f"{what} security is “{security}”. Use one of: {', '.join(Security.values)}.")
    queues = list(Queue.objects.filter(name__in=settings.queues))
    unknown = set(settings.queues) - {queue.name for queue in queues}
    if unknown:
        raise MailError(f"There is no queue named {', '.join(sorted(unknown))}.")
    mailbox = Mailbox.objects.filter(address=address).first() or Mailbox(address=address)
    mailbox.name = settings.name or mailbox.name or address
    if Mailbox.objects.filter(name=mailbox.name).exclude(pk=mailbox.pk).exists():
        raise MailError(f"Another mailbox is named “{mailbox.name}” already.")
    mailbox.sender_name = settings.sender_name or mailbox.sender_name
    mailbox.smtp_host, mailbox.smtp_port = settings.smtp_host, settings.smtp_port
    mailbox.imap_host, mailbox.imap_port = settings.imap_host, settings.imap_port
    mailbox.smtp_security, mailbox.imap_security = settings.smtp_security, settings.imap_security
    mailbox.username = settings.username
    mailbox.watched_folders = list(settings.watched_folders)
    mailbox.allows_plus_addresses = settings.allows_plus_addresses
    mailbox.trusted_authserv_id = settings.trusted_authserv_id
    try:
        mailbox.secret = encrypt(settings.password)
    except SecretsError as error:
        raise MailError(str(error)) from error
    return mailbox, queues


def _marks(mailbox: Mailbox, reader: ImapReader) -> dict[str, tuple[MailboxFolder, FolderMark]]:
    """Where *from now on* begins in each folder that will be read."""
    listed = {folder.name: folder for folder in reader.folders()}
    missing = [name for name in mailbox.watched_folders if name not in listed]
    if missing:
        raise MailError(
            f"The mailbox has no folder named {', '.join(missing)}. It has: {', '.join(list(listed)[:30])}."
        )
    wanted = [f for f in listed.values() if f.is_inbox or f.is_junk or f.name in mailbox.watched_folders]
    return {folder.name: (folder, reader.highest_uid(folder.name)) for folder in wanted}


def _send_probe(mailbox: Mailbox, now: datetime) -> str:
    """Send a mail to ourselves and return its Message-ID."""
    message_id = new_message_id(mailbox.address.rpartition("@")[2])
    ourselves = Address(mailbox.address, mailbox.sender_name)
    raw = compose(
        OutgoingMail(
            message_id=message_id,
            date=now,
            sender=ourselves,
            to=[ourselves],
            subject="Caseloop is being connected to this mailbox",
            text="This mail checks that the mailbox sends and receives. It needs no answer and can be deleted.\n",
            is_automatic=True,
        )
    )
    with closing(smtp_connection(mailbox)) as way_out:
        outcome = way_out.hand_over(mailbox.address, [mailbox.address], raw)
    if not isinstance(outcome, Accepted):
        said = getattr(outcome, "text", None) or getattr(outcome, "why", "")
        raise MailError(f"The mailbox cannot send: {said}")
    return message_id


def _wait_for_probe(
    message_id: str, marks: Mapping[str, tuple[MailboxFolder, FolderMark]], reader: ImapReader, seconds: float
) -> str:
    """The folder in which the probe came back."""
    ends_at = time.monotonic() + seconds
    while True:
        for name, (_, mark) in marks.items():
            answer = reader.read_new(name, mark.uidvalidity, mark.uid)
            if any(parse_mail(mail.raw).message_id == message_id for mail in answer.mails):
                return name
        if time.monotonic() >= ends_at:
            raise MailError(
                f"A mail to the mailbox itself went out and did not come back within {seconds:.0f} seconds."
                " Look whether it lies in a folder that is not read, or whether the way in is slow, and try again."
            )
        time.sleep(ASK_EVERY)


@transaction.atomic
def _keep(
    mailbox: Mailbox,
    queues: Sequence[Queue],
    probe: str,
    landed: str,
    marks: Mapping[str, tuple[MailboxFolder, FolderMark]],
    now: datetime,
) -> None:
    mailbox.is_default = mailbox.is_default or not Mailbox.objects.filter(is_default=True).exists()
    mailbox.is_on, mailbox.connected_at, mailbox.last_arrival_at = True, now, now
    mailbox.probe_message_id, mailbox.probe_sent_at, mailbox.probe_folder = probe, now, landed
    mailbox.reading_error = mailbox.sending_error = ""
    mailbox.save()
    if queues:
        mailbox.queues.set(queues)
    for folder, mark in marks.values():
        MailFolder.objects.get_or_create(
            mailbox=mailbox,
            name=folder.name,
            defaults={
                "is_junk": folder.is_junk,
                "uidvalidity": mark.uidvalidity,
                "last_uid": mark.uid,
                "started_at": now,
            },
        )


def _usual_user(address: str, smtp_security: str) -> str:
    """Whoever encrypts signs in too, nearly everywhere with the address."""
    return "" if smtp_security.lower() == "none" else address


def _port(name: str, raw: str, default: int) -> int:
    if not raw:
        return default
    if not raw.isdecimal() or not 1 <= int(raw) <= 65_535:
        raise MailError(f"{name} is {raw!r}. Use a whole number from 1 to 65535.")
    return int(raw)


def _flag(name: str, raw: str) -> bool:
    if raw.lower() in ("1", "true", "yes", "on"):
        return True
    if raw.lower() in ("", "0", "false", "no", "off"):
        return False
    raise MailError(f"{name} is {raw!r}. Use one of: 1, 0, true, false, yes, no, on, off.")


def _words(raw: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in raw.split(",") if word.strip())
