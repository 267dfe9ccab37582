"""Who owes the next move after a mail of ours: the customer, or we who promised something?"""

import re
from collections.abc import Iterator

from caseloop.assistant.builtin.lexicon import LANGUAGES, Lexicon, lexicon, normalized
from caseloop.assistant.interfaces import NextMove, Promise
from caseloop.reading.language import guess_language

_SENTENCE = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])|\n{2,}")
_MAX_TEXT = 8_000


class BuiltinMailJudge:
    """Judges our own mails by their words, in twelve languages."""

    def promises_something(self, text: str) -> Promise | None:
        """The first sentence that promises something of ours, "I'll get back to you" (spec 3.2).

        What depends on the customer ("once you send it, we will check") is none, nor is that we will close
        the case.
        """
        for said, plain, words in _sentences(text):
            found = words["promise"].search(plain)
            if found and not words.has("if_customer", plain) and not words.has("we_close", plain):
                return Promise(said)
        return None

    def leaves_next_move_with_customer(self, text: str) -> NextMove | None:
        """The last sentence that asks the customer for something; None where we promised something as
        well."""
        if self.promises_something(text):
            return None
        asking = [
            said
            for said, plain, words in _sentences(text)
            if plain.endswith("?") or words.has("your_move", plain) or words.has("our_request", plain)
        ]
        return NextMove(asking[-1]) if asking else None


def _sentences(text: str) -> Iterator[tuple[str, str, Lexicon]]:
    """Each sentence, as written and normalized, with the words of its language: of all, where it can't be told."""
    language = guess_language(text)
    languages = (language,) if language in LANGUAGES else LANGUAGES
    for said in _SENTENCE.split(text[:_MAX_TEXT]):
        said = " ".join(said.split())
        if said:
            for one in languages:
                yield said, normalized(said), lexicon(one)
