"""Everything that is known about a case when it is decided what comes next."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from caseloop.domain.actions import SuggestionKind
from caseloop.domain.calendar import Pause, SendingWindow, WorkingCalendar
from caseloop.domain.lifecycle import CaseStatus, MessageState, SuggestionState
from caseloop.domain.policy import Policy


class ProtectionEffect(StrEnum):
    NEVER = "never"
    AT_MOST_CONFIRM = "at_most_confirm"


class Label(StrEnum):
    """What a reply says (spec 5.5)."""

    FAVORABLE = "favorable"
    NEGATIVE = "negative"
    INFORMATION = "information"
    QUESTION = "question"
    DEFERRAL = "deferral"
    AUTOMATIC = "automatic"
    UNCLEAR = "unclear"


class Verdict(StrEnum):
    """What a person decided about an answer (spec 6.4)."""

    CONTINUE = "continue"
    NO_REPLY_NEEDED = "no_reply_needed"


class Source(StrEnum):
    """How an answer reached us (spec 3.2)."""

    MAIL = "mail"
    RECORDED = "recorded"  # a call, chat, visit or portal entry of the customer
    BUTTON = "button"


class Failure(StrEnum):
    """Why one of our mails did not arrive (spec 3.8)."""

    PERMANENT = "permanent"
    TEMPORARY = "temporary"
    REFUSED = "refused"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class OurMail:
    """One of our mails to the customer's side. `at`: when the server accepted it, else when it was approved (UTC).

    `approved_at` is when it was decided to send it: it can't have dealt with an answer that came later.
    """

    message_id: int
    at: datetime
    approved_at: datetime | None = None
    is_by_person: bool
    state: MessageState = MessageState.SENT
    failure: Failure | None = None
    restarts_count: bool = False
    promises: str = ""
    closes_on: date | None = None

    @property
    def written_at(self) -> datetime:
        """What came in later was not known to whoever decided to send it."""
        return self.at if self.approved_at is None else min(self.approved_at, self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the reader, or a person correcting it, made of a reply. `verdict_at`: when a person decided about it."""

    label: Label
    resume_on: date | None = None
    is_only_thanks: bool = False
    is_wrong_person: bool = False
    verdict: Verdict | None = None
    verdict_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A human answer of the customer's side. `message_id` is null for what was recorded by hand."""

    at: datetime
    source: Source = Source.MAIL
    message_id: int | None = None
    reading: Reading | None = None
    is_trusted: bool = True
    is_opened: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """An automatic reply that says somebody is away, or gone for good."""

    at: datetime
    resume_on: date | None = None
    is_gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxState:
    """How far a mailbox of the thread has been read (spec 3.3); `is_quiet` when far beyond its habit."""

    mailbox_id: int
    address: str
    read_through_at: datetime | None
    has_unprocessed: bool = False
    last_arrival_at: datetime | None = None
    is_on: bool = True
    is_quiet: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """The one open suggested action of the case."""

    kind: SuggestionKind
    state: SuggestionState
    step: int | None = None
    answered_message_id: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """The running enrolment. `counts_since`: the start of the series that it continues (`counting.counts_since`)."""

    started_at: datetime
    counts_since: datetime | None = None
    is_old_silence: bool = False
    may_finish: bool = False
    skips: tuple[datetime, ...] = ()
    has_known_schema: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedSeries:
    """A series of the case that is over."""

    started_at: datetime
    ended_at: datetime
    end_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleNow:
    """The first active rule that matches the case at this moment, protections aside."""

    policy: Policy
    activated_at: datetime
    takes_silences_up_to_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """What administrators have switched on and off (spec 1.4, 1.5)."""

    is_on: bool = True
    is_stopped: bool = False
    follow_up_flow: bool = True
    closure_flow: bool = True
    representative_flow: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """What the blast guard allows the rule right now (spec 2.11). Times are when to look again."""

    admits: bool = True
    admits_again_at: datetime | None = None
    needs_yes: bool = False
    no_resolving_before: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A case at one moment. Tuples are ordered by time; all times are aware and in UTC."""

    case_id: int
    status: CaseStatus
    status_reason_id: int
    switches: Switches
    calendar: WorkingCalendar
    window: SendingWindow
    customer_zone: str
    series: Series | None = None
    ended_series: tuple[EndedSeries, ...] = ()
    rule_now: RuleNow | None = None
    rule_could_match_at: datetime | None = None
    series_rule_is_active: bool = True
    protection: ProtectionEffect | None = None
    protection_name: str = ""
    no_automation: bool = False
    hold_until: datetime | None = None
    pauses: tuple[Pause, ...] = ()
    mails: tuple[OurMail, ...] = ()
    has_draft: bool = False
    answers: tuple[Answer, ...] = ()
    absences: tuple[Absence, ...] = ()
    called_at: datetime | None = None
    appointment_ends_at: datetime | None = None
    task_due_at: datetime | None = None
    doubts: tuple[int, ...] = ()
    contact_is_upset: bool = False
    has_recipient: bool = True
    budget_free_at: datetime | None = None
    owner_has_room_at: datetime | None = None
    mailboxes: tuple[MailboxState, ...] = ()
    suggestion: Suggestion | None = None
    guard: Guard = Guard()
    blockers: tuple[str, ...] = ()
    ended_by_person_at: datetime | None = None
    resolved_at: datetime | None = None
    reopen_window_days: int = 14
    is_context_with_customer: bool | None = None

    def without_pending(self, message_id: int) -> Facts:
        """The facts as if the mail about to go out were not there: the last look.

        Its suggested action goes too, and what it has taken already: its place in the ramp, among its owner's
        suggestions of today, and in the contact budget, which is asked once more where the slot is taken.
        """
        return replace(
            self,
            mails=tuple(mail for mail in self.mails if mail.message_id != message_id),
            suggestion=None,
            owner_has_room_at=None,
            budget_free_at=None,
            guard=replace(self.guard, admits=True),
        )
