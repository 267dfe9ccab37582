"""Which part of the text did the sender write just now?"""

import re
from dataclasses import dataclass

from caseloop.reading.quote_headers import Introduction, introduction_at
from caseloop.reading.signatures import without_signature

_MAX_LINES = 4000
_MAX_LINE = 2000
_QUOTED = re.compile(r"^\s{0,3}(?:>|&gt;)")
_BARRED = re.compile(r"^\s{0,3}\|(?:\s|$)")


@dataclass(frozen=True, slots=True)
class NewText:
    """`is_forward`: a forwarded mail without a word of its own; `is_doubtful`: nothing new could be told apart."""

    text: str
    is_forward: bool = False
    is_doubtful: bool = False


def new_text_of(text: str) -> NewText:
    """The part of a mail's plain text that its sender added, without quotes, signature and footers.

    Answers below or between quoted lines are kept. When nothing would be left, the text that may hold the answer comes
    back, marked doubtful; it is empty only when every line is marked as quoted. Linear time.
    """
    lines = [line[:_MAX_LINE].rstrip() for line in text.replace("\xa0", " ").split("\n")[:_MAX_LINES]]
    kept, rest, introduction = _unquoted(lines)
    own = without_signature(kept)
    if _says_something(own):
        return NewText(_joined(own))
    if introduction is not None and introduction.is_forward:
        return NewText(_joined(without_signature(rest)), is_forward=True, is_doubtful=True)
    if introduction is None:
        return NewText(_joined(lines), is_doubtful=True)
    # Nothing above the quotation: the answer may stand below it, where the program marks no quoted line.
    return NewText(_joined([line for line in rest if not _QUOTED.match(line)]), is_doubtful=True)


def _unquoted(lines: list[str]) -> tuple[list[str], list[str], Introduction | None]:
    """Lines that are not quoted, what follows the first unmarked quotation, and how that was introduced."""
    kept: list[str] = []
    position, last = 0, None
    while position < len(lines):
        if _QUOTED.match(lines[position]):
            if _is_advert(lines, position):
                kept.append(lines[position])
            elif _link_goes_on(lines, position):
                position += 1
            position += 1
            continue
        introduction = introduction_at(lines, position)
        if introduction is None:
            kept.append(lines[position])
            position += 1
            continue
        last = introduction
        if introduction.before:
            kept.append(introduction.before)
        after = _next_written(lines, introduction.end)
        if after is not None and _is_marked(lines, after, introduction):
            position = _skip_quoted(lines, after)
            continue
        return _without_rule(kept), lines[introduction.end :], introduction
    return kept, [], last


def _is_advert(lines: list[str], at: int) -> bool:
    """Whether `>>> look here <<<` is the sender's own: alone, several marks deep, and closed again."""
    alone = not any(_QUOTED.match(line) for line in (*lines[max(0, at - 2) : at], *lines[at + 1 : at + 3]))
    return alone and bool(re.match(r"^\s*(?:>\s?){2,}[^>]*<", lines[at]) or re.search(r"<<", lines[at]))


def _link_goes_on(lines: list[str], at: int) -> bool:
    """Whether the next line is the rest of a link that was broken without a quote mark."""
    if at + 2 >= len(lines) or not lines[at + 1].strip() or not _QUOTED.match(lines[at + 2]):
        return False
    opened = re.search(r"[(<\[]\s?https?://[^\s)>\]]*$", lines[at])
    return bool(opened) and " " not in lines[at + 1].strip()


def _is_marked(lines: list[str], at: int, introduction: Introduction) -> bool:
    return bool(_QUOTED.match(lines[at]) or (introduction.is_attribution and _BARRED.match(lines[at])))


def _skip_quoted(lines: list[str], position: int) -> int:
    mark = _QUOTED if _QUOTED.match(lines[position]) else _BARRED
    while position < len(lines):
        after = _next_written(lines, position)
        if after is None:
            return len(lines)
        if not mark.match(lines[after]):
            return position
        position = after + (2 if _link_goes_on(lines, after) else 1)
    return position


def _next_written(lines: list[str], position: int) -> int | None:
    return next((at for at in range(position, min(position + 40, len(lines))) if lines[at].strip()), None)


def _without_rule(kept: list[str]) -> list[str]:
    """`kept` without the rule that a mail program draws above the quotation."""
    end = len(kept)
    while end and (not kept[end - 1].strip() or re.fullmatch(r"\s*[-_=*–—]{5,}\s*", kept[end - 1])):
        end -= 1
    return kept[:end]


def _says_something(lines: list[str]) -> bool:
    return any(re.search(r"\w|[^\x00-\x7f]|[:;]-?[)(]", line) for line in lines)


def _joined(lines: list[str]) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n").rstrip()
