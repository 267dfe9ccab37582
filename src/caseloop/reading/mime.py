"""Which parts is a message made of, however damaged it is?"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from caseloop.reading.decoding import decode_text, decode_transfer

MAX_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 20
MAX_PARTS = 500
MAX_TEXT_BYTES = 2 * 1024 * 1024
_MAX_HEADER_BYTES = 512 * 1024
_MAX_HEADERS = 2000
_MAX_VALUE = 32 * 1024

_HEADER_LINE = re.compile(rb"([!-9;-~]{1,100})[ \t]*:[ \t]*(.*)", re.DOTALL)
_KNOWN_HEADER = re.compile(
    rb"(?i)(?:received|from|to|cc|subject|date|message-id|mime-version|content-[a-z-]+|x-[\w-]+|return-path|"
    rb"reply-to|sender|in-reply-to|references|list-[a-z-]+|delivered-to|status)[ \t]*:"
)
_PARAMETER = re.compile(r';\s*([A-Za-z0-9*_.\-]{1,60})\s*=\s*("(?:[^"\\]|\\.)*"|[^;"\r\n]*)')

Header = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a message: its raw headers in order (names in lower case), its bytes, its sub-parts."""

    headers: tuple[Header, ...]
    body: bytes
    content_type: str
    parameters: dict[str, str]
    children: tuple["Part", ...] = ()

    def raw_header(self, name: str) -> bytes | None:
        return next((value for key, value in self.headers if key == name), None)

    @property
    def encoding(self) -> str:
        return (self.raw_header("content-transfer-encoding") or b"").decode("latin-1")

    @property
    def is_attachment(self) -> bool:
        return (self.raw_header("content-disposition") or b"").strip().lower().startswith(b"attachment")

    def content(self) -> bytes:
        """The part's bytes without transfer encoding."""
        return decode_transfer(self.body, self.encoding)

    def text(self) -> str:
        """The first megabytes of the part as text, line ends as LF."""
        return decode_text(decode_transfer(self.body[:MAX_TEXT_BYTES], self.encoding), self.parameters.get("charset"))

    def walk(self) -> Iterator["Part"]:
        """This part and all below it, in order, without entering returned or forwarded messages."""
        yield self
        if self.content_type != "message/rfc822":
            for child in self.children:
                yield from child.walk()


@dataclass(slots=True)
class _Budget:
    parts: int = MAX_PARTS
    complaints: list[str] = field(default_factory=list)

    def complain(self, about: str) -> None:
        if about not in self.complaints:
            self.complaints.append(about)


def split_message(raw: bytes) -> tuple[Part, tuple[str, ...]]:
    """The parts of `raw` (RFC 2045, 2046), and what stayed unread because a limit was reached. Never raises."""
    budget = _Budget()
    if len(raw) > MAX_BYTES:
        budget.complain(f"larger than {MAX_BYTES // (1024 * 1024)} MiB")
        raw = raw[:MAX_BYTES]
    lines = _with_line_feeds(raw).lstrip(b"\n")
    if re.match(rb">?From [^:\n]*[ \t\d:]+", lines) and b"\n" in lines:
        lines = lines.split(b"\n", 1)[1]
    part = _part(lines, budget, depth=0, default_type="text/plain")
    return part, tuple(budget.complaints)


def parameters_of(value: str) -> dict[str, str]:
    """The parameters of a header such as Content-Type, names in lower case, RFC 2231 pieces joined and decoded."""
    plain: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, str, bool]]] = {}
    for name, quoted in _PARAMETER.findall(value[:_MAX_VALUE]):
        found = re.sub(r"\\(.)", r"\1", quoted[1:-1]) if quoted[:1] == '"' else quoted.strip()
        base, star, number = name.lower().partition("*")
        if not star:
            plain.setdefault(base, found)
        else:
            digits = number.rstrip("*")
            order = int(digits) if digits.isdecimal() and len(digits) < 4 else 0
            pieces.setdefault(base, []).append((order, found, name.endswith("*")))
    for base, found_pieces in pieces.items():
        plain.setdefault(base, _joined(found_pieces))
    return plain


def _joined(pieces: list[tuple[int, str, bool]]) -> str:
    charset, data = "", b""
    for order, text, is_encoded in sorted(pieces):
        if is_encoded and order == 0 and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        octets = text.encode("utf-8", "replace")
        if is_encoded:
            octets = re.sub(rb"%([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), octets)
        data += octets
    return decode_text(data, charset)


def _with_line_feeds(raw: bytes) -> bytes:
    if b"\r" not in raw:
        return raw
    # Outlook and some gateways write CR CR LF; an old Macintosh writes CR alone.
    raw = re.sub(rb"\r+\n", b"\n", raw)
    return raw.replace(b"\r", b"\n") if b"\n" not in raw[: raw.find(b"\r") + 1] and b"\r" in raw[:2000] else raw


def _part(data: bytes, budget: _Budget, depth: int, default_type: str) -> Part:
    budget.parts -= 1
    headers, body = split_headers(data, is_top=depth == 0)
    value = next((value for name, value in headers if name == "content-type"), b"").decode("latin-1")
    parameters = parameters_of(value)
    content_type = value.split(";", 1)[0].strip().strip("\"'").lower() or default_type
    if "/" not in content_type:
        content_type = {"multipart": "multipart/mixed", "text": "text/plain"}.get(content_type, default_type)
    part = Part(headers, body, content_type, parameters)
    if not (content_type.startswith("multipart/") or content_type in _NESTING):
        return part
    if depth >= MAX_DEPTH:
        budget.complain(f"nested deeper than {MAX_DEPTH} levels")
        return part
    return Part(headers, body, content_type, parameters, _children(part, budget, depth))


_NESTING = ("message/rfc822", "message/global", "message/news")


def _children(part: Part, budget: _Budget, depth: int) -> tuple[Part, ...]:
    if part.content_type in _NESTING:
        return (_part(part.content().lstrip(b"\n"), budget, depth + 1, "text/plain"),)
    default = "message/rfc822" if part.content_type == "multipart/digest" else "text/plain"
    found: list[Part] = []
    for piece in _pieces(part):
        if budget.parts <= 0:
            budget.complain(f"more than {MAX_PARTS} parts")
            break
        found.append(_part(piece, budget, depth + 1, default))
    return tuple(found)


def _pieces(part: Part) -> Iterator[bytes]:
    boundary = part.parameters.get("boundary", "").rstrip().encode("latin-1", "replace") or _guessed_boundary(part.body)
    if not boundary:
        return
    line = _boundary_line(boundary)
    if not line.search(part.body) and (guess := _guessed_boundary(part.body)):
        line = _boundary_line(guess)
    start: int | None = None
    for mark in line.finditer(part.body):
        if start is not None:
            yield part.body[start : mark.start()].removesuffix(b"\n")
        start = None if mark[1] else mark.end() + 1
    # The closing boundary is missing in one of ten damaged messages: what follows is still the last part.
    if start is not None and start < len(part.body):
        yield part.body[start:]


def _boundary_line(boundary: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"^--" + re.escape(boundary[:200]) + rb"[^\S\n]*(--)?[^\S\n]*$", re.MULTILINE)


def _guessed_boundary(body: bytes) -> bytes:
    found = re.search(rb"^--(\S(?:[^\n]{0,150}\S)?)[ \t]*\n[Cc]ontent-", body, re.MULTILINE)
    return found[1] if found else b""


def split_headers(data: bytes, *, is_top: bool = False) -> tuple[tuple[Header, ...], bytes]:
    """The header fields of `data` unfolded, in order, and what follows them."""
    headers: list[Header] = []
    position, end = 0, min(len(data), _MAX_HEADER_BYTES)
    while position < end:
        stop = data.find(b"\n", position)
        stop = len(data) if stop < 0 else stop
        line = data[position:stop]
        if not line.strip():
            # A line of blanks inside the header of a whole message is a fold gone wrong when a field follows it.
            if not line or not is_top or not _KNOWN_HEADER.match(data, stop + 1):
                return tuple(headers), data[stop + 1 :]
        elif line[:1] in b" \t":
            if headers:
                name, value = headers[-1]
                if len(value) < _MAX_VALUE:
                    headers[-1] = (name, value + b"\n" + line[:_MAX_VALUE])
        elif (field_line := _HEADER_LINE.fullmatch(line)) and len(headers) < _MAX_HEADERS:
            headers.append((field_line[1].decode("latin-1").lower(), field_line[2][:_MAX_VALUE]))
        elif not (is_top and headers and _KNOWN_HEADER.match(data, stop + 1)):
            return tuple(headers), data[position:]
        position = stop + 1
    return tuple(headers), data[position:]
