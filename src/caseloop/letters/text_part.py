"""How does a letter read as plain text?"""

from caseloop.letters.chrome import Surroundings
from caseloop.letters.lighttext import Block, Box, Button, Paragraph

WIDTH = 72
"""Characters in a line; only words longer than that, and languages without spaces, go beyond."""

_WITHOUT_SPACES = {"ja", "zh", "th"}


def text_part(parts: tuple[Block, ...], around: Surroundings) -> str:
    """The plain text body: words, signature, footer below "-- ", the quoted mail with ">"."""
    sections = _sections(parts, around)
    if around.signature:
        sections.append("\n".join(around.signature))
    sections.append(_footer(around))
    if around.quote_line:
        sections.append(f"{around.quote_line}\n{_quoted(around)}")
    return "\n\n".join(sections) + "\n"


def wrapped(line: str, language: str) -> str:
    """The line broken at spaces."""
    if len(line) <= WIDTH or language in _WITHOUT_SPACES:
        return line
    lines: list[str] = []
    while len(line) > WIDTH:
        space = line.rfind(" ", 1, WIDTH + 1)
        if space < 0:
            space = line.find(" ", WIDTH)
        if space < 0:
            break
        lines.append(line[:space])
        line = line[space + 1 :]
    return "\n".join((*lines, line))


def _sections(parts: tuple[Block, ...], around: Surroundings) -> list[str]:
    sections: list[str] = []
    after_button = False
    for part in parts:
        match part:
            case Paragraph():
                sections.append("\n".join(wrapped(line, around.language) for line in part.words.split("\n")))
                after_button = False
            case Button():
                if url := around.buttons.get(part.name):
                    line = f"* {around.words.buttons[part.name]}:\n  {url}"
                    if after_button:
                        line = f"{sections.pop()}\n{line}"
                    sections.append(line)
                    after_button = True
            case Box():
                sections.extend(_sections(part.blocks, around))
                after_button = False
    return sections


def _footer(around: Surroundings) -> str:
    lines = ["-- ", around.case_line]
    if around.disclosure:
        lines.append(wrapped(around.disclosure, around.language))
    if url := around.buttons.get("no_more"):
        lines += [f"{around.words.buttons['no_more']}:", url]
    return "\n".join(lines)


def _quoted(around: Surroundings) -> str:
    return "\n".join(
        f"> {piece}".rstrip()
        for line in around.quoted.split("\n")
        for piece in wrapped(line, around.language).split("\n")
    )
