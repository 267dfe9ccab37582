"""What does an HTML body say in plain text, quoted parts marked with `> `?"""

import re
from typing import Any

from caseloop.reading.decoding import clean_text

_MAX_LETTERS = 400_000
_MAX_ELEMENTS = 20_000
_MAX_NESTING = 150
_OPEN, _CLOSE = "\ue0f1", "\ue0f2"
_DROPPED = ("script", "style", "head", "title", "noscript", "template", "svg", "object", "select")
_LAYOUT = {"table": "div", "tbody": "div", "thead": "div", "tr": "div", "td": "span", "th": "span"}
# Written as a reference, a control letter gets past every cleaning and no tree may hold it.
_CONTROL_REFERENCE = re.compile(
    r"&#(?:0*(?:[0-8]|1[1-24-9]|2\d|3[01]|127)|[xX]0*(?:[0-8bBcCeEfF]|1[0-9a-fA-F]|7[fF]));?"
)
_INDENT_ONLY = re.compile(r"indent-blockquote|border(?:-left)?\s*:\s*(?:none|0)", re.IGNORECASE)


def html_to_text(html: str) -> str:
    """Plain text of `html`: blocks on lines of their own, quotations prefixed with `> `.

    Never raises; what is too long, too deep or too broken to lay out is read with its tags taken away.
    """
    html = _CONTROL_REFERENCE.sub("", html[:_MAX_LETTERS].replace(_OPEN, "").replace(_CLOSE, ""))
    if not html.strip():
        return ""
    tree = _parsed(html)
    text = clean_text(_without_tags(html) if tree is None else _laid_out(tree))
    return _with_quote_marks(re.sub(r"(?<![ \t])[ \t]+\n", "\n", text.replace("\xa0", " "))).strip("\n")


def _parsed(html: str) -> Any:
    # lxml is loaded only when a mail has no plain text: it costs more than reading one.
    import lxml.etree
    import lxml.html

    try:
        tree = lxml.html.document_fromstring(re.sub(r"^\s*<\?xml[^>]*>", "", html))
    except (lxml.etree.LxmlError, ValueError, AssertionError):
        return None
    depth = 0
    for count, (event, _) in enumerate(lxml.etree.iterwalk(tree, events=("start", "end"))):
        depth += 1 if event == "start" else -1
        if depth > _MAX_NESTING or count > 2 * _MAX_ELEMENTS:
            return None
    return tree


def _laid_out(tree: Any) -> str:
    import lxml.etree
    from inscriptis.css_profiles import CSS_PROFILES
    from inscriptis.html_engine import Inscriptis
    from inscriptis.model.config import ParserConfig

    for comment in list(tree.iter(lxml.etree.Comment, lxml.etree.ProcessingInstruction)):
        _drop(comment)
    for element in list(tree.iter(*_DROPPED)):
        _drop(element)
    for quote in list(tree.iter("blockquote")):
        if not _INDENT_ONLY.search(f"{quote.get('class', '')} {quote.get('style', '')}"):
            _mark(quote)
    # Mail uses tables for layout; laid out as tables, their columns would be padded to the longest paragraph.
    for element in list(tree.iter(*_LAYOUT)):
        if element.tag in ("td", "th"):
            element.tail = " " + (element.tail or "")
        element.tag = _LAYOUT[element.tag]
    config = ParserConfig(css=CSS_PROFILES["strict"], display_images=False, display_links=False)
    return str(Inscriptis(tree, config).get_text())


def _drop(element: Any) -> None:
    parent = element.getparent()
    if parent is None:
        return
    before, tail = element.getprevious(), element.tail or ""
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail
    element.tail = None
    parent.remove(element)


def _mark(quote: Any) -> None:
    import lxml.etree

    for position, sign in ((0, _OPEN), (len(quote) + 1, _CLOSE)):
        line = lxml.etree.Element("div")
        line.text = sign
        if position == 0:
            line.tail, quote.text = quote.text, None
        quote.insert(position, line)


def _with_quote_marks(text: str) -> str:
    if _OPEN not in text:
        return text
    depth = 0
    lines: list[str] = []
    for line in re.split(rf"\n|(?<=[{_OPEN}{_CLOSE}])|(?=[{_OPEN}{_CLOSE}])", text):
        stripped = line.strip()
        if stripped == _OPEN:
            depth += 1
        elif stripped == _CLOSE:
            depth = max(0, depth - 1)
        elif stripped or not (lines and not lines[-1].strip("> ")):
            lines.append(">" * min(depth, 20) + (" " if depth else "") + line if depth else line)
    return "\n".join(lines)


def _without_tags(html: str) -> str:
    from html import unescape

    for opening, closing in (("<!--", "-->"), ("<script", "</script"), ("<style", "</style"), ("<head", "</head")):
        html = _without_spans(html, opening, closing)
    html = re.sub(r"(?i)<(?:br|/p|/div|/tr|/h\d|/li|/blockquote)\b[^<>]{0,2000}>", "\n", html)
    return unescape(re.sub(r"<[^<>]{0,5000}>", "", html))


def _without_spans(html: str, opening: str, closing: str) -> str:
    """`html` without what stands between the two marks; an opening mark that is never closed is left alone."""
    lower, kept, position = html.lower(), [], 0
    while (start := lower.find(opening, position)) >= 0 and (stop := lower.find(closing, start)) >= 0:
        kept.append(html[position:start])
        position = stop + len(closing)
    return "".join(kept) + html[position:]
