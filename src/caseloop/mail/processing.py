"""From stored bytes to rows: what `receive.py` has stored is understood, matched and filed, one mail a transaction.

Safe to run twice and by several workers at once. A mail that cannot be processed is tried three times, then kept as
*unreadable* and shown; it stops neither the mailbox nor anybody else's mail (spec 4.4).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Greatest

from caseloop.administration.models import GlobalSettings
from caseloop.cases.models import Case
from caseloop.domain.lifecycle import INBOUND, InboundEvent, InboundState, MessageState, move
from caseloop.mail.filing import Arrival, file_mail
from caseloop.mail.known import look_up
from caseloop.mail.matching import Match, match
from caseloop.mail.models import InboundMail, Mailbox, MailFolder, Message
from caseloop.mail.models.message import InboundKind, MessageDirection
from caseloop.mail.settling import found_sent
from caseloop.mail.understand import Understood, header_only, understand

log = logging.getLogger(__name__)

ATTEMPTS = 3
MOVES_AT_MOST = 5


@dataclass(slots=True)
class Processed:
    """What became of a batch: how many mails were looked at, and whether one arrived from outside."""

    mails: int = 0
    from_outside: int = 0
    unreadable: int = 0


def process_stored(mailbox_id: int, now: datetime, limit: int = 100) -> Processed:
    """Process up to `limit` stored mails of the mailbox, oldest first.

    Raises `OperationalError` when the database is gone. `now` is when the cases they touch are marked; their arrival
    stays the time of fetching.
    """
    done = Processed()
    office = _Office.of(mailbox_id)
    waiting = InboundMail.objects.filter(mailbox_id=mailbox_id, state=InboundState.STORED.value).order_by("id")
    for pk in list(waiting.values_list("pk", flat=True)[:limit]):
        try:
            with transaction.atomic():
                _process_one(pk, office, now, done)
        except (OperationalError, InterfaceError):  # the database, not the mail: everything waits
            raise
        except Exception as error:  # the edge of the loop: the next mail must not wait for this one
            log.exception("An inbound mail could not be processed: %s", pk)
            _count_failure(pk, f"{type(error).__name__}: {error}", office, now, done)
    if done.from_outside:
        _note_arrival(mailbox_id, office.newest_arrival or now)
    return done


@dataclass(slots=True)
class _Office:
    """What is the same for all mails of a batch."""

    mailbox: Mailbox
    our_addresses: frozenset[str]
    junk: frozenset[str]
    opens_cases: bool
    newest_arrival: datetime | None = None

    @classmethod
    def of(cls, mailbox_id: int) -> _Office:
        return cls(
            mailbox=Mailbox.objects.get(pk=mailbox_id),
            our_addresses=frozenset(address.lower() for address in Mailbox.objects.values_list("address", flat=True)),
            junk=frozenset(
                MailFolder.objects.filter(mailbox_id=mailbox_id, is_junk=True).values_list("name", flat=True)
            ),
            opens_cases=GlobalSettings.current().opens_cases_from_mail,
        )


def _process_one(pk: int, office: _Office, now: datetime, done: Processed) -> None:
    stored = (
        InboundMail.objects.select_for_update(skip_locked=True).filter(pk=pk, state=InboundState.STORED.value).first()
    )
    if stored is None:  # another worker has it
        return
    done.mails += 1
    mail = understand(
        bytes(stored.raw),
        stored.fetched_at.date(),
        our_addresses=office.our_addresses,
        authserv_id=office.mailbox.trusted_authserv_id,
        is_junk=stored.folder in office.junk,
    )
    _one_at_a_time(mail.message_id)
    if _is_ours(mail, stored, office):
        return
    done.from_outside += 1
    office.newest_arrival = max(office.newest_arrival or stored.fetched_at, stored.fetched_at)
    copy = _known_copy(mail, stored)
    if copy is not None:
        _finish(stored, InboundEvent.PROCESS, copy)
        return
    message = _file(_with_own_id(mail), office, stored, now)
    if mail.kind is InboundKind.UNREADABLE and message.case_id is None:
        _finish(stored, InboundEvent.GIVE_UP, message, mail.unreadable_because or "It has no text and no sender.")
        done.unreadable += 1
    else:
        _finish(stored, InboundEvent.PROCESS, message)


def _file(mail: Understood, office: _Office, stored: InboundMail, now: datetime) -> Message:
    """Match, lock the cases in id order, and match again where one was merged meanwhile."""
    known = look_up(mail.arrived)
    found = match(mail.arrived, known)
    for _ in range(MOVES_AT_MOST):
        _lock(found)
        again = match(mail.arrived, look_up(mail.arrived))
        if again == found:
            break
        found = again
    _settle_what_it_proves(mail, stored.fetched_at)
    arrival = Arrival(office.mailbox, stored.fetched_at)
    return file_mail(mail, found, arrival, opens_cases=office.opens_cases, now=now)


def _lock(found: Match) -> None:
    ids = {doubt.case_id for doubt in found.doubts} | ({found.case_id} if found.case_id else set())
    list(Case.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk").values_list("pk"))


def _one_at_a_time(message_id: str) -> None:
    """Copies of one mail in two mailboxes are processed one after the other, so that the second finds the first."""
    if message_id:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [message_id])


def _is_ours(mail: Understood, stored: InboundMail, office: _Office) -> bool:
    """A probe that came back, or a copy of a mail of ours: known by our address *and* a Message-ID that we gave."""
    if mail.from_address not in office.our_addresses or not mail.message_id:
        return False
    returned = Mailbox.objects.filter(probe_message_id=mail.message_id)
    if returned.update(last_arrival_at=Greatest("last_arrival_at", stored.fetched_at), probe_folder=stored.folder):
        _finish(stored, InboundEvent.IGNORE, None)
        return True
    ours = Message.objects.filter(direction=MessageDirection.OUT, message_id=mail.message_id).first()
    if ours is None:
        return False
    if ours.state == MessageState.UNCONFIRMED:
        found_sent([ours.pk], stored.fetched_at)
    _finish(stored, InboundEvent.IGNORE, ours)
    return True


def _settle_what_it_proves(mail: Understood, at: datetime) -> None:
    """Who answers or returns a mail has got it: one whose hand-over was in doubt was sent."""
    ids = [reference for reference in (*mail.arrived.newest_references, mail.arrived.returned_message_id) if reference]
    in_doubt = Message.objects.filter(
        message_id__in=ids, direction=MessageDirection.OUT, state=MessageState.UNCONFIRMED.value
    )
    found_sent(list(in_doubt.values_list("pk", flat=True)), at)


def _known_copy(mail: Understood, stored: InboundMail) -> Message | None:
    """The same mail, come a second time: another mailbox, another folder, or a folder that was numbered anew."""
    same_bytes = InboundMail.objects.filter(digest=stored.digest, message__isnull=False).exclude(pk=stored.pk)
    copy = same_bytes.select_related("message").first()
    if copy is not None:
        return copy.message
    if not mail.message_id:
        return None
    same_id = Message.objects.filter(direction=MessageDirection.IN, message_id=mail.message_id).first()
    if same_id is not None and (same_id.from_address, same_id.text.split()) == (mail.from_address, mail.text.split()):
        return same_id
    return None


def _with_own_id(mail: Understood) -> Understood:
    """A mail that uses another mail's Message-ID is a mail of its own all the same: it may be the customer's answer."""
    if mail.message_id and Message.objects.filter(message_id=mail.message_id).exists():
        return replace(mail, message_id="")
    return mail


def _finish(stored: InboundMail, event: InboundEvent, message: Message | None, problem: str = "") -> None:
    stored.state = move(INBOUND, InboundState(stored.state), event).value
    stored.message, stored.problem = message, problem[:500]
    stored.save(update_fields=["state", "message", "problem"])


def _count_failure(pk: int, problem: str, office: _Office, now: datetime, done: Processed) -> None:
    rows = InboundMail.objects.filter(pk=pk, state=InboundState.STORED.value)
    rows.update(attempts=F("attempts") + 1, problem=problem[:500])
    for stored in rows.filter(attempts__gte=ATTEMPTS):
        _give_up(stored, office, now)
        done.unreadable += 1


def _give_up(stored: InboundMail, office: _Office, now: datetime) -> None:
    """Keep it as unreadable, and hold the cases of its sender if its header at least can be read."""
    message = None
    try:
        with transaction.atomic():
            mail = header_only(bytes(stored.raw))
            if mail.arrived.sender and mail.arrived.sender not in office.our_addresses:
                message = _file(_with_own_id(mail), office, stored, now)
    except (OperationalError, InterfaceError):
        raise
    except Exception:  # there is nothing left to try; a person sees it in the list of unreadable mail
        log.exception("Not even the header of an inbound mail could be processed: %s", stored.pk)
    _finish(stored, InboundEvent.GIVE_UP, message, stored.problem)


def _note_arrival(mailbox_id: int, at: datetime) -> None:
    """Mail from outside came in: the way in is alive (spec 3.3)."""
    later = Q(last_arrival_at__isnull=True) | Q(last_arrival_at__lt=at)
    Mailbox.objects.filter(later, pk=mailbox_id).update(last_arrival_at=at)
