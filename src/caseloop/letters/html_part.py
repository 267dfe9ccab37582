"""How does a letter look as HTML, in mail programs of twenty years?

One column of 600 px in tables, styles in the elements, no image, no script. The style sheet in the head adds
only what may
be lost: dark colors and wide buttons on a phone. All words are escaped here and nowhere else, so nothing that
came with a template or a customer can be markup.
"""

from functools import lru_cache
from html import escape

from caseloop.letters.chrome import Surroundings
from caseloop.letters.html_frame import (
    BOLD_PARAGRAPH,
    BOX,
    BUTTON,
    END,
    FOOTER,
    PARAGRAPH,
    PLAIN,
    PRIMARY,
    QUOTE,
    QUOTE_LINE,
    QUOTED,
    TO_HEADING,
    TO_LANGUAGE,
    TO_PREVIEW,
    TO_TITLE,
    TO_WORDS,
)
from caseloop.letters.lighttext import BOLD, Block, Box, Button, Paragraph


def html_part(title: str, parts: tuple[Block, ...], around: Surroundings) -> str:
    """The HTML body, a whole document of about 5–8 KB."""
    return "".join(
        (
            TO_LANGUAGE,
            escape(around.language),
            TO_TITLE,
            escape(title),
            TO_PREVIEW,
            escape(_preview(parts)),
            TO_HEADING,
            escape(around.heading),
            TO_WORDS,
            _blocks(parts, around),
            _signature(around.signature),
            _footer(around),
            _quoted(around),
            END,
        )
    )


@lru_cache(maxsize=256)
def _signature(lines: tuple[str, ...]) -> str:
    return _paragraph("<br>".join(map(escape, lines))) if lines else ""


def _blocks(parts: tuple[Block, ...], around: Surroundings) -> str:
    return "".join([_block(part, around) for part in parts])


def _block(part: Block, around: Surroundings) -> str:
    match part:
        case Paragraph():
            return _bold_paragraph(part) if part.is_bold else _paragraph(_with_bold(part.marked))
        case Button():
            return _button(part, around)
        case Box():
            return BOX.format(body=_blocks(part.blocks, around))


def _paragraph(html: str) -> str:
    return f"{PARAGRAPH}{html}</p>\n"


def _bold_paragraph(part: Paragraph) -> str:
    return f"{BOLD_PARAGRAPH}<strong>{escape(part.words).replace(chr(10), '<br>')}</strong></p>\n"


def _with_bold(marked: str) -> str:
    html = escape(marked).replace("\n", "<br>")
    if BOLD not in html:
        return html
    pieces = html.split(BOLD)
    return "".join(f"<strong>{piece}</strong>" if at % 2 else piece for at, piece in enumerate(pieces))


def _button(part: Button, around: Surroundings) -> str:
    url = around.buttons.get(part.name)
    if not url:
        return ""
    look = PRIMARY if part.is_primary else PLAIN
    return BUTTON.format(look=look, url=escape(url), label=escape(around.words.buttons[part.name]))


def _preview(parts: tuple[Block, ...]) -> str:
    """What lists of mails show beside the subject: the bold sentence, or what follows the greeting."""
    paragraphs = _paragraphs(parts)
    start = next((at for at, part in enumerate(paragraphs) if part.is_bold), min(1, len(paragraphs) - 1))
    return " ".join(part.words.replace("\n", " ") for part in paragraphs[max(start, 0) :])[:140]


def _paragraphs(parts: tuple[Block, ...]) -> list[Paragraph]:
    found: list[Paragraph] = []
    for part in parts:
        if isinstance(part, Paragraph):
            found.append(part)
        elif isinstance(part, Box):
            found.extend(_paragraphs(part.blocks))
    return found


def _footer(around: Surroundings) -> str:
    line = escape(" · ".join(filter(None, (around.case_line, around.disclosure))))
    if url := around.buttons.get("no_more"):
        label = escape(around.words.buttons["no_more"])
        line += f'<br><a href="{escape(url)}" style="color:#555e69;">{label}</a>'
    return f"{FOOTER}{line}</p>\n"


def _quoted(around: Surroundings) -> str:
    if not around.quote_line:
        return ""
    paragraphs = filter(None, (part.strip("\n") for part in around.quoted.split("\n\n")))
    quote = "".join([f"{QUOTED}{escape(part).replace(chr(10), '<br>')}</p>" for part in paragraphs])
    return f"{QUOTE_LINE}{escape(around.quote_line)}</p>\n{QUOTE}{quote}</blockquote>\n"
