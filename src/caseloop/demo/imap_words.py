"""How is one IMAP command read from the line, and a name or text written back? (RFC 3501 section 4 and 9)"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from imapclient import imap_utf7

LITERAL_END = re.compile(rb"\{(\d+)(\+?)\}\r?\n$")
WORD = re.compile(
    rb"""\s*(?:
        (?P<open>\() | (?P<close>\))
      | "(?P<quoted>(?:[^"\\]|\\.)*)"
      | (?P<atom>[^\s()"\[]+(?:\[[^\]]*\](?:<[\d.]+>)?)?)
    )""",
    re.VERBOSE,
)
MAX_LITERAL = 64 * 1024 * 1024

Word: TypeAlias = "bytes | list[Word]"


class BadCommand(Exception):
    """The client's command can't be understood; the answer is BAD."""


@dataclass(frozen=True)
class Command:
    """One command: its tag, its name in capitals (`UID FETCH` is one name) and its arguments."""

    tag: str
    name: str
    arguments: list[Word]


async def read_command(reader: asyncio.StreamReader, ask_to_go_on: Callable[[], Awaitable[None]]) -> Command | None:
    """The client's next command, or None at the end of the stream; raises `BadCommand`."""
    words: list[Word] = []
    while True:
        line = await reader.readline()
        if not line.endswith(b"\n"):
            return None
        literal = LITERAL_END.search(line)
        words += list(_flat_words(line[: literal.start()] if literal else line))
        if literal is None:
            return _command(_nested(iter(words)))
        size = int(literal[1])
        if size > MAX_LITERAL:
            raise BadCommand("literal too large")
        if not literal[2]:
            await ask_to_go_on()
        words.append([await reader.readexactly(size)])


def _flat_words(line: bytes) -> Iterator[bytes]:
    position, end = 0, len(line.rstrip())
    while position < end:
        found = WORD.match(line, position, end)
        if found is None:
            raise BadCommand("unreadable argument")
        position = found.end()
        quoted = found["quoted"]
        if quoted is None:
            yield found[0].strip()
        else:
            yield b'"' + re.sub(rb"\\(.)", rb"\1", quoted)


def _nested(words: Iterator[Word], *, inside: bool = False) -> list[Word]:
    """Flat words to lists: brackets make one, a leading quote is dropped, a literal is unwrapped."""
    found: list[Word] = []
    for word in words:
        if isinstance(word, list):
            found.append(word[0])
        elif word == b"(":
            found.append(_nested(words, inside=True))
        elif word == b")":
            if inside:
                return found
            raise BadCommand("closing bracket without an opening one")
        else:
            found.append(word[1:] if word.startswith(b'"') else word)
    if inside:
        raise BadCommand("bracket not closed")
    return found


def _command(words: list[Word]) -> Command:
    if len(words) < 2:
        raise BadCommand("tag and command expected")
    tag, first, *arguments = words
    name = text(first).upper()
    if name == "UID" and arguments:
        name = f"UID {text(arguments.pop(0)).upper()}"
    return Command(text(tag), name, arguments)


def text(word: Word) -> str:
    """A word as text; raises `BadCommand` for a list."""
    if isinstance(word, list):
        raise BadCommand("a list where a word was expected")
    return word.decode("utf-8", "surrogateescape")


def folder_name(word: Word) -> str:
    """A folder's name out of modified UTF-7 (RFC 3501 5.1.3)."""
    if isinstance(word, list):
        raise BadCommand("folder name expected")
    return str(imap_utf7.decode(word))


def quoted(name: str) -> bytes:
    """A folder's name in modified UTF-7 and quotes."""
    encoded: bytes = imap_utf7.encode(name)
    return b'"' + encoded.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def numbers(sequence_set: str, highest: int) -> Callable[[int], bool]:
    """Whether a number belongs to `1,4:7,9:*`, where `*` is the highest in use (RFC 3501 section 9)."""
    ranges, singles = [], set()
    for part in sequence_set.split(","):
        first, _, last = part.partition(":")
        try:
            ends = [highest if end == "*" else int(end) for end in (first, last or first)]
        except ValueError:
            raise BadCommand(f"{sequence_set} is no set of numbers") from None
        if last:
            ranges.append((min(ends), max(ends)))
        else:
            singles.add(ends[0])
    return lambda number: number in singles or any(low <= number <= high for low, high in ranges)
