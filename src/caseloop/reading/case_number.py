"""Which case does this mail name?"""

import re

_NUMBER = re.compile(r"(?<![A-Za-z0-9])CAS-(\d{5,12})-([A-Za-z0-9]{2})(?![A-Za-z0-9])", re.IGNORECASE)
# What a mail program may make of the hyphens: a dash, a soft hyphen, an encoded or non-breaking one.
_HYPHENS = re.compile("[\u00ad\u2010-\u2015\u2212\uff0d]")


def case_numbers_in(text: str) -> tuple[str, ...]:
    """Every case number in `text`, in upper case, in order, each once."""
    found = _NUMBER.findall(_HYPHENS.sub("-", text[:200_000]))
    return tuple(dict.fromkeys(f"CAS-{digits}-{check.upper()}" for digits, check in found))


def case_number_of(subject: str, new_text: str, whole_text: str = "") -> str | None:
    """The case a mail is about: named in its subject, else in its new text, else anywhere; None where none is named."""
    for text in (subject, new_text, whole_text):
        if numbers := case_numbers_in(text):
            return numbers[0]
    return None
