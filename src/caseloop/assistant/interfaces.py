"""What can the assistant be asked, and what does it answer?

Each ability takes plain data and gives plain data, whoever does the work: the built-in makers or a language
model. No
ability sends, changes or decides anything. Customers' words are data to all of them, never an order.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from caseloop.domain.facts import Label


class AssistantError(Exception):
    """The assistant could not do what it was asked; the caller takes the built-in maker, or a person."""


class AutomaticKind(StrEnum):
    """What kind of machine answered: away for some time, gone for good (or behind a challenge), or a mere
    receipt."""

    AWAY = "away"
    GONE = "gone"
    ACKNOWLEDGEMENT = "acknowledgement"


# Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyInput:
    """One mail of the customer's side, already taken apart by `reading`.

    `new_text` is what its sender wrote just now, without quotes; `last_our_mail` the words of our mail it
    follows.
    `received_on` is the local day on which it was sent, the base of "tomorrow". `automatic_kind` is what
    `reading`
    made of headers and text: None means that a person seems to have written. `language` is the contact's,
    used when
    the text doesn't tell.
    """

    new_text: str
    received_on: date
    subject: str = ""
    last_our_mail: str = ""
    language: str | None = None
    automatic_kind: AutomaticKind | None = None
    has_attachments: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyReading:
    """What a reply says (spec 5.5).

    `confidence` is between 0 and 1; a maker that isn't sure says UNCLEAR by itself. `words` are the reply's
    own
    sentences that it rests on. `resume_on` is only set for DEFERRAL and AUTOMATIC.
    """

    label: Label
    confidence: float
    words: tuple[str, ...] = ()
    resume_on: date | None = None
    automatic_kind: AutomaticKind | None = None
    is_only_thanks: bool = False
    is_wrong_person: bool = False
    made_by: str = "built-in"


class Reader(Protocol):
    """Says what a reply means."""

    def read(self, reply: ReplyInput) -> ReplyReading: ...


# Writing


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadMail:
    """One mail of the thread, new text only; `at` is aware."""

    at: datetime
    is_ours: bool
    author: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpInput:
    """A follow-up to be written. `template_text` is the chosen template's text for this case, in light text.

    `fields` are the drafting fields that the rule allows, by label; `thread` is in order of time.
    """

    language: str
    contact_name: str
    case_title: str
    number: int
    of: int
    template_text: str | None = None
    closes_on: date | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    thread: tuple[ThreadMail, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyDraftInput:
    """An answer to the customer's mail, to be finished by a person. `reading` is what the mail was read
    as."""

    language: str
    contact_name: str
    case_title: str
    customer_words: str
    reading: Label
    template_text: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    thread: tuple[ThreadMail, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Words of a letter in light text, without signature and footer; `note` says how they came about."""

    body: str
    made_by: str
    note: str = ""


class Writer(Protocol):
    """Writes the words of a letter; raises AssistantError when it can't."""

    def write_follow_up(self, wanted: FollowUpInput) -> Draft: ...

    def write_reply(self, wanted: ReplyDraftInput) -> Draft: ...


# Summing up


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryInput:
    """A case for its card. `next_step` is the plan line's sentence; all times in `thread` are in the
    reader's zone."""

    contact_name: str
    thread: tuple[ThreadMail, ...]
    next_step: str
    last_reading: Label | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One or two sentences for the card: when the customer last answered, and what comes next (spec 5.6)."""

    text: str
    made_by: str


class Summarizer(Protocol):
    """Sums up a case for the person who opens it."""

    def summarize(self, case: SummaryInput) -> Summary: ...


# Filling in a resolution


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSource:
    """A field of the case, or a mail, that an administrator lets feed a resolution field (spec 7.2)."""

    feeds: str
    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolutionInput:
    """`sources` are in the administrator's order; `given` holds what is fixed already, such as the
    resolution type."""

    sources: tuple[DataSource, ...]
    given: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledField:
    """A value for one resolution field, and the label of the source it was quoted from."""

    value: str
    quoted_from: str


class ResolutionFiller(Protocol):
    """Fills in resolution fields from their sources; leaves out what no source says."""

    def fill(self, resolution: ResolutionInput) -> Mapping[str, FilledField]: ...


# Judging our own mail


@dataclass(frozen=True, slots=True)
class Promise:
    """A sentence of ours that promises the customer something of ours (spec 3.2)."""

    words: str


@dataclass(frozen=True, slots=True)
class NextMove:
    """A sentence of ours that leaves the next move with the customer (spec 2.3)."""

    words: str


class MailJudge(Protocol):
    """Tells from our own mail who owes the next move."""

    def promises_something(self, text: str) -> Promise | None: ...

    def leaves_next_move_with_customer(self, text: str) -> NextMove | None: ...
