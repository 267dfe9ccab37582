"""What may be decided about a case: one small frozen dataclass for each kind of action."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Reason(StrEnum):
    """Why it was decided; `followups/words.py` says each in a sentence."""

    # going on
    SILENT = "silent"
    FAVORABLE = "favorable"
    STARTED = "started"
    # waiting for a time
    WAIT_NOT_OVER = "wait_not_over"
    OUTSIDE_SENDING_TIMES = "outside_sending_times"
    CONTACT_BUDGET = "contact_budget"
    HELD = "held"
    PAUSED = "paused"
    APPOINTMENT = "appointment"
    OPEN_TASK = "open_task"
    DEFERRED = "deferred"
    AWAY = "away"
    RAMP = "ramp"
    DAY_AFTER_STOP = "day_after_stop"
    CLOSING_DATE = "closing_date"
    OWNER_HAS_ENOUGH = "owner_has_enough"
    SENDING = "sending"
    # waiting for a person or a switch
    SWITCHED_OFF = "switched_off"
    STOPPED = "stopped"
    FLOW_OFF = "flow_off"
    FOR_PERSON = "for_person"
    GUARD = "guard"
    DOUBT = "doubt"
    CONTACT_UPSET = "contact_upset"
    UNPROCESSED_MAIL = "unprocessed_mail"
    NO_PROOF = "no_proof"
    # to a person
    ANSWERED = "answered"
    UNTRUSTED_ANSWER = "untrusted_answer"
    TOO_MANY_DEFERRALS = "too_many_deferrals"
    UNDELIVERABLE = "undeliverable"
    REFUSED = "refused"
    UNCONFIRMED = "unconfirmed"
    GONE = "gone"
    WRONG_PERSON = "wrong_person"
    NO_ADDRESS = "no_address"
    PROMISED = "promised"
    LIMIT_REACHED = "limit_reached"
    NO_NOTICE_GIVEN = "no_notice_given"
    BLOCKED = "blocked"
    UNKNOWN_SCHEMA = "unknown_schema"
    # not taken, or ended
    NOT_ACTIVE = "not_active"
    PROTECTED = "protected"
    NO_AUTOMATION = "no_automation"
    NO_RULE = "no_rule"
    NOT_TRIGGERED = "not_triggered"
    RULE_OFF = "rule_off"
    NO_MAIL_OF_OURS = "no_mail_of_ours"
    NEXT_MOVE_OURS = "next_move_ours"
    UNREAD = "unread"
    ENDED_BY_PERSON = "ended_by_person"
    OLD_SILENCE = "old_silence"
    NO_REPLY_NEEDED = "no_reply_needed"
    # late answers
    LATE_ANSWER = "late_answer"
    LATE_THANKS = "late_thanks"


class Stop(StrEnum):
    """What would stop the action (spec 3.11)."""

    ANSWER = "answer"
    OUR_MAIL = "our_mail"
    STATUS = "status"
    RULE = "rule"
    PROTECTION = "protection"
    DOUBT = "doubt"
    BOUNCE = "bounce"
    NO_PROOF = "no_proof"


ANY_OF_THEM = tuple(Stop)


class SuggestionKind(StrEnum):
    """The five cards (spec 6.4)."""

    SEND_FOLLOW_UP = "send_follow_up"
    SEND_NEXT_FOLLOW_UP = "send_next_follow_up"
    REPLY_TO_CUSTOMER = "reply_to_customer"
    RESOLVE_CASE = "resolve_case"
    NEEDS_ATTENTION = "needs_attention"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Evidence of silence: what each mailbox answered, and when (spec 3.3)."""

    deadline: datetime
    read_through: tuple[tuple[str, datetime], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decided:
    reason: Reason
    detail: str = ""
    would_stop: tuple[Stop, ...] = field(default=ANY_OF_THEM)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait(_Decided):
    """Look again at `until`; None: only a mark will bring the case back. `step` is what the date is for."""

    until: datetime | None
    step: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProveSilence(_Decided):
    """Ask these mailboxes for a positive answer newer than `deadline`; in `probe_ids` something must come in first."""

    mailbox_ids: tuple[int, ...]
    deadline: datetime
    probe_ids: tuple[int, ...] = ()
    step: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Start(_Decided):
    """A series starts under the rule that takes the case now."""

    is_old_silence: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PassOn(_Decided):
    """Another rule takes the case now; the series goes on under it and keeps its count (spec 2.5)."""

    rule_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PrepareDraft(_Decided):
    """A follow-up drafted for a person to review and send."""

    kind: SuggestionKind
    step: int
    is_last: bool
    proof: Proof


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp(_Decided):
    """A follow-up that the application user approves at once."""

    step: int
    is_last: bool
    proof: Proof


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadReply(_Decided):
    """A human mail that nobody has read yet goes to the reader."""

    message_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AskForReply(_Decided):
    """The series ends, and a person gets *Reply to customer* with a draft."""

    message_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskPerson(_Decided):
    """A person has to do or decide something; with `ends` the series is over."""

    kind: SuggestionKind
    ends: bool = False
    proof: Proof | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolve(_Decided):
    """The application user resolves the case."""

    proof: Proof
    is_favorable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class End(_Decided):
    """The series is over and nobody has to do anything because of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopen(_Decided):
    """A late answer brings a resolved case back (spec 3.10); without a message it was recorded by hand."""

    message_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLinkedCase(_Decided):
    """An answer after the reopen window opens a new case linked to the old one (spec 3.10)."""

    message_id: int | None


Action = (
    Wait
    | ProveSilence
    | Start
    | PassOn
    | PrepareDraft
    | FollowUp
    | ReadReply
    | AskForReply
    | AskPerson
    | Resolve
    | End
    | Reopen
    | OpenLinkedCase
)
