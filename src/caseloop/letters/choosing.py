"""Which template is used for a mail, in which language, and why?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from caseloop.letters.words import base_language


@dataclass(frozen=True, slots=True)
class Candidate:
    """What the choice needs to know of a template; `closing_date_in` are its languages that say
    `closes_on`."""

    template_id: int
    name: str
    purpose: str
    languages: frozenset[str]
    default_language: str
    lines_of_business: frozenset[str] = frozenset()
    may_be_recommended: bool = False
    is_global_default: bool = False
    closing_date_in: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Wanted:
    """The mail a template is wanted for. `rule_template_id` is the one the rule names for this step, if any.

    `needs_closing_date`: the last mail before an automatic closing (spec 3.4). The rule's own template was
    tested for
    it when the rule was activated; others without it are passed over.
    """

    purpose: str
    language: str
    rule_template_id: int | None = None
    line_of_business: str = ""
    use_recommended: bool = False
    recommended_id: int | None = None
    """A template that the assistant recommends for this case."""
    needs_closing_date: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """The chosen text: `template_id` is None for the shipped one of that purpose. `reason` is shown with the
    mail."""

    template_id: int | None
    language: str
    reason: str


def choose(wanted: Wanted, candidates: Iterable[Candidate]) -> Choice:
    """Rule's template → recommended or line of business → global default → the shipped one (spec 5.2)."""
    known = sorted(candidates, key=lambda candidate: candidate.template_id)
    if named := next((one for one in known if one.template_id == wanted.rule_template_id), None):
        return _choice(wanted, named, f"The rule names “{named.name}” for this step")
    fitting = [one for one in known if one.purpose == wanted.purpose and _says_enough(wanted, one)]
    if wanted.use_recommended and (found := _recommended(wanted, fitting)):
        candidate, why = found
        return _choice(wanted, candidate, why)
    if default := next((one for one in fitting if one.is_global_default), None):
        return _choice(wanted, default, f"“{default.name}” is the default template")
    return Choice(None, wanted.language, _without_template(wanted, known))


def _recommended(wanted: Wanted, fitting: Sequence[Candidate]) -> tuple[Candidate, str] | None:
    allowed = [one for one in fitting if one.may_be_recommended]
    for one in allowed:
        if one.template_id == wanted.recommended_id:
            return one, f"The assistant recommends “{one.name}” for this case"
    in_line = [one for one in allowed if wanted.line_of_business in one.lines_of_business]
    if wanted.line_of_business and in_line:
        # among several of a line of business, one in the customer's own language reads best
        best = next((one for one in in_line if _own_language(wanted, one)), in_line[0])
        return best, f"“{best.name}” is for the line of business “{wanted.line_of_business}”"
    return None


def _choice(wanted: Wanted, candidate: Candidate, why: str) -> Choice:
    if language := _own_language(wanted, candidate):
        return Choice(candidate.template_id, language, f"{why}, in the customer's language.")
    language = candidate.default_language
    return Choice(candidate.template_id, language, f"{why}; it has no “{wanted.language}”, so it is in “{language}”.")


def _own_language(wanted: Wanted, candidate: Candidate) -> str | None:
    """`pt-BR` exactly, or else `pt`."""
    for language in (wanted.language, base_language(wanted.language)):
        if language in candidate.languages:
            return language
    return None


def _says_enough(wanted: Wanted, candidate: Candidate) -> bool:
    language = _own_language(wanted, candidate) or candidate.default_language
    return not wanted.needs_closing_date or language in candidate.closing_date_in


def _without_template(wanted: Wanted, known: Sequence[Candidate]) -> str:
    mute = [one.name for one in known if one.purpose == wanted.purpose and not _says_enough(wanted, one)]
    if mute:
        return f"The shipped text is used, because “{mute[0]}” doesn't say when the case is closed."
    return "The shipped text is used, because no template fits this mail."
