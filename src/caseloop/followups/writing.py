"""Which words go out? The template chosen for a step, filled with the fields of its case (spec 5.2, 3.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from caseloop.administration.models import GlobalSettings
from caseloop.domain.calendar import local_date
from caseloop.domain.counting import next_step_due
from caseloop.domain.facts import Facts
from caseloop.domain.policy import Policy
from caseloop.followups.framing import frame
from caseloop.followups.gather import Look
from caseloop.letters.choosing import Candidate, Wanted, choose
from caseloop.letters.chrome import LetterChrome
from caseloop.letters.closing_date import mentions_closing_date
from caseloop.letters.compiling import LetterSource
from caseloop.letters.models import EmailTemplate
from caseloop.letters.render import RenderedLetter, render
from caseloop.letters.starters import starter
from caseloop.mail.threads import LastMail


@dataclass(frozen=True, slots=True)
class Written:
    """A letter ready for a draft or for sending, and where its words come from."""

    letter: RenderedLetter
    language: str
    closes_on: date | None
    source: dict[str, Any]


@dataclass(slots=True)
class Shelf:
    """All templates with their texts, read once for a batch."""

    settings: GlobalSettings
    candidates: list[Candidate] = field(default_factory=list)
    texts: dict[tuple[int, str], tuple[LetterSource, int]] = field(default_factory=dict)
    picked: dict[Wanted, tuple[LetterSource, dict[str, Any]]] = field(default_factory=dict)
    """What was chosen before; hundreds of mails of a batch ask for the same."""

    @classmethod
    def load(cls, settings: GlobalSettings) -> Shelf:
        """The templates as they are now."""
        shelf = cls(settings)
        for template in EmailTemplate.objects.prefetch_related("texts"):
            languages, closing = set(), set()
            for text in template.texts.all():
                source = LetterSource(text.subject, text.body, text.language)
                shelf.texts[template.pk, text.language] = (source, text.version)
                languages.add(text.language)
                if mentions_closing_date(source):
                    closing.add(text.language)
            shelf.candidates.append(_candidate(template, languages, closing))
        return shelf

    def pick(self, wanted: Wanted) -> tuple[LetterSource, dict[str, Any]]:
        """The chosen text and the record of the choice that is kept with the mail."""
        if wanted not in self.picked:
            self.picked[wanted] = self._pick(wanted)
        source, record = self.picked[wanted]
        return source, dict(record)

    def _pick(self, wanted: Wanted) -> tuple[LetterSource, dict[str, Any]]:
        choice = choose(wanted, self.candidates)
        if choice.template_id is None:
            source = starter(wanted.purpose, choice.language)
            return source, {
                "template_id": None,
                "version": 1,
                "why": choice.reason,
                "purpose": wanted.purpose,
            }
        source, version = self.texts[choice.template_id, choice.language]
        return source, {
            "template_id": choice.template_id,
            "version": version,
            "why": choice.reason,
            "purpose": wanted.purpose,
        }


def _candidate(template: EmailTemplate, languages: set[str], closing: set[str]) -> Candidate:
    return Candidate(
        template_id=template.pk,
        name=template.name,
        purpose=template.purpose,
        languages=frozenset(languages),
        default_language=template.default_language,
        lines_of_business=frozenset(template.lines_of_business),
        may_be_recommended=template.may_be_recommended,
        is_global_default=template.is_global_default,
        closing_date_in=frozenset(closing),
    )


def write_follow_up(
    look: Look, step: int, is_last: bool, previous: LastMail | None, shelf: Shelf, now: datetime
) -> Written:
    """The follow-up of this step. Raises `LetterError` when a person has to write it."""
    policy = look.policy
    assert policy is not None
    purpose = "last" if is_last else ("first" if step <= (2 if policy.counts_persons_mail else 1) else "second")
    closes_on = closing_date(look.facts, policy, step, now) if is_last else None
    wanted = Wanted(
        purpose=purpose,
        language=language_of(look, previous),
        rule_template_id=policy.template_for(step),
        line_of_business=look.case.line_of_business,
        use_recommended=shelf.settings.uses_recommended_templates,
        needs_closing_date=is_last and not policy.closes_without_notice,
    )
    source, record = shelf.pick(wanted)
    fields = {
        **case_fields(look),
        "follow_up.number": step,
        "follow_up.of": policy.follow_ups,
        "last_mail.sent_on": previous.occurred_at if previous else None,
        "closes_on": closes_on,
    }
    letter = render(source, fields, _frame(look, previous, shelf.settings))
    said = closes_on if closes_on and mentions_closing_date(source) else None
    return Written(letter, source.language, said, record)


def write_other(
    look: Look, purpose: str, previous: LastMail | None, shelf: Shelf, more: Mapping[str, object] | None = None
) -> Written:
    """A reply or a closing notice."""
    wanted = Wanted(purpose=purpose, language=language_of(look, previous), line_of_business=look.case.line_of_business)
    source, record = shelf.pick(wanted)
    by_person = purpose == "reply"
    letter = render(source, {**case_fields(look), **(more or {})}, _frame(look, previous, shelf.settings, by_person))
    return Written(letter, source.language, None, record)


def closing_date(facts: Facts, policy: Policy, step: int, now: datetime) -> date | None:
    """The customer's local day on which the case is closed when the mail going out now stays unanswered."""
    due = next_step_due(facts, policy, max(step, policy.follow_ups), now)
    if due is None:
        return None
    return local_date(facts.window.next_opening(due, facts.customer_zone), facts.customer_zone)


def reopen_until(settings: GlobalSettings, zone: str, now: datetime) -> date:
    """The last day on which an answer opens the case again."""
    return local_date(now + timedelta(days=settings.reopen_window_days), zone)


def language_of(look: Look, previous: LastMail | None) -> str:
    """The customer's language: theirs, that of the mail before, English."""
    contact = look.case.contact
    return (contact.language if contact else "") or (previous.language if previous else "") or "en"


def case_fields(look: Look) -> dict[str, object]:
    """The fields of one case that every letter may name."""
    case, contact = look.case, look.case.contact
    custom = {f"case.custom.{key}": value for key, value in case.custom.items()}
    return {
        "contact.name": contact.name if contact else "",
        "contact.first_name": "",
        "organization.name": case.organization.name if case.organization else "",
        "case.opened_on": case.created_at,
        **custom,
    }


def _frame(
    look: Look, previous: LastMail | None, settings: GlobalSettings, sent_by_person: bool = False
) -> LetterChrome:
    owner = str(look.case.owner) if look.case.owner else ""
    zone = look.facts.customer_zone
    return frame(look.case, previous, settings, signed_by=owner, sent_by_person=sent_by_person, zone=zone)
