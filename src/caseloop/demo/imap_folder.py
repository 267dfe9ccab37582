"""Which mails of an open folder does a client know of, and which does a command mean?"""

import re
from collections.abc import Iterator
from datetime import datetime

from caseloop.demo.imap_words import BadCommand, Word, numbers, text
from caseloop.demo.mail_store import Folder, StoredMail

BODY = re.compile(r"(?:BODY(?:\.PEEK)?\[(HEADER)?\](?:<(\d+)\.(\d+)>)?|RFC822(\.HEADER)?)$", re.IGNORECASE)
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


class OpenFolder:
    """A folder as one client sees it: sequence numbers stay as they are until it was told of a change."""

    def __init__(self, folder: Folder, *, read_only: bool) -> None:
        self.folder = folder
        self.read_only = read_only
        self._seen = list(folder.mails)
        self._removals = folder.removals

    def __len__(self) -> int:
        return len(self._seen)

    def changes(self, *, expunges: bool = True) -> Iterator[str]:
        """What changed since the client was last told; EXPUNGE only where RFC 3501 7.4.1 allows it."""
        if expunges and self.folder.removals != self._removals:
            self._removals, kept = self.folder.removals, set(self.folder.mails)
            for number in range(len(self._seen), 0, -1):
                if self._seen[number - 1] not in kept:
                    del self._seen[number - 1]
                    yield f"{number} EXPUNGE"
        if self.folder.uidnext > self._highest_uid() + 1:
            new = [mail for mail in self.folder.mails if mail.uid > self._highest_uid()]
            self._seen += new
            if new:
                yield f"{len(self._seen)} EXISTS"

    def chosen(self, which: str, *, by_uid: bool) -> list[tuple[int, StoredMail]]:
        """The mails of a sequence set or a UID set, each with its sequence number."""
        wanted = numbers(which, self._highest_uid() if by_uid else len(self._seen))
        numbered = enumerate(self._seen, start=1)
        return [(number, mail) for number, mail in numbered if wanted(mail.uid if by_uid else number)]

    def search(self, keys: list[Word]) -> list[tuple[int, StoredMail]]:
        """The mails that all keys of a SEARCH hold for; raises `BadCommand` for a key not known here."""
        found = list(enumerate(self._seen, start=1))
        words = iter(keys)
        for word in words:
            key = text(word).upper()
            if key == "CHARSET":
                next(words, None)
            elif key == "UID":
                wanted = numbers(text(next(words, b"")), self._highest_uid())
                found = [(number, mail) for number, mail in found if wanted(mail.uid)]
            elif key == "HEADER":
                header = _header_pattern(text(next(words, b"")), text(next(words, b"")))
                found = [(number, mail) for number, mail in found if header.search(head_of(mail.raw))]
            elif key in ("SEEN", "UNSEEN"):
                found = [(n, mail) for n, mail in found if ("\\Seen" in mail.flags) == (key == "SEEN")]
            elif key != "ALL":
                raise BadCommand(f"search key {key} is not known here")
        return found

    def part(self, item: str, mail: StoredMail) -> bytes:
        """One item of a FETCH answer; reading a body without PEEK marks the mail as seen."""
        if item == "UID":
            return b"UID %d" % mail.uid
        if item == "FLAGS":
            return f"FLAGS ({' '.join(sorted(mail.flags))})".encode()
        if item == "INTERNALDATE":
            return f'INTERNALDATE "{_internal_date(mail.internal_date)}"'.encode()
        if item == "RFC822.SIZE":
            return b"RFC822.SIZE %d" % len(mail.raw)
        if body := BODY.match(item):
            return self._body(item, body, mail)
        raise BadCommand(f"{item} is not served here")

    def _body(self, item: str, body: re.Match[str], mail: StoredMail) -> bytes:
        content, name = (head_of(mail.raw) if body[1] or body[4] else mail.raw), item.replace(".PEEK", "")
        if body[2] is not None:
            start = int(body[2])
            content, name = content[start : start + int(body[3])], name.rpartition(".")[0] + ">"
        if ".PEEK" not in item and not self.read_only and item != "RFC822.HEADER":
            mail.flags.add("\\Seen")
        return b"%s {%d}\r\n%s" % (name.encode(), len(content), content)

    def remove_deleted(self) -> None:
        """Remove the mails that carry \\Deleted."""
        self.folder.remove([mail for mail in self.folder.mails if "\\Deleted" in mail.flags])

    def _highest_uid(self) -> int:
        return self._seen[-1].uid if self._seen else 0


def head_of(raw: bytes) -> bytes:
    head, blank, _ = raw.partition(b"\r\n\r\n")
    return head + blank


def _header_pattern(name: str, value: str) -> re.Pattern[bytes]:
    pattern = rf"^{re.escape(name)}:[^\r\n]*(?:\r\n[ \t][^\r\n]*)*?{re.escape(value)}"
    return re.compile(pattern.encode(), re.IGNORECASE | re.MULTILINE)


def _internal_date(at: datetime) -> str:
    return f"{at.day:2d}-{MONTHS[at.month - 1]}-{at:%Y %H:%M:%S %z}"
