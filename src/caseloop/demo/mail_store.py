"""What lies in which mailbox of the embedded mail system? Memory only, safe to use from several threads."""

import random
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

DEFAULT_FOLDERS = {
    "INBOX": "",
    "Archive": "\\Archive",
    "Drafts": "\\Drafts",
    "Junk": "\\Junk",
    "Sent": "\\Sent",
    "Trash": "\\Trash",
}


class MailStore:
    """Mailboxes by address, made when first used; `name+tag@domain` shares that of `name@domain`."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = threading.RLock()
        self._arrived = threading.Condition(self._lock)
        self._mailboxes: dict[str, dict[str, Folder]] = {}
        self._listeners: list[Callable[[], None]] = []

    def add(self, address: str, raw: bytes, folder: str = "INBOX", flags: Iterable[str] = ()) -> int:
        """Store one mail, make the folder when it is missing, and return the mail's UID."""
        with self._lock:
            uid = self.folder(address, folder, create=True).append(raw, self._clock(), flags)
            self._arrived.notify_all()
        self._tell_listeners()
        return uid

    def raw_mails(self, address: str, folder: str = "INBOX") -> list[bytes]:
        """The mails of a folder as they came in, oldest first; an empty list when there is no such folder."""
        with self._lock:
            found = self.mailbox(address).get(folder)
            return [mail.raw for mail in found.mails] if found else []

    def wait_for(self, is_there: Callable[[], bool], seconds: float) -> bool:
        """Wait until `is_there` holds, asked again after each arrival; False when the time is over."""
        with self._lock:
            return self._arrived.wait_for(is_there, seconds)

    def ask_again(self) -> None:
        """Let `wait_for` look once more: something it may ask about has changed."""
        with self._lock:
            self._arrived.notify_all()

    def mailbox(self, address: str) -> "dict[str, Folder]":
        """The folders of the mailbox that serves this address, by name."""
        with self._lock:
            home = home_of(address)
            if home not in self._mailboxes:
                self._mailboxes[home] = {
                    name: Folder(name, special_use) for name, special_use in DEFAULT_FOLDERS.items()
                }
            return self._mailboxes[home]

    def folder(self, address: str, name: str, *, create: bool = False) -> "Folder":
        """One folder; raises `KeyError` when it is missing and `create` is not said."""
        with self._lock:
            folders = self.mailbox(address)
            name = "INBOX" if name.upper() == "INBOX" else name
            if create and name not in folders:
                folders[name] = Folder(name)
            return folders[name]

    def rename_folder(self, address: str, old: str, new: str) -> None:
        """Give a folder another name, as its owner would; raises `KeyError` when it is missing."""
        with self._lock:
            folders = self.mailbox(address)
            folders[new] = folders.pop(old)
            folders[new].name = new

    def delete_folder(self, address: str, name: str) -> None:
        """Remove a folder and its mails; raises `KeyError` when it is missing."""
        with self._lock:
            del self.mailbox(address)[name]

    def renumber_folder(self, address: str, name: str = "INBOX") -> int:
        """Number the folder's mails anew under another UIDVALIDITY, which is returned (RFC 3501 2.3.1.1)."""
        with self._lock:
            return self.folder(address, name).renumber()

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call `listener` after each arrival, in the thread that delivered."""
        self._listeners.append(listener)

    def _tell_listeners(self) -> None:
        for listener in self._listeners:
            listener()


def home_of(address: str) -> str:
    """The address whose mailbox receives this one's mail: lower case, without a sub-address (RFC 5233)."""
    local, _, domain = address.strip().lower().rpartition("@")
    return f"{local.split('+', 1)[0]}@{domain}"


@dataclass(eq=False)
class StoredMail:
    """One mail in a folder, with the number that the folder gave it."""

    uid: int
    raw: bytes
    internal_date: datetime
    flags: set[str]


@dataclass(eq=False)
class Folder:
    """Mails in the order of their UIDs, as RFC 3501 2.3.1.1 demands of a mailbox."""

    name: str
    special_use: str = ""
    uidvalidity: int = field(default_factory=lambda: random.randrange(1, 2**31))
    uidnext: int = 1
    mails: list[StoredMail] = field(default_factory=list)
    removals: int = 0

    def append(self, raw: bytes, at: datetime, flags: Iterable[str] = ()) -> int:
        uid = self.uidnext
        self.mails.append(StoredMail(uid, raw, at, set(flags)))
        self.uidnext += 1
        return uid

    def remove(self, gone: Iterable[StoredMail]) -> None:
        gone = set(gone)
        self.mails = [mail for mail in self.mails if mail not in gone]
        self.removals += 1

    def renumber(self) -> int:
        self.mails = [
            StoredMail(uid, mail.raw, mail.internal_date, mail.flags) for uid, mail in enumerate(self.mails, start=1)
        ]
        self.uidvalidity += 1
        self.uidnext = len(self.mails) + 1
        self.removals += 1
        return self.uidvalidity
