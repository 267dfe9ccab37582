"""What do the header fields say: their text, addresses, message ids?"""

import binascii
import quopri
import re
from dataclasses import dataclass

from caseloop.reading.decoding import decode_text, known_codec

_ENCODED_WORD = re.compile(r"=\?([^?\s]{0,60})\?([bBqQ])\?([^?]*)\?=")
_ADDRESS = re.compile(r"[^\s<>\"(),;:@\[\]\\]{1,128}@(?:[^\s<>\"(),;:@\[\]\\]{1,255}|\[[\w.:]{1,60}\])")
_MESSAGE_ID = re.compile(r"<([^<>\s]{1,900})>")
_MAX_ADDRESSES = 200


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox of a header: display name (may be empty) and address in lower case."""

    name: str
    address: str


def header_text(raw: bytes) -> str:
    """A header's value as one line of text: unfolded, RFC 2047 words and bare 8-bit bytes decoded. Never raises."""
    text = raw.decode("ascii") if raw.isascii() else decode_text(raw, None)
    text = re.sub(r"\n[ \t]*|[\r\n]", " ", text)
    if "=?" in text:
        text = _decoded_words(text)
    return re.sub(r"[\x00-\x1f\x7f]+", " ", text).strip()


def addresses_of(value: str) -> tuple[Address, ...]:
    """The mailboxes in a From, To or Cc value; groups are opened, nonsense is left out (RFC 5322 3.4)."""
    found: dict[str, Address] = {}
    for piece in _pieces(value[:20_000]):
        inside = re.findall(r"<([^<>]{1,400})>", piece)
        match = next((hit for text in reversed([piece, *inside]) if (hit := _ADDRESS.search(text))), None)
        if match is None:
            continue
        address = match[0].strip("'.").lower()
        name = re.sub(r"<[^<>]*>?|\((?:[^()]*)\)", " ", piece).replace(match[0], " ")
        name = re.sub(r"\\(.)", r"\1", name.rsplit(":", 1)[-1] if ":" in name else name)
        found.setdefault(address, Address(" ".join(name.replace('"', " ").split()).strip("'"), address))
        if len(found) >= _MAX_ADDRESSES:
            break
    return tuple(found.values())


def message_ids(value: str) -> tuple[str, ...]:
    """The message ids in a Message-ID, In-Reply-To or References value, each with its angle brackets."""
    found = [f"<{inner}>" for inner in _MESSAGE_ID.findall(value[:32_768])]
    if not found:
        found = [f"<{bare}>" for bare in re.findall(r"[^\s<>\"']{1,400}@[^\s<>\"']{1,400}", value[:4096])]
    return tuple(dict.fromkeys(found))


def _decoded_words(text: str) -> str:
    """`text` with its encoded words decoded; a character cut between two words of one charset is put together."""
    decoded: list[str] = []
    pending, charset, position = b"", "", 0
    for word in _ENCODED_WORD.finditer(text):
        between = text[position : word.start()]
        if pending and (between.strip() or word[1].lower() != charset):
            decoded.append(decode_text(pending, _charset(charset)))
            pending = b""
        if between.strip() or position == 0:
            decoded.append(between)
        charset, position = word[1].lower(), word.end()
        pending += _octets(word)
    decoded.append(decode_text(pending, _charset(charset)))
    return "".join(decoded) + text[position:]


def _charset(name: str) -> str | None:
    return known_codec(name.split("*")[0])


def _octets(word: re.Match[str]) -> bytes:
    payload = word[3]
    if word[2] in "qQ":
        return quopri.decodestring(payload.encode("utf-8", "replace"), header=True)
    letters = re.sub(r"[^A-Za-z0-9+/]", "", payload)
    letters = letters[: len(letters) - 1] if len(letters) % 4 == 1 else letters
    return binascii.a2b_base64(letters + "=" * (-len(letters) % 4))


def _pieces(value: str) -> list[str]:
    """`value` cut at the commas and semicolons that stand outside quotes, comments and angle brackets."""
    pieces, start, depth, in_quotes, skip = [], 0, 0, False, False
    for position, letter in enumerate(value):
        if skip:
            skip = False
        elif letter == "\\":
            skip = True
        elif letter == '"':
            in_quotes = not in_quotes
        elif not in_quotes and letter in "<(":
            depth += 1
        elif not in_quotes and letter in ">)":
            depth = max(0, depth - 1)
        elif not in_quotes and depth == 0 and letter in ",;":
            pieces.append(value[start:position])
            start = position + 1
    rest = value[start:]
    # An unclosed quote or bracket would swallow every address after it.
    pieces += re.split(r"[,;]", rest) if in_quotes or depth else [rest]
    return pieces
