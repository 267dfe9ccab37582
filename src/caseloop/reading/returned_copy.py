"""Where does a bounce quote the mail it returns, and which mail was that?"""

import re
from dataclasses import dataclass

from caseloop.reading.headers import addresses_of, header_text, message_ids
from caseloop.reading.mime import Header, split_headers
from caseloop.reading.parse import ParsedMail

_RULE = re.compile(
    r"^.{0,6}[-=*_#>]{2,}.{0,10}(?:copy|original|headers? |returned|undelivered|unsent|message (?:header|"
    r"follow)|below this line|text of|bounced).{0,80}$|"
    r"^.{0,30}(?:copy of (?:the|your)|(?:original|returned|undelivered|your) (?:message|mail|"
    r"e-?mail)(?: headers?)? (?:follows|below|is|was|begins)|original message "
    r"(?:headers?|text)|headers? (?:of|from) (?:the|your)|message headers? follow|first \d+ lines|"
    r"below is a copy|"
    r"begin(?:ning)? of (?:the )?(?:original|returned)|the (?:header|body) of the (?:original )?message|"
    r"unsent message|"
    r"kopie der nachricht|copie du message|copia del (?:mensaje|messaggio)|исходн|копия (?:вашего )?сообщ|"
    r"以下.{0,20}(?:メッセージ|メール)|元のメッセージ).{0,90}$",
    re.IGNORECASE,
)
_FIELD = re.compile(
    r"^[ \t>|]{0,8}(?:Received|Return-Path|Message-ID|Date|From|To|Subject|MIME-Version|X-[\w-]+|"
    r"Delivered-To|Content-[\w-]+|Reply-To|"
    r"Sender|DKIM-Signature|DomainKey-Signature|List-[\w-]+|Precedence|Errors-To|Cc|References|In-Reply-To|"
    r"User-Agent|Importance)\s*:",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ReturnedCopy:
    """The mail that came back: its Message-ID with angle brackets, its recipients, its subject."""

    message_id: str | None = None
    recipients: tuple[str, ...] = ()
    subject: str = ""


def split_at_copy(text: str) -> tuple[str, str]:
    """A bounce's prose and the copy of the mail it quotes below, which may be empty."""
    lines = text.split("\n")[:3000]
    for at, line in enumerate(lines):
        if at == 0 or not (_FIELD.match(line) or _RULE.match(line)):
            continue
        following = [text for text in lines[at + 1 : at + 8] if text.strip()][:5]
        fields = len([text for text in following if _FIELD.match(text)])
        if _FIELD.match(line) and _is_mail_header(lines, at) and fields >= 2:
            return "\n".join(lines[:at]), "\n".join(lines[at:])
        if not _FIELD.match(line) and (not following or fields >= 1 or re.match(r"\s*Message removed", following[0])):
            return "\n".join(lines[:at]), "\n".join(lines[at + 1 :])
    return text, ""


def returned_copy(parsed: ParsedMail, quoted: str) -> ReturnedCopy:
    """What the returned parts of a bounce, else the copy quoted in its text, say of the mail that failed."""
    for part in parsed.returned:
        inner = part.children[0] if part.children else None
        headers = inner.headers if inner is not None else split_headers(part.content().lstrip(b"\n"))[0]
        if headers:
            return _from_headers(headers)
    text = re.sub(r"(?m)^[ \t>|]{1,8}(?=[A-Za-z-]+\s*:)", "", quoted[:60_000]).lstrip("\n")
    header_like = "\n".join(line for line in text.split("\n") if line.strip())
    headers = split_headers(header_like.encode("utf-8", "replace"), is_top=True)[0]
    found = _from_headers(headers)
    if found.message_id is None and (loose := re.search(r"(?im)^\W*message-id\s*:\s*(<[^<>\s]{3,300}>)", quoted)):
        return ReturnedCopy(loose[1], found.recipients, found.subject)
    return found


def _is_mail_header(lines: list[str], at: int) -> bool:
    """Whether the line opens a header rather than the "To / Subject / Sent" summary some servers print."""
    block = lines[at : at + 25]
    return any(
        re.match(r"^[ \t>|]{0,8}(?:Received|Message-ID|Return-Path|MIME-Version|DKIM-Signature)\s*:", text, re.I)
        for text in block
    )


def _from_headers(headers: tuple[Header, ...]) -> ReturnedCopy:
    def first(name: str) -> str:
        return next((header_text(value) for key, value in headers if key == name), "")

    recipients = tuple(found.address for found in addresses_of(first("to")))
    return ReturnedCopy(next(iter(message_ids(first("message-id"))), None), recipients, first("subject"))
