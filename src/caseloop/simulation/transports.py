"""How does Caseloop's own mail code reach the simulated mail server? By what it asks of any server, handed in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from caseloop.mail.hand_over import HandOver
from caseloop.mail.imap import FolderMark, FolderRead
from caseloop.mail.imap_folders import MailboxFolder
from caseloop.simulation.mail_server import MailServer


@dataclass(slots=True)
class SimulatedWayOut:
    """A connection that hands mail over."""

    server: MailServer

    def hand_over(self, envelope_from: str, recipients: list[str], raw: bytes) -> HandOver:
        return self.server.take(envelope_from, recipients, raw)

    def close(self) -> None:
        """Nothing is held open."""


@dataclass(slots=True)
class SimulatedWayIn:
    """A connection that reads the mailbox."""

    server: MailServer

    def folders(self) -> list[MailboxFolder]:
        return self.server.list_folders()

    def read_new(self, folder: str, uidvalidity: int, last_uid: int) -> FolderRead:
        return self.server.read_new(folder, uidvalidity, last_uid)

    def highest_uid(self, folder: str) -> FolderMark:
        return self.server.highest_uid(folder)

    def holds(self, folder: str, message_id: str) -> bool:
        return self.server.holds(folder, message_id)

    def idle(self, seconds: float, folder: str = "INBOX", until: Callable[[], bool] | None = None) -> bool:
        """Nobody waits here: the run itself sees to it that news are read."""
        return True

    def close(self) -> None:
        """Nothing is held open."""
