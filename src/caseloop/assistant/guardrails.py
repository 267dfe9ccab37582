"""May this text leave without a person having read it?

Small checks, each with a reason that a representative understands. What fails is replaced by the template's
text or goes to a
person (spec 5.4).
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

MAX_WORDS = 400
"""Words of one unattended letter; ten times what a follow-up takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unattended:
    """A letter's own words and subject. `allowed_texts`: our fields, templates and people's mails, never
    inbound text."""

    subject: str
    body: str
    contact_name: str = ""
    allowed_texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a text is held back; `check` is the check's name, for counting."""

    check: str
    reason: str


def objections(letter: Unattended) -> tuple[Objection, ...]:
    """All reasons against sending it; empty when there is none."""
    if reason := _too_long(letter):
        return (Objection("length", reason),)
    found = ((name, check(letter)) for name, check in CHECKS)
    return tuple(Objection(name, reason) for name, reason in found if reason)


def _left_overs(letter: Unattended) -> str | None:
    text = f"{letter.subject}\n{letter.body}"
    if match := _LEFT_OVER.search(text):
        return f"“{match[0][:40]}” was left over from a template."
    return None


def _empty(letter: Unattended) -> str | None:
    words = re.findall(r"\w", letter.body)
    return None if len(words) >= 10 else "There is hardly anything in it."


def _too_long(letter: Unattended) -> str | None:
    count = len(letter.body.split())
    if count > MAX_WORDS or len(letter.body) > 8 * MAX_WORDS:
        return f"It has {count:,} words; {MAX_WORDS} are allowed."
    return None


def _foreign_links(letter: Unattended) -> str | None:
    allowed = set(_hosts(letter.allowed_texts))
    for host in _hosts((letter.subject, letter.body)):
        if host not in allowed:
            return f"It links to {host}, which is in none of our fields, templates and mails."
    return None


def _foreign_addresses(letter: Unattended) -> str | None:
    allowed = {address.lower() for text in letter.allowed_texts for address in _ADDRESS.findall(text)}
    for address in _ADDRESS.findall(letter.body):
        if address.lower() not in allowed:
            return f"It names the address {address}, which is in none of our fields, templates and mails."
    return None


def _foreign_numbers(letter: Unattended) -> str | None:
    """Long numbers are phone numbers, accounts or order numbers: none may come from anywhere but us."""
    allowed = "\n".join(_digits(text) for text in letter.allowed_texts)
    for number in _NUMBER.findall(letter.body):
        if len(_digits(number)) >= 7 and _digits(number) not in allowed:
            return f"It names the number {number.strip()}, which is in none of our fields, templates and mails."
    return None


def _subject_is_one_line(letter: Unattended) -> str | None:
    return "The subject has more than one line." if len(letter.subject.splitlines()) > 1 else None


CHECKS: tuple[tuple[str, Callable[[Unattended], str | None]], ...] = (
    ("left-overs", _left_overs),
    ("empty", _empty),
    ("links", _foreign_links),
    ("addresses", _foreign_addresses),
    ("numbers", _foreign_numbers),
    ("subject", _subject_is_one_line),
)
"""Each gives its reason, or None. What is too long is not even looked at by these."""

_LEFT_OVER = re.compile(
    r"\{\{|\}\}|\{%|%\}|\[(?:your |insert |customer |company |contact )?(?:name|date|link|company|product|number)\]",
    re.I,
)
_TOP_LEVELS = "com|net|org|io|de|fr|es|it|nl|jp|co|uk|info|biz|example|xyz|top|ru|cn|app|link|shop|online|site"
_LINK = re.compile(r"(?i)\b(?:https?://|www\.)[^\s<>\"')\]]+")
_BARE_HOST = re.compile(rf"(?i)(?<![\w.-])(?:[a-z0-9-]{{2,63}}\.){{1,5}}(?:{_TOP_LEVELS})\b")
_ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_NUMBER = re.compile(r"(?<!\d)\+?\d[\d\s()/.-]{5,40}\d")


def _hosts(texts: Iterable[str]) -> list[str]:
    hosts: list[str] = []
    for text in texts:
        for link in (*_LINK.findall(text), *_BARE_HOST.findall(_ADDRESS.sub(" ", _LINK.sub(" ", text)))):
            host = re.sub(r"(?i)^https?://", "", link).partition("/")[0].rpartition("@")[2].partition(":")[0]
            hosts.append(host.lower().removeprefix("www.").rstrip("."))
    return hosts


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)
