"""How does the light text people write become paragraphs, buttons and boxes?

The light form has four signs. A blank line ends a paragraph, `**words**` are bold, a line `:::` opens and
closes a box,
and a line `[button need_help]` (or `[button primary need_help]`) puts a customer button there. A backslash
before one of the last three takes away its meaning.

A template's own signs are replaced by *marks* before any value is filled in: three characters of Unicode's
private use
area, which `clean` takes out of every value. So a customer's name or subject can hold any sign and stays
words.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from unicodedata import category

from caseloop.letters.words import BUTTONS

BOLD = "\ue000"
BOX = "\ue001"
BUTTON = "\ue002"

_MARKS = re.compile("[\ue000-\ue002]")
_SIGNS = re.compile(
    r"(?m)(?<!\\)\\(\\*)(\*\*|:::|\[button)|(\*\*)|^[ \t]*(:::)[ \t]*\r?$"
    rf"|^[ \t]*\[button (primary )?({'|'.join(BUTTONS)})\][ \t]*\r?$"
)
_COULD_BE_SIGNS = re.compile(r"(?<!\\)\\*(?:\*\*|:::|\[button)")
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
_KEPT_FORMAT_CHARACTERS = "\u200c\u200d"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines separated by newlines; bold words stand between two BOLD marks."""

    marked: str

    @property
    def words(self) -> str:
        return self.marked.replace(BOLD, "")

    @property
    def is_bold(self) -> bool:
        return self.marked.startswith(BOLD) and self.marked.find(BOLD, 1) == len(self.marked) - 1


@dataclass(frozen=True, slots=True)
class Button:
    """A place for one customer button; `name` is one of BUTTONS."""

    name: str
    is_primary: bool


@dataclass(frozen=True, slots=True)
class Box:
    """A framed part of the letter."""

    blocks: "tuple[Block, ...]"


Block = Paragraph | Button | Box


def mark(literal: str) -> str:
    """The same text with its signs replaced by marks; for text of a template's or a mail's author, never for
    values."""
    return _SIGNS.sub(_as_mark, _MARKS.sub("", literal))


def clean(value: str) -> str:
    """One line of visible characters: no line breaks, controls, text-direction overrides, nor our marks."""
    line = " ".join(value.split())
    if line.isprintable():
        return line
    return " ".join("".join(filter(_is_visible, line)).split())


def clean_lines(text: str) -> str:
    """As `clean`, line by line: for quoted mails and words of people."""
    return "\n".join(map(clean, text.splitlines()))


def blocks(marked: str) -> tuple[Block, ...]:
    """The parts of a marked text, top to bottom; a box that is not closed ends with the letter."""
    done: list[Block] = []
    box: list[Block] | None = None
    into, lines = done, list[str]()
    for line in map(str.strip, marked.split("\n")):
        has_mark = BOX in line or BUTTON in line
        is_button = has_mark and line[0] == BUTTON and line[2:] in BUTTONS
        if line and line != BOX and not is_button:
            lines.append(_unmarked(line) if has_mark else line)
            continue
        if lines:
            into.append(_paragraph(lines))
            lines = []
        if is_button:
            into.append(Button(line[2:], line[1] == "!"))
        elif line and box is None:
            into = box = []
        elif line and box is not None:
            done.append(Box(tuple(box)))
            into, box = done, None
    if lines:
        into.append(_paragraph(lines))
    if box:
        done.append(Box(tuple(box)))
    return tuple(done)


def light(parts: Iterable[Block]) -> str:
    """The light text that `mark` and `blocks` read as these parts: what an editor shows."""
    return "\n\n".join(map(_light, parts))


def _is_visible(character: str) -> bool:
    return category(character) not in _INVISIBLE or character in _KEPT_FORMAT_CHARACTERS


def _unmarked(line: str) -> str:
    """A sign that turned out not to stand alone on its line, because a value followed, is words after all."""
    return re.sub(f"{BUTTON}([!.])({'|'.join(BUTTONS)})", r"[button \2]", line).replace(BOX, ":::").replace(BUTTON, "")


def _paragraph(lines: list[str]) -> Paragraph:
    marked = "\n".join(lines)
    if marked.count(BOLD) % 2:
        head, _, tail = marked.rpartition(BOLD)
        marked = f"{head}**{tail}"
    return Paragraph(marked)


def _as_mark(match: re.Match[str]) -> str:
    backslashes, escaped, bold, box, primary, button = match.groups()
    if escaped:
        return f"{backslashes}{escaped}"
    if bold:
        return BOLD
    return BOX if box else f"{BUTTON}{'!' if primary else '.'}{button}"


def _light(block: Block) -> str:
    match block:
        case Paragraph():
            return _unsigned(block.marked).replace(BOLD, "**")
        case Button():
            return f"[button {'primary ' if block.is_primary else ''}{block.name}]"
        case Box():
            return f":::\n{light(block.blocks)}\n:::"


def _unsigned(words: str) -> str:
    """The same words with a backslash before what would be read as a sign."""
    if "**" in words or ":::" in words or "[button" in words:
        return _COULD_BE_SIGNS.sub(r"\\\g<0>", words)
    return words
