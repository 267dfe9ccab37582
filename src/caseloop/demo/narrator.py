"""What happened since the last look, one line each: when, who, what? Told from the tables, not by those who act."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Model

from caseloop.cases.models import Activity, Contact, Resolution
from caseloop.cases.models.activity import ActivityKind
from caseloop.demo.cast import OFFICE
from caseloop.domain.lifecycle import MessageState, SuggestionState
from caseloop.followups.models import SuggestedAction
from caseloop.mail.models import Message
from caseloop.mail.models.message import InboundKind, MessageDirection

WHO_WIDTH = 36
TEXT_WIDTH = 90
US = "Caseloop"

Told = tuple[datetime, str, str]


@dataclass(slots=True)
class Narrator:
    """Prints each thing once; `say` takes a line."""

    say: Callable[[str], None]
    _told: set[tuple[str, int]] = field(default_factory=set)

    def tell(self, now: datetime) -> None:
        """Everything new, in the order in which it happened."""
        news = [*self._mails_in(), *self._mails_out(), *self._suggestions(), *self._endings(), *self._resolutions()]
        for at, who, what in sorted(news, key=lambda told: told[0]):
            self.line(at, who, what)

    def line(self, at: datetime, who: str, what: str) -> None:
        local = at.astimezone(ZoneInfo(OFFICE))
        self.say(f"{local:%a %d %b %H:%M}  {_padded(who, WHO_WIDTH)} {what}".rstrip())

    def _is_new(self, row: Model) -> bool:
        key = (type(row).__name__, int(row.pk))
        is_new = key not in self._told
        self._told.add(key)
        return is_new

    def _mails_in(self) -> Iterator[Told]:
        for mail in Message.objects.filter(direction=MessageDirection.IN).select_related("reading", "case__contact"):
            if self._is_new(mail):
                who = "Mail system" if mail.kind == InboundKind.UNDELIVERABLE else mail.from_name or mail.from_address
                yield mail.occurred_at, f"{who} → {US}", _said(mail)

    def _mails_out(self) -> Iterator[Told]:
        rows = Message.objects.filter(direction=MessageDirection.OUT, state=MessageState.SENT.value)
        for mail in rows.select_related("author", "case__contact", "action__enrolment"):
            if self._is_new(mail):
                who = "Sofia" if mail.author and not mail.author.is_application_user else US
                yield mail.sent_at or mail.occurred_at, f"{who} → {_name(mail.case and mail.case.contact)}", _sent(mail)

    def _suggestions(self) -> Iterator[Told]:
        rows = SuggestedAction.objects.exclude(decided_by__is_application_user=True).select_related(
            "case__contact", "case__owner", "enrolment", "message"
        )
        for action in rows:
            if action.state != SuggestionState.SKIPPED.value and self._is_new(action):
                yield action.created_at, f"{US} → {_name(action.case.owner) or 'the team'}", _suggested(action)

    def _endings(self) -> Iterator[Told]:
        rows = Activity.objects.filter(kind=ActivityKind.SERIES, subject="Series ended")
        for entry in rows.select_related("case__contact"):
            if self._is_new(entry):
                yield entry.occurred_at, US, f"follow-ups of {_name(entry.case.contact)} end: {entry.body}"

    def _resolutions(self) -> Iterator[Told]:
        for row in Resolution.objects.select_related("case__contact", "status_reason", "resolved_by"):
            if self._is_new(row):
                what = f"resolves {row.case.number} of {_name(row.case.contact)}: {row.status_reason}"
                yield row.resolved_at, str(row.resolved_by), what


def _said(mail: Message) -> str:
    reading = getattr(mail, "reading", None)
    if mail.kind == InboundKind.UNDELIVERABLE:
        return f"undeliverable: the mail to {_name(mail.case and mail.case.contact)} came back"
    if mail.kind == InboundKind.AUTOMATIC:
        back = f", back on {mail.resume_on:%a %d %b}" if mail.resume_on else ""
        return f"automatic reply ({mail.automatic_kind}{back})"
    read_as = f" (read as {reading.label})" if reading else ""
    if not mail.in_reply_to:
        return _short(mail.subject)
    words = (mail.new_text or mail.text).strip().split("\n\n")[0]
    return f"“{_short(words)}”{read_as}"


def _sent(mail: Message) -> str:
    action = getattr(mail, "action", None)
    if action is None or action.step is None:
        return _short(mail.subject)
    return f"follow-up {_of(action)}"


def _of(action: SuggestedAction) -> str:
    policy = action.enrolment.policy if action.enrolment else {}
    return f"{action.step} of {policy.get('follow_ups', '?')} ({policy.get('level', '?')})"


def _suggested(action: SuggestedAction) -> str:
    customer = _name(action.case.contact)
    if action.step is not None:
        return f"draft for {customer}: follow-up {_of(action)}"
    words = {
        "reply_to_customer": f"{customer} answered: Reply to customer",
        "resolve_case": f"suggests to resolve the case of {customer}",
        "needs_attention": f"the case of {customer} needs attention",
    }
    return words.get(action.kind, action.kind)


def _name(person: Contact | object | None) -> str:
    """First and last name; of ours only the first."""
    if isinstance(person, Contact):
        return person.name
    return str(person).split()[0] if person else ""


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= TEXT_WIDTH else f"{line[: TEXT_WIDTH - 1]}…"


def _padded(text: str, width: int) -> str:
    """With spaces up to `width` columns; East Asian letters take two."""
    columns = sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
    return text + " " * max(0, width - columns)
