"""How does a template, with the fields of one case, become a mail's subject, text and HTML?

The template is filled in once, as words with marks (see `lighttext`), and both bodies are made from the same
parts. That
is half the work of two Liquid templates, keeps the bodies from saying different things, and leaves one place
that
escapes for HTML.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from caseloop.letters.chrome import LetterChrome, surroundings
from caseloop.letters.compiling import MAX_LETTER, CompiledLetter, EmptyField, LetterSource, compile_letter, fill
from caseloop.letters.errors import LetterTooLarge, TemplateError
from caseloop.letters.fields import greeting_name, writable
from caseloop.letters.html_part import html_part
from caseloop.letters.lighttext import BOLD, Block, blocks, clean, clean_lines, light, mark
from caseloop.letters.text_part import text_part
from caseloop.letters.words import words_for

GREETING_NAME = "contact.greeting_name"
MAX_SUBJECT = 180
"""Characters; a longer one is cut before the case number, which stays (spec 4.2)."""


@dataclass(frozen=True, slots=True)
class RenderedLetter:
    """A letter ready to be sent; `parts` are its own words, without what stands around them."""

    subject: str
    text: str
    html: str
    parts: tuple[Block, ...]

    @property
    def body(self) -> str:
        """The letter's own words in light text, for an editor; `letter_from_words` takes them."""
        return light(self.parts)


def render(source: LetterSource, fields: Mapping[str, object], chrome: LetterChrome) -> RenderedLetter:
    """The letter for one case. `fields` maps names of `FIELDS` and `case.custom.…` to str, int, date or
    aware datetime.

    Fields left out are empty; case number and title, sender and representative are taken from `chrome` when
    left out.
    Raises TemplateError and UnknownField (the template is wrong), MissingField (a person has to write),
    LetterTooLarge.
    """
    compiled = compile_letter(source.subject, source.body)
    compiled.require_known(fields)
    values = _values(compiled, source, fields, chrome)
    subject = clean(fill(compiled.subject, values).replace(BOLD, ""))
    return _framed(subject, blocks(fill(compiled.body, values)), source.language, chrome)


def letter_from_words(subject: str, body: str, language: str, chrome: LetterChrome) -> RenderedLetter:
    """The letter that says what a person or a model wrote, in light text; no Liquid. Raises
    LetterTooLarge."""
    if len(body) > MAX_LETTER:
        raise LetterTooLarge(f"The mail has {len(body):,} characters; {MAX_LETTER:,} are allowed.")
    return _framed(clean(subject), blocks(mark(clean_lines(body))), language, chrome)


def subject_line(subject: str, case_number: str) -> str:
    """One line that has the case number in it, whatever the template says (spec 4.2)."""
    number = clean(case_number)
    ending = f"[{number}]"
    if number in subject and len(subject) <= MAX_SUBJECT:
        return subject
    room = MAX_SUBJECT - len(ending) - 1
    words = subject.replace(ending, "").strip()
    if len(words) > room:
        words = words[: room - 1].rstrip() + "…"
    return f"{words} {ending}".strip()


def _framed(subject: str, parts: tuple[Block, ...], language: str, chrome: LetterChrome) -> RenderedLetter:
    around = surroundings(chrome, language)
    title = subject_line(subject, chrome.case_number)
    return RenderedLetter(title, text_part(parts, around), html_part(title, parts, around), parts)


def _values(
    compiled: CompiledLetter, source: LetterSource, fields: Mapping[str, object], chrome: LetterChrome
) -> dict[str, object]:
    """What the template is filled with: the fields that it names, nested by the dots in their names, with an
    EmptyField where there is nothing."""
    language = source.language
    given = {**_from_chrome(chrome, language), **fields}
    nested: dict[str, object] = {}
    for name in compiled.fields:
        value = writable(name, given.get(name), language, chrome.zone)
        if value is None and name == GREETING_NAME:
            value = _greeting_name(given, language, chrome)
        if value is None:
            value = source.defaults.get(name) or EmptyField(name)
        _put(nested, name, value)
    return nested


def _greeting_name(given: Mapping[str, object], language: str, chrome: LetterChrome) -> str | None:
    name = writable("contact.name", given.get("contact.name"), language, chrome.zone)
    first_name = writable("contact.first_name", given.get("contact.first_name"), language, chrome.zone)
    return greeting_name(str(name or ""), str(first_name or ""), language) or None


def _from_chrome(chrome: LetterChrome, language: str) -> dict[str, object]:
    words = words_for(language)
    return {
        "case.number": chrome.case_number,
        "case.title": chrome.case_title,
        "sender.name": chrome.sender_name,
        "representative.name": chrome.representative_name,
        "keep_open": words.keep_open_with_buttons if chrome.buttons else words.keep_open,
        "buttons": True if chrome.buttons else None,
    }


def _put(nested: dict[str, object], name: str, value: object) -> None:
    *parents, leaf = name.split(".")
    for parent in parents:
        below = nested.setdefault(parent, {})
        if not isinstance(below, dict):
            raise TemplateError(f"the field “{name}” can't stand below “{parent}”, which is a field itself.")
        nested = below
    nested[leaf] = value
