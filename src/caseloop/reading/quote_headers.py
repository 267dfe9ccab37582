"""Does a quotation begin at this line, and how is it introduced?"""

import re
from dataclasses import dataclass

from caseloop.reading import quote_words as words

_MAX_JOINED = 700
_MARKS = re.compile(r"^[\s>|*]+")


@dataclass(frozen=True, slots=True)
class Introduction:
    """`end`: the line after the introduction; `before`: new text that shares its first line."""

    end: int
    is_attribution: bool = False
    is_forward: bool = False
    before: str = ""


def introduction_at(lines: list[str], start: int) -> Introduction | None:
    """How the quotation that begins at line `start` is introduced, or None where none begins."""
    line = lines[start]
    if not re.search(r"\w", line):
        return None
    if words.FORWARD_RULE.match(line) or words.FORWARD_LINE.match(line):
        return Introduction(_end_of_block(lines, start + 1), is_forward=True)
    if words.ORIGINAL_RULE.match(line) or words.REPLY_ABOVE.match(line):
        return Introduction(_end_of_block(lines, start + 1))
    if _is_block(lines, start) or words.ONE_LINE_BLOCK.match(line):
        return Introduction(_end_of_block(lines, start))
    return _attribution_at(lines, start)


def _is_block(lines: list[str], start: int) -> bool:
    """Whether a header block of a quoted mail begins here, as Outlook and its kin write it."""
    first = lines[start]
    if not any(label.match(first) for label in _LABELS):
        return False
    found = _labels(lines, start)
    if "from" not in found:
        # Without a sender only a full date beside an address says that it is a mail, not an appointment.
        block = "\n".join(lines[start : start + 4])
        return {"sent", "to"} <= found and bool(_FULL_DATE.search(block) and words.ADDRESS.search(block))
    others = len(found) - 1
    return others >= 2 or (others == 1 and "sent" in found and bool(words.ADDRESS.search(first)))


_FULL_DATE = re.compile(r"\d{4}.{0,12}\d{1,2}:\d{2}|\d{1,2}:\d{2}.{0,30}\d{4}")


_LABELS = (words.FROM_LABEL, words.SENT_LABEL, words.TO_LABEL, words.SUBJECT_LABEL)
_NAMES = ("from", "sent", "to", "subject")


def _labels(lines: list[str], start: int) -> set[str]:
    found: set[str] = set()
    foreign = 0
    for line in lines[start : start + 14]:
        if not line.strip():
            foreign += 1 if len(found) < 2 else 2
        else:
            names = [name for name, label in zip(_NAMES, _LABELS, strict=True) if label.match(line)]
            # The same short word may be "from" in one language and "to" in another: count what is still missing.
            new = next((name for name in names if name not in found), None)
            if new:
                found.add(new)
                foreign = 0
            elif not names:
                foreign += 1
        if foreign > 2:
            break
    return found


def _end_of_block(lines: list[str], start: int) -> int:
    """The line after the header lines that follow `start`."""
    end = position = start
    while position < min(start + 25, len(lines)):
        line = lines[position]
        if any(label.match(line) for label in _LABELS):
            end = position + 1
        elif not line.strip() and end > start:
            return end
        elif line.strip() and position - end > 2:
            break
        position += 1
    return end


def _attribution_at(lines: list[str], start: int) -> Introduction | None:
    first = _MARKS.sub("", lines[start])
    before = ""
    if first.endswith("wrote:") and (inline := re.search(r"\S\s*-{2,}\s*(On\s.{0,200}wrote:)$", first)):
        before, first = first[: inline.start(1)].rstrip("- "), inline[1]
    elif not _may_start(first):
        return None
    joined, blanks = "", 0
    for end in range(start, min(start + 7, len(lines))):
        piece = first if end == start else _MARKS.sub("", lines[end]).strip()
        blanks += not piece
        joined = f"{joined} {piece}".strip()
        if len(joined) > _MAX_JOINED or blanks > 2:
            return None
        if piece and _is_attribution(joined, lines, end):
            return Introduction(end + 1, is_attribution=True, before=before)
        if piece.endswith(":"):
            return None
        if piece and re.search(r"[^.\d][!?。]$|[a-z)]{3}\.$", piece) and not words.WROTE_WORD.search(joined):
            return None
    return None


def _may_start(line: str) -> bool:
    return len(line) < 400 and bool(
        words.STARTS_WITH_DATE.match(line)
        or ("@" in line and words.ADDRESS.search(line))
        or words.WROTE_WORD.search(line)
    )


def _is_attribution(joined: str, lines: list[str], end: int) -> bool:
    if not joined.endswith((":", "：", "*", "-", ">", ")")):
        return False
    has_address = bool(words.ADDRESS.search(joined))
    has_date = bool(words.DATE.search(joined))
    next_is_quoted = _next_is_quoted(lines, end)
    ends_with_colon = joined.endswith((":", "：", ":*", "wrote ----", "wrote --"))
    if words.WROTE_WORD.search(joined) and ends_with_colon:
        if re.search(r"[.!?]\s+[A-Z][^.]{25,}[.!?]\s", joined):
            return False
        return has_date or has_address or next_is_quoted
    starts_with_date = bool(words.STARTS_WITH_DATE.match(joined))
    if starts_with_date and has_address and has_date and len(joined) < 250:
        # Gmail of old and Yandex: date, name and address, no verb.
        return ends_with_colon or (next_is_quoted and joined.endswith((">", ">:", ")")))
    return False


def _next_is_quoted(lines: list[str], end: int) -> bool:
    after = next((line for line in lines[end + 1 : end + 4] if line.strip()), "")
    # In "<address\n> wrote:" the mark is the end of the address.
    return bool(re.match(r"\s{0,3}[>|]", after)) and not re.fullmatch(r"\s*>\s*\w{3,12}\s?:", after)
