"""How are resolution fields filled in from their data sources where no language model is?"""

from collections.abc import Mapping

from caseloop.assistant.interfaces import FilledField, ResolutionInput

MAX_VALUE = 2_000
"""Characters that are taken of one source."""


class BuiltinResolutionFiller:
    """Takes for each field the first of its sources that says something, word for word."""

    def fill(self, resolution: ResolutionInput) -> Mapping[str, FilledField]:
        """The filled fields; what is given already stays untouched and isn't among them."""
        filled: dict[str, FilledField] = {}
        for source in resolution.sources:
            value = source.value.strip()
            if value and source.feeds not in filled and not resolution.given.get(source.feeds, "").strip():
                filled[source.feeds] = FilledField(value=value[:MAX_VALUE].rstrip(), quoted_from=source.label)
        return filled
