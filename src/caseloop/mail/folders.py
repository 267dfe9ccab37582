"""Which folders of a mailbox are read, and from where on? The inbox, junk, and chosen ones (spec 3.3, 4.7)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from caseloop.mail.imap import MailboxFolder
from caseloop.mail.models import Mailbox, MailFolder

if TYPE_CHECKING:
    from caseloop.mail.receive import Reader


def watched_folders(mailbox: Mailbox, reader: Reader, now: datetime) -> tuple[list[MailFolder], list[str]]:
    """The folders to read, with their marks, and a sentence for each that should be there and isn't.

    On the first reading, and for a folder that is chosen later, only mail from now on counts. A junk folder that comes
    into being later is read from its beginning: whatever lies in it came since. Raises `MailboxUnreachable`.
    """
    listed = {folder.name: folder for folder in reader.folders()}
    known = {folder.name: folder for folder in MailFolder.objects.filter(mailbox=mailbox)}
    is_first_reading = not known
    wanted = _wanted(mailbox, listed, known)
    for name in wanted:
        if name in listed and name not in known:
            is_new_junk = listed[name].is_junk and name not in mailbox.watched_folders and not is_first_reading
            known[name] = _begin(mailbox, reader, listed[name], now, from_the_beginning=is_new_junk)
    gone = [name for name in wanted if name not in listed]
    missing = [f"The mailbox has no folder {name!r} any more: choose another, or make it again." for name in gone]
    return [known[name] for name in wanted if name in listed], missing


def _wanted(mailbox: Mailbox, listed: dict[str, MailboxFolder], known: dict[str, MailFolder]) -> list[str]:
    inbox = next((name for name, folder in listed.items() if folder.is_inbox), "INBOX")
    junk = [name for name, folder in listed.items() if folder.is_junk]
    junk += [name for name, folder in known.items() if folder.is_junk]
    return list(dict.fromkeys([inbox, *junk, *mailbox.watched_folders]))


def _begin(
    mailbox: Mailbox, reader: Reader, folder: MailboxFolder, now: datetime, *, from_the_beginning: bool
) -> MailFolder:
    mark = reader.highest_uid(folder.name)
    made, _ = MailFolder.objects.get_or_create(
        mailbox=mailbox,
        name=folder.name,
        defaults={
            "is_junk": folder.is_junk,
            "uidvalidity": mark.uidvalidity,
            "last_uid": 0 if from_the_beginning else mark.uid,
            "started_at": now,
        },
    )
    return made
