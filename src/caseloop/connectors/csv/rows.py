"""Is a line of the file a case? Every line is read before anything is written; what is wrong is said with its line."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

COLUMNS = {
    "title": "the case's title (required)",
    "addresses": "the customer's mail addresses, separated by spaces or semicolons (required)",
    "contact": "the customer's name; the first address where it is empty",
    "organization": "the customer's company",
    "language": "the customer's language, like en or de",
    "time_zone": "the customer's zone, like Europe/Berlin",
    "queue": "an existing queue; the first one where it is empty",
    "status_reason": "an existing reason of an active case; In Progress where it is empty",
    "owner": "a username",
    "priority": "low, normal or high",
    "created_at": "when the case was opened, ISO 8601 with offset",
    "last_our_mail_at": "when we last wrote to the customer",
    "last_customer_mail_at": "when the customer last wrote",
    "message_ids": "Message-IDs of our mails, oldest first, separated by spaces",
    "follow_ups_sent": "how many follow-ups were sent since the customer's last answer, 0 to 5",
}
ERRORS_AT_MOST = 20


class ImportRefused(Exception):
    """The file was refused and nothing was imported; the text names the lines and what is wrong with each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """One line of the file, checked. Times are UTC."""

    line: int
    title: str
    addresses: tuple[str, ...]
    contact: str = ""
    organization: str = ""
    language: str = ""
    time_zone: str = ""
    queue: str = ""
    status_reason: str = ""
    owner: str = ""
    priority: str = "normal"
    created_at: datetime | None = None
    last_our_mail_at: datetime | None = None
    last_customer_mail_at: datetime | None = None
    message_ids: tuple[str, ...] = ()
    follow_ups_sent: int = 0
    custom: Mapping[str, str] = field(default_factory=dict)


def read_rows(path: Path, now: datetime) -> list[CaseRow]:
    """All lines of the file; raises `ImportRefused` naming every line that is wrong (the first twenty)."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ImportRefused(f"{path.name} is no UTF-8 text (byte {error.start}). Save it as UTF-8.") from error
    lines = csv.DictReader(text.splitlines(), strict=True)
    problems: list[str] = []
    rows: list[CaseRow] = []
    try:
        _check_header(lines.fieldnames or [])
        for record in lines:
            try:
                rows.append(_row(lines.line_num, record, now))
            except ValueError as error:
                problems.append(f"line {lines.line_num}: {error}")
    except csv.Error as error:
        problems.append(f"line {lines.line_num}: {error}")
    refuse(problems)
    if not rows:
        raise ImportRefused(f"{path.name} has no lines below its header.")
    return rows


def refuse(problems: list[str]) -> None:
    """Raise `ImportRefused` when there are any problems."""
    if problems:
        more = len(problems) - ERRORS_AT_MOST
        listed = problems[:ERRORS_AT_MOST] + ([f"… and {more} more"] if more > 0 else [])
        raise ImportRefused("Nothing was imported. " + "; ".join(listed) + ".")


def _check_header(names: Iterable[str]) -> None:
    found = list(names)
    missing = [name for name in ("title", "addresses") if name not in found]
    if missing:
        raise ImportRefused(f"The file's first line must name its columns; missing: {', '.join(missing)}.")
    unknown = [name for name in found if name not in COLUMNS and not name.startswith("custom.")]
    if unknown:
        raise ImportRefused(f"Unknown column “{unknown[0]}”. Known are {', '.join(COLUMNS)} and custom.<key>.")


def _row(line: int, record: dict[str, str | None], now: datetime) -> CaseRow:
    if None in record or None in record.values():
        raise ValueError("it has not as many fields as the header")
    values = {name: (value or "").strip() for name, value in record.items()}
    if not values["title"] or len(values["title"]) > 300:
        raise ValueError("the title must have 1 to 300 characters")
    row = CaseRow(
        line=line,
        title=values["title"],
        addresses=_addresses(values["addresses"]),
        contact=values.get("contact", ""),
        organization=values.get("organization", ""),
        language=values.get("language", "")[:8],
        time_zone=_zone(values.get("time_zone", "")),
        queue=values.get("queue", ""),
        status_reason=values.get("status_reason", ""),
        owner=values.get("owner", ""),
        priority=_priority(values.get("priority", "")),
        created_at=_time("created_at", values, now),
        last_our_mail_at=_time("last_our_mail_at", values, now),
        last_customer_mail_at=_time("last_customer_mail_at", values, now),
        message_ids=tuple(values.get("message_ids", "").split()),
        follow_ups_sent=_follow_ups(values.get("follow_ups_sent", "")),
        custom={name[7:]: value for name, value in values.items() if name.startswith("custom.") and value},
    )
    if row.follow_ups_sent and row.last_our_mail_at is None:
        raise ValueError("follow_ups_sent needs last_our_mail_at")
    return row


def _addresses(text: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(text.replace(";", " ").lower().split()))
    if not found:
        raise ValueError("it has no address")
    for address in found:
        try:
            validate_email(address)
        except ValidationError as error:
            raise ValueError(f"“{address}” is no mail address") from error
    return found


def _zone(name: str) -> str:
    try:
        if name:
            ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"there is no time zone “{name}”") from error
    return name


def _priority(text: str) -> str:
    if text not in ("", "low", "normal", "high"):
        raise ValueError(f"priority is low, normal or high, not “{text}”")
    return text or "normal"


def _time(name: str, values: Mapping[str, str], now: datetime) -> datetime | None:
    text = values.get(name, "")
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{name} is no time like 2026-11-23T10:14:00+01:00: “{text}”") from error
    if moment.tzinfo is None:
        raise ValueError(f"{name} needs its offset from UTC, like +01:00: “{text}”")
    if moment > now:
        raise ValueError(f"{name} lies in the future: “{text}”")
    return moment.astimezone(UTC)


def _follow_ups(text: str) -> int:
    if text and text not in ("0", "1", "2", "3", "4", "5"):
        raise ValueError(f"follow_ups_sent is 0 to 5, not “{text}”")
    return int(text or 0)
