"""Which bytes are the mails with these UIDs, taken a bounded amount at a time?"""

import imaplib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from imapclient import IMAPClient

from caseloop.mail.imap_connect import PASSING_CODES, MailboxUnreachable


@dataclass(frozen=True)
class Limits:
    """How much one call of `read_new` brings at most; a mail larger than `mail_bytes` is cut there."""

    mails: int = 200
    bytes: int = 16 * 1024 * 1024
    mail_bytes: int = 50 * 1024 * 1024


@dataclass(frozen=True)
class FetchedMail:
    """One mail as its bytes. `internal_date` (UTC) is the server's word on its arrival, not proof of it."""

    uid: int
    raw: bytes
    internal_date: datetime | None
    is_whole: bool = True
    """False: it is larger than the limit, and `raw` is its beginning."""


@dataclass(frozen=True)
class Fetched:
    """What became of the UIDs asked for. A mail that was expunged meanwhile is in neither list."""

    mails: tuple[FetchedMail, ...]
    unreadable_uids: tuple[int, ...]
    through_uid: int


def fetch_first(client: IMAPClient, uids: Sequence[int], limits: Limits) -> Fetched:
    """The first of these mails (UIDs ascending, not empty) that fit into the limits, at least one.

    Raises `MailboxUnreachable` when the server hands out no mail at all, and what the library raises.
    """
    answer = client.fetch(uids[: limits.mails], ["RFC822.SIZE"])
    sizes = {uid: int(item.get(b"RFC822.SIZE") or 0) for uid, item in answer.items()}
    chosen = _fitting(uids[: limits.mails], sizes, limits)
    whole = [uid for uid in chosen if sizes.get(uid, 0) <= limits.mail_bytes]
    mails = _mails_one_by_one_if_need_be(client, whole)
    for uid in sorted(set(chosen) - set(whole)):
        mails += _one_mail(client, uid, limits.mail_bytes)
    unreadable = _still_there(client, _missing(chosen, mails))
    if unreadable:
        _raise_unless_others_come(client, unreadable)
        mails += [mail for uid in unreadable for mail in _one_mail(client, uid)]
        unreadable = _missing(unreadable, mails)
    return Fetched(tuple(sorted(mails, key=lambda mail: mail.uid)), tuple(unreadable), chosen[-1])


def _fitting(uids: Sequence[int], sizes: dict[int, int], limits: Limits) -> list[int]:
    chosen: list[int] = []
    total = 0
    for uid in uids:
        total += min(sizes.get(uid, 0), limits.mail_bytes)
        if chosen and total > limits.bytes:
            break
        chosen.append(uid)
    return chosen


def _mails_one_by_one_if_need_be(client: IMAPClient, uids: list[int]) -> list[FetchedMail]:
    """A server that refuses a batch for one bad mail still hands out the others."""
    if not uids:
        return []
    try:
        return _mails(client, uids)
    except imaplib.IMAP4.error as error:
        _raise_unless_about_mail(error)
        return [mail for uid in uids for mail in _one_mail(client, uid)]


def _one_mail(client: IMAPClient, uid: int, cut_at: int | None = None) -> list[FetchedMail]:
    try:
        return _mails(client, [uid], cut_at)
    except imaplib.IMAP4.error as error:
        _raise_unless_about_mail(error)
        return []  # found missing, and told as unreadable


def _raise_unless_about_mail(error: imaplib.IMAP4.error) -> None:
    """A lost line, or a server that is busy (RFC 5530), says nothing about the mail that was asked for."""
    if isinstance(error, imaplib.IMAP4.abort):
        raise error
    if PASSING_CODES.search(str(error)) and "[SERVERBUG]" not in str(error).upper():
        raise MailboxUnreachable(f"The server hands out no mails for now: {error}", permanent=False) from error


def _mails(client: IMAPClient, uids: list[int], cut_at: int | None = None) -> list[FetchedMail]:
    body = "BODY.PEEK[]" if cut_at is None else f"BODY.PEEK[]<0.{cut_at}>"
    answer = client.fetch(uids, [body, "INTERNALDATE"])
    return [mail for uid, item in answer.items() for mail in _mail(uid, item, cut_at is None)]


def _mail(uid: int, item: dict[bytes, Any], is_whole: bool) -> Iterable[FetchedMail]:
    for name, value in item.items():
        if name.startswith(b"BODY[]") and isinstance(value, bytes):
            yield FetchedMail(uid, value, _in_utc(item.get(b"INTERNALDATE")), is_whole)
            return


def _in_utc(at: object) -> datetime | None:
    try:
        return at.astimezone(UTC) if isinstance(at, datetime) else None
    except OverflowError:  # a date at the very edge of the calendar
        return None


def _missing(uids: Iterable[int], mails: Iterable[FetchedMail]) -> list[int]:
    return sorted(set(uids) - {mail.uid for mail in mails})


def _still_there(client: IMAPClient, uids: list[int]) -> list[int]:
    return sorted(set(client.search(f"UID {','.join(map(str, uids))}"))) if uids else []


def _raise_unless_others_come(client: IMAPClient, uids: list[int]) -> None:
    """Only where another mail of the folder can be had now, these are broken; else it is the server."""
    others = sorted(set(client.search(f"UID {max(1, uids[0] - 1000)}:{uids[-1] + 1000}")) - set(uids))
    if not others or not _one_mail(client, others[-1], 1):
        raise MailboxUnreachable(f"The server hands out no mails (UID {uids[0]} was asked for).", permanent=False)
