"""Which addresses does the prose of a bounce name as failed?"""

import re

from caseloop.reading.parse import ParsedMail

_A = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.\-]{1,80}@[A-Za-z0-9.\-]{2,120}[A-Za-z0-9]"
_NEAR = (
    re.compile(rf"(?im)^\s{{0,8}}[\"'<\[(]{{0,2}}({_A})[\"'>\])]{{0,2}}\s*(?::|\.\.\.|\(|-{{1,2}}|,|;|$)"),
    re.compile(
        rf"(?i)(?<![\w.@+-])(?:recipient|address(?:ee|es)?|rcpt to|to|user|mailbox|for|following|"
        rf"deliver(?:ed|y)?(?: (?:your )?(?:message|mail))? to)"
        rf"(?:\(s\))?(?: was| is)?(?:\s*[:=]\s*|\s+)[\"'<\[(]{{0,2}}({_A})"
    ),
    re.compile(rf"({_A})"),
)
_NEVER = re.compile(
    r"(?i)^(?:mailer-?daemon|po+stmaster|abuse|hostmaster|help|support|helpdesk|root|admin|webmaster)@|@(?:.*\.)?spamhaus\.org$"
)
_MAX = 100


def addresses_in_prose(parsed: ParsedMail, prose: str, ours: set[str]) -> list[str]:
    """Failed addresses as written, likeliest way of naming them first; empty where none is named."""
    prose = prose[:30_000]
    sender = parsed.from_.address if parsed.from_ else ""
    for pattern in _NEAR:
        found: dict[str, str] = {}
        for match in pattern.finditer(prose):
            address = match[1].strip(".'")
            key = address.lower()
            if key not in ours and key != sender and not _NEVER.search(address):
                found.setdefault(key, address)
        if found:
            return list(found.values())[:_MAX]
    return []
