"""What do the mail servers of the world do? One takes our mail and keeps our mailbox, and mails are on their way to it.

It is the witness: what it took, when, and which mail it had already shown to a reading is what the promises are checked
against. It works in memory and on the simulated clock; real servers on loopback are tried elsewhere, in tests/faults/.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.header import decode_header, make_header
from email.parser import BytesHeaderParser
from enum import StrEnum

from caseloop.mail.hand_over import Accepted, HandOver, Refused, Stage, TryAgain, Unconfirmed
from caseloop.mail.imap import FetchedMail, FolderMark, FolderMissing, FolderRead, MailboxUnreachable
from caseloop.mail.imap_folders import MailboxFolder
from caseloop.simulation.clock import SimulatedClock
from caseloop.simulation.files import Arrival
from caseloop.simulation.interruptions import Interruptions
from caseloop.simulation.letters import INBOX, JUNK, SENT, SUPPORT, Letter, Means

A_HAND_OVER = 0.03
A_READING = 0.005
AT_ONCE = 200


class Way(StrEnum):
    """How handing over goes just now."""

    WELL = "mail is taken"
    NO_CONNECTION = "connections are refused"
    LATER = "mail is put off with 4xx"
    LATER_AFTER_DOT = "mail is put off with 4xx after its final dot"
    CUT_BEFORE_DOT = "the line is cut before the final dot"
    CUT_AFTER_DOT_TAKEN = "the line is cut after the final dot, and the mail was taken"
    CUT_AFTER_DOT_LOST = "the line is cut after the final dot, and the mail is lost"
    REFUSED = "mail is refused for good"
    SLOW = "each mail takes half a minute"


@dataclass(frozen=True, slots=True)
class Taken:
    """The header of a mail that was handed over, as the server read it."""

    message_id: str
    subject: str
    references: str
    reply_to: str
    is_automatic: bool
    envelope_from: str
    recipients: tuple[str, ...]
    raw: bytes


Witness = Callable[[Taken, Arrival, datetime], None]


@dataclass(slots=True)
class Folder:
    """Mails with their UIDs, in order."""

    uidvalidity: int
    mails: list[tuple[int, Letter]] = field(default_factory=list)
    uidnext: int = 1
    first_not_offered: int = 0

    def add(self, letter: Letter) -> None:
        self.mails.append((self.uidnext, letter))
        self.uidnext += 1

    def renumber(self) -> None:
        self.uidvalidity += 1
        self.mails = [(uid, letter) for uid, (_, letter) in enumerate(self.mails, start=1)]
        self.uidnext = len(self.mails) + 1


@dataclass(slots=True)
class MailServer:
    """`witness` is told of each hand-over; `way` says how the next one goes; `keeps_copies`: in *Sent*."""

    clock: SimulatedClock
    points: Interruptions
    keeps_copies: bool
    witness: Witness = lambda taken, arrival, at: None
    way: Callable[[], Way] = lambda: Way.WELL
    is_readable: bool = True
    folders: dict[str, Folder] = field(default_factory=lambda: {INBOX: Folder(11), JUNK: Folder(12), SENT: Folder(13)})
    copies: set[str] = field(default_factory=set)
    letters: dict[str, Letter] = field(default_factory=dict)
    readings: list[datetime] = field(default_factory=list)
    hand_overs: int = 0
    arrivals: int = 0
    _on_its_way: list[tuple[datetime, int, Letter]] = field(default_factory=list)
    _sent: int = 0
    _asking_since: datetime | None = None
    _answered: set[str] = field(default_factory=set)

    # the world outside

    def send(self, letter: Letter, arrives_at: datetime) -> None:
        """Somebody sends us a mail; it lies in its folder from then on. A second copy comes by calling it twice."""
        self._sent += 1
        heapq.heappush(self._on_its_way, (arrives_at, self._sent, letter))
        self.letters[letter.message_id] = letter

    def next_arrival(self) -> datetime | None:
        """When the next mail comes in."""
        return self._on_its_way[0][0] if self._on_its_way else None

    def let_arrive(self) -> None:
        """What is due by now lies in its folder."""
        while self._on_its_way and self._on_its_way[0][0] <= self.clock.at:
            arrived_at, _, letter = heapq.heappop(self._on_its_way)
            letter.arrived_at = letter.arrived_at or arrived_at
            self.folders[letter.folder].add(letter)
            self.arrivals += 1

    def renumber(self) -> None:
        """A restore: every folder gets another UIDVALIDITY."""
        for folder in self.folders.values():
            folder.renumber()

    def has_been_read_since(self, moment: datetime) -> bool:
        """Whether a reading of all folders that began at the moment or later was answered in full."""
        return bool(self.readings) and self.readings[-1] >= moment

    # SMTP

    def take(self, envelope_from: str, recipients: Sequence[str], raw: bytes) -> HandOver:
        """One hand-over (RFC 5321), as our side sees it end."""
        self.points.reach()
        self.let_arrive()
        self.hand_overs += 1
        way = self.way()
        self.clock.take(30.0 if way is Way.SLOW else A_HAND_OVER)
        taken = read_header(envelope_from, recipients, raw)
        arrival, outcome = _outcome(way)
        if arrival in (Arrival.TAKEN, Arrival.TAKEN_UNSAID):
            self.copies.add(taken.message_id)
            if SUPPORT in recipients:
                self._bring_back(taken)
        self.witness(taken, arrival, self.clock.now())
        self.points.reach()
        return outcome

    def _bring_back(self, taken: Taken) -> None:
        """A mail of ours to ourselves: the probe of spec 3.3."""
        probe = Letter(raw=taken.raw, means=Means.PROBE, file=None, message_id=taken.message_id, sender=SUPPORT)
        self.send(probe, self.clock.at + timedelta(seconds=2))

    # IMAP

    def list_folders(self) -> list[MailboxFolder]:
        """LIST; a reading begins with it."""
        self._ask()
        self._asking_since, self._answered = self.clock.at, set()
        return [
            MailboxFolder(INBOX, is_inbox=True, is_junk=False),
            MailboxFolder(JUNK, is_inbox=False, is_junk=True, special_use="\\Junk"),
            MailboxFolder(SENT, is_inbox=False, is_junk=False, special_use="\\Sent"),
        ]

    def read_new(self, name: str, uidvalidity: int, last_uid: int) -> FolderRead:
        """EXAMINE, SEARCH and FETCH of what lies above the UID."""
        folder = self._folder(name)
        restarted = uidvalidity not in (0, folder.uidvalidity)
        start = 0 if restarted else last_uid
        at = self.clock.now()
        for _, letter in folder.mails[folder.first_not_offered :]:
            letter.offered_at = letter.offered_at or at
        folder.first_not_offered = len(folder.mails)
        new = folder.mails[start:]  # nothing is ever removed, so the UID tells the place
        chosen = new[:AT_ONCE]
        through = chosen[-1][0] if chosen else start
        self._note_answer(name, len(chosen) == len(new))
        return FolderRead(
            name,
            folder.uidvalidity,
            tuple(FetchedMail(uid, letter.raw, letter.arrived_at) for uid, letter in chosen),
            read_through_uid=through,
            complete=len(chosen) == len(new),
            restarted=restarted,
        )

    def highest_uid(self, name: str) -> FolderMark:
        """The end of a folder."""
        folder = self._folder(name)
        return FolderMark(folder.uidvalidity, folder.uidnext - 1)

    def holds(self, name: str, message_id: str) -> bool:
        """Whether a copy of our mail lies in the folder."""
        self._folder(name)
        return name == SENT and self.keeps_copies and message_id in self.copies

    def _folder(self, name: str) -> Folder:
        self._ask()
        if name not in self.folders:
            raise FolderMissing(name)
        return self.folders[name]

    def _ask(self) -> None:
        self.points.reach()
        self.clock.take(A_READING)
        self.let_arrive()
        if not self.is_readable:
            raise MailboxUnreachable("The mail server does not answer.", permanent=False)

    def _note_answer(self, name: str, is_complete: bool) -> None:
        if is_complete and self._asking_since is not None:
            self._answered.add(name)
            if {INBOX, JUNK} <= self._answered:
                self.readings.append(self._asking_since)
                del self.readings[:-2]


def _outcome(way: Way) -> tuple[Arrival, HandOver]:
    """What really became of the mail, and what our side is told."""
    match way:
        case Way.WELL | Way.SLOW:
            return Arrival.TAKEN, Accepted("250 2.0.0 OK")
        case Way.NO_CONNECTION:
            return Arrival.PUT_OFF, TryAgain(None, "Connection refused", Stage.CONNECT)
        case Way.LATER:
            return Arrival.PUT_OFF, TryAgain(451, "4.3.0 Try again later", Stage.RCPT)
        case Way.LATER_AFTER_DOT:
            return Arrival.PUT_OFF, TryAgain(451, "4.3.0 Try again later", Stage.FINAL_DOT)
        case Way.CUT_BEFORE_DOT:
            return Arrival.PUT_OFF, TryAgain(None, "Connection reset", Stage.CONTENT)
        case Way.REFUSED:
            return Arrival.REFUSED, Refused(554, "5.7.1 Rejected by policy", Stage.FINAL_DOT)
        case Way.CUT_AFTER_DOT_TAKEN:
            return Arrival.TAKEN_UNSAID, Unconfirmed("The line was lost after the final dot.")
        case Way.CUT_AFTER_DOT_LOST:
            return Arrival.LOST, Unconfirmed("The line was lost after the final dot.")


def read_header(envelope_from: str, recipients: Sequence[str], raw: bytes) -> Taken:
    """What the header of one of our mails says."""
    head = BytesHeaderParser().parsebytes(raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
    return Taken(
        message_id=str(head.get("Message-ID", "")).strip(),
        subject=str(make_header(decode_header(str(head.get("Subject", ""))))),
        references=" ".join(str(head.get("References", "")).split()),
        reply_to=str(head.get("Reply-To", "")).rpartition("<")[2].rstrip("> ") or SUPPORT,
        is_automatic=str(head.get("Auto-Submitted", "no")) != "no",
        envelope_from=envelope_from,
        recipients=tuple(recipients),
        raw=raw,
    )
