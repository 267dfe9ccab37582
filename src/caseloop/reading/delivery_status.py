"""What does a delivery status part say about each recipient?"""

import re
from dataclasses import dataclass

from caseloop.reading.headers import addresses_of


@dataclass(frozen=True, slots=True)
class RecipientStatus:
    """One group of recipient fields (RFC 3464 2.3); addresses as written, absent fields empty."""

    address: str
    action: str
    status: str
    diagnostic: str


_MAX_RECIPIENTS = 500


def recipient_statuses(text: str) -> tuple[RecipientStatus, ...]:
    """The recipients named in the text of a message/delivery-status part, in order. Never raises."""
    found: list[RecipientStatus] = []
    for block in re.split(r"\n[ \t]*\n", text[:200_000]):
        fields = _fields(block)
        final = _address(fields.get("final-recipient", ""))
        original = _address(fields.get("original-recipient", ""))
        # A forwarded address fails under another name than the one written to: that one is the original.
        address = original or final
        action = re.split(r"[^a-z]", fields.get("action", "").lower().strip(), maxsplit=1)[0]
        if not (address or action):
            continue
        status = fields.get("status", "")
        found.append(RecipientStatus(address, action, status, fields.get("diagnostic-code", "")))
        if len(found) >= _MAX_RECIPIENTS:
            break
    return tuple(found)


def _fields(block: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    name = ""
    for line in block.split("\n"):
        if line[:1] in (" ", "\t") and name:
            fields[name] += " " + line.strip()
        elif match := re.match(r"([A-Za-z-]{3,40})[ \t]*:[ \t]*(.*)", line):
            name = match[1].lower()
            fields.setdefault(name, "")
            fields[name] = f"{fields[name]} {match[2]}".strip()
        elif name == "diagnostic-code" and line.strip():
            # Some servers forget to indent the lines of a longer reply.
            fields[name] += " " + line.strip()
    return fields


def _address(value: str) -> str:
    _, kind, rest = value.partition(";")
    found = addresses_of(rest if kind else value)
    if not found:
        return ""
    # As written: some people compare by eye.
    at = value.lower().find(found[0].address)
    return value[at : at + len(found[0].address)] if at >= 0 else found[0].address
