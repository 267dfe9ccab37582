"""What new mail lies in the folders of an IMAP mailbox?

The reader never marks, moves or deletes: folders are opened by EXAMINE and mails read by BODY.PEEK. Each call is a
question to the server and returns only after its positive answer; anything else raises `MailboxUnreachable`. Take the
time *before* a call when its answer shall prove that nothing else had arrived by then.
"""

import contextlib
import imaplib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, Self, TypeVar

from imapclient import IMAPClient

from caseloop.mail.encryption import Security
from caseloop.mail.imap_connect import FolderMissing, ImapSettings, MailboxUnreachable, drop, open_imap, unreachable
from caseloop.mail.imap_fetch import FetchedMail, Limits, fetch_first
from caseloop.mail.imap_folders import MailboxFolder, readable_folders
from caseloop.mail.imap_wait import wait_for_news

__all__ = [
    "FetchedMail",
    "FolderMark",
    "FolderMissing",
    "FolderRead",
    "ImapReader",
    "ImapSettings",
    "Limits",
    "MailboxFolder",
    "MailboxUnreachable",
    "Security",
]

LONGEST_IDLE = 300.0
# The library gives up on a line of a million characters: a SEARCH must not name more UIDs than fit.
SEARCH_WINDOW = 80_000
Answer = TypeVar("Answer")


class FolderMark(NamedTuple):
    """A place in a folder: UIDs above `uid` are later arrivals, as long as the UIDVALIDITY is this one."""

    uidvalidity: int
    uid: int


@dataclass(frozen=True)
class FolderRead:
    """The server's answer on one folder."""

    folder: str
    uidvalidity: int
    mails: tuple[FetchedMail, ...]
    read_through_uid: int
    """Hand this in next time, with `uidvalidity`: mails up to it were read now or before, or are unreadable."""
    complete: bool
    """Nothing else was new in the folder; otherwise ask again at once."""
    restarted: bool = False
    """The UIDVALIDITY is another one, so the mark handed in meant nothing: all mails come once more."""
    unreadable_uids: tuple[int, ...] = ()
    """Mails that are there but that the server would not hand out: keep a mark for each, a person must look."""


class ImapReader:
    """Reads one mailbox on one connection, opened when needed and again when it was lost; for one thread."""

    def __init__(self, settings: ImapSettings, limits: Limits | None = None) -> None:
        self._settings = settings
        self._limits = limits or Limits()
        self._client: IMAPClient | None = None
        self._open_folder = ""
        self._next_uids: dict[str, int] = {}

    def folders(self) -> list[MailboxFolder]:
        """The folders that can be read, the inbox first; raises `MailboxUnreachable`."""
        return self._ask(lambda client: readable_folders(client.list_folders()))

    def read_new(self, folder: str, uidvalidity: int, last_uid: int) -> FolderRead:
        """The mails above `last_uid`, oldest first, within the limits; `uidvalidity` 0: none is known yet.

        Raises `FolderMissing` and `MailboxUnreachable`.
        """
        return self._ask(lambda client: self._read(client, folder, uidvalidity, last_uid))

    def highest_uid(self, folder: str) -> FolderMark:
        """The mark to start from when only mail that arrives from now on is wanted (spec 4.7).

        Raises `FolderMissing` and `MailboxUnreachable`.
        """
        return self._ask(lambda client: self._end_of(client, folder))

    def holds(self, folder: str, message_id: str) -> bool:
        """Whether a mail with this Message-ID (in angle brackets) lies in the folder (spec 4.3).

        Raises `FolderMissing` and `MailboxUnreachable`.
        """
        return self._ask(lambda client: self._finds(client, folder, message_id))

    def idle(self, seconds: float, folder: str = "INBOX", until: Callable[[], bool] | None = None) -> bool:
        """Wait for news in the folder: True when it is worth a read, at the latest after `seconds` (at most 300).

        Also ends, with False, soon after `until()` holds; it is asked four times a second. False proves nothing.
        Raises `FolderMissing` and `MailboxUnreachable`.
        """
        ends_at = time.monotonic() + min(seconds, LONGEST_IDLE)
        return self._ask(lambda client: self._wait(client, folder, ends_at, until or _never))

    def close(self) -> None:
        """Sign out; a server that doesn't answer is left alone."""
        if self._client is not None:
            with contextlib.suppress(imaplib.IMAP4.error, OSError, ValueError):
                self._client.logout()
        self._drop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def _ask(self, question: Callable[[IMAPClient], Answer]) -> Answer:
        """Put a question; once more, on a new connection, when a kept one was lost: reading twice is safe."""
        if self._client is not None:
            try:
                return self._answered(self._client, question)
            except MailboxUnreachable as error:
                if self._client is not None or error.permanent:
                    raise
        self._client = open_imap(self._settings)
        return self._answered(self._client, question)

    def _answered(self, client: IMAPClient, question: Callable[[IMAPClient], Answer]) -> Answer:
        try:
            return question(client)
        except (imaplib.IMAP4.error, OSError, ValueError, LookupError, TypeError) as error:
            # The library stumbles over nonsense of a server with any of these; after it the line can't be trusted.
            self._drop()
            raise unreachable(error, self._settings) from error
        except BaseException:  # what was asked while we waited failed: the line is in the middle of an IDLE
            self._drop()
            raise

    def _read(self, client: IMAPClient, folder: str, uidvalidity: int, last_uid: int) -> FolderRead:
        opened = self._examine(client, folder)
        current = int(opened[b"UIDVALIDITY"])
        restarted = uidvalidity not in (0, current)
        start = 0 if restarted else last_uid
        new, are_all = _uids_above(client, start, opened)
        if not new:
            return FolderRead(folder, current, (), start, complete=True, restarted=restarted)
        fetched = fetch_first(client, new, self._limits)
        return FolderRead(
            folder,
            current,
            fetched.mails,
            read_through_uid=fetched.through_uid,
            complete=are_all and fetched.through_uid == new[-1],
            restarted=restarted,
            unreadable_uids=fetched.unreadable_uids,
        )

    def _end_of(self, client: IMAPClient, folder: str) -> FolderMark:
        opened = self._examine(client, folder)
        uids = client.search("UID *") if opened[b"EXISTS"] else []
        return FolderMark(int(opened[b"UIDVALIDITY"]), max(uids, default=0))

    def _finds(self, client: IMAPClient, folder: str, message_id: str) -> bool:
        self._examine(client, folder)
        return bool(client.search(["HEADER", "Message-ID", message_id]))

    def _examine(self, client: IMAPClient, folder: str) -> dict[bytes, Any]:
        """Open the folder anew, read-only: the answer tells what is in it now."""
        self._open_folder = ""
        try:
            opened: dict[bytes, Any] = client.select_folder(folder, readonly=True)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            if folder not in {listed.name for listed in readable_folders(client.list_folders())}:
                raise FolderMissing(folder) from error
            raise MailboxUnreachable(f"The folder {folder!r} can't be opened: {error}", permanent=False) from error
        if b"UIDVALIDITY" not in opened:
            reason = f"{self._settings.host} does not number the mails of {folder!r} lastingly (no UIDVALIDITY)."
            raise MailboxUnreachable(reason, permanent=True)
        self._open_folder = folder
        self._next_uids[folder] = int(opened.get(b"UIDNEXT", opened[b"EXISTS"]))
        return opened

    def _wait(self, client: IMAPClient, folder: str, ends_at: float, until: Callable[[], bool]) -> bool:
        if self._open_folder != folder:
            known = self._next_uids.get(folder)
            self._examine(client, folder)
            if known is not None and known != self._next_uids[folder]:
                return True  # it arrived while another folder was open
        return wait_for_news(client, ends_at, until)

    def _drop(self) -> None:
        drop(self._client)
        self._client, self._open_folder = None, ""


def _uids_above(client: IMAPClient, start: int, opened: dict[bytes, Any]) -> tuple[list[int], bool]:
    """The next UIDs above `start`, ascending, and whether these are all of them."""
    if not opened[b"EXISTS"]:
        return [], True
    if opened[b"EXISTS"] <= SEARCH_WINDOW:
        # "n:*" always means at least the last mail, which needn't be above n (RFC 3501 6.4.8).
        return sorted({uid for uid in client.search(f"UID {start + 1}:*") if uid > start}), True
    last = max(client.search("UID *"), default=start)
    for low in range(start + 1, last + 1, SEARCH_WINDOW):
        high = low + SEARCH_WINDOW - 1
        if found := client.search(f"UID {low}:{high}"):
            return sorted(set(found)), high >= last
    return [], True


def _never() -> bool:
    return False
