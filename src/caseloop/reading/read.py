"""What does this email say: who wrote it, what is new in it, which mail of ours does it speak of?"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from caseloop.reading.bounce import Bounce, find_bounce
from caseloop.reading.case_number import case_number_of
from caseloop.reading.dates import resume_date
from caseloop.reading.language import guess_language
from caseloop.reading.machine import AutomaticKind, MachineMarks, machine_marks
from caseloop.reading.new_text import NewText, new_text_of
from caseloop.reading.notices import NoticeKind, notice_kind
from caseloop.reading.parse import ParsedMail, parse_mail

Kind = Literal["reply", "automatic", "undeliverable", "other"]
OtherKind = NoticeKind | Literal["delivered", "unreadable"]


@dataclass(frozen=True, slots=True)
class MailReading:
    """What one mail says. Only `reply` is a person's; `other` and an unreadable mail never prove silence.

    permanent: the address of an undeliverable mail is dead (True), may work later (False), or is not judged (None).
    refused: undeliverable for a reason that is not the address's: policy, spam, size. failed_recipients: lower case.
    returned_message_id: the Message-ID, with brackets, of the mail a report is about. resume_on: an absence's end.
    is_forward: a forwarded mail without a word of its own. is_doubtful: what is new could not be told from the quote.
    """

    parsed: ParsedMail
    kind: Kind
    automatic_kind: AutomaticKind | None = None
    other_kind: OtherKind | None = None
    permanent: bool | None = None
    refused: bool = False
    failed_recipients: tuple[str, ...] = ()
    returned_message_id: str | None = None
    new_text: str = ""
    is_forward: bool = False
    is_doubtful: bool = False
    is_list_mail: bool = False
    resume_on: date | None = None
    case_number: str | None = None
    language: str | None = None
    marks: tuple[str, ...] = ()


def read_mail(raw: bytes, received_on: date | None = None, our_addresses: frozenset[str] = frozenset()) -> MailReading:
    """Read `raw` as it came from the mailbox. Never raises: what cannot be read comes back as kind `other`, unreadable.

    `received_on`: local date of arrival, the base for "back on Monday" (none given, no return date is looked for).
    `our_addresses`: our mailboxes in lower case, to know our own mail coming back.
    """
    parsed = parse_mail(raw)
    new = new_text_of(parsed.text)
    language = guess_language(new.text)
    notice = notice_kind(parsed, new.text, our_addresses)
    bounce = find_bounce(parsed, raw) if notice is None else None
    if parsed.is_unreadable:
        return _reading(parsed, new, language, kind="other", other_kind="unreadable")
    if notice is not None:
        return _reading(parsed, new, language, kind="other", other_kind=notice)
    if bounce is not None:
        return _bounced(parsed, new, language, bounce)
    marks = machine_marks(parsed, new.text)
    if marks.is_automatic:
        return _automatic(parsed, new, language, marks, received_on)
    return _reading(parsed, new, language, kind="reply", marks=marks.marks)


def _bounced(parsed: ParsedMail, new: NewText, language: str | None, bounce: Bounce) -> MailReading:
    if not bounce.is_failure:
        return _reading(
            parsed,
            new,
            language,
            kind="other",
            other_kind="delivered",
            returned_message_id=bounce.copy.message_id,
        )
    return _reading(
        parsed,
        new,
        language,
        kind="undeliverable",
        permanent=bounce.permanent,
        refused=bounce.is_refused,
        failed_recipients=tuple(address.lower() for address in bounce.failed_recipients),
        returned_message_id=bounce.copy.message_id,
        case_number=case_number_of(parsed.subject, bounce.copy.subject, parsed.text),
    )


def _automatic(
    parsed: ParsedMail, new: NewText, language: str | None, marks: MachineMarks, received_on: date | None
) -> MailReading:
    resume = None
    if received_on is not None and marks.kind == "away":
        resume = resume_date(new.text, received_on, language) or resume_date(parsed.subject, received_on)
    return _reading(
        parsed,
        new,
        language,
        kind="automatic",
        automatic_kind=marks.kind,
        resume_on=resume,
        marks=marks.marks,
    )


def _reading(parsed: ParsedMail, new: NewText, language: str | None, **known: object) -> MailReading:
    known.setdefault("case_number", case_number_of(parsed.subject, new.text, parsed.text))
    is_list_mail = any(parsed.header(name) for name in ("list-id", "list-post", "x-mailing-list", "x-beenthere"))
    return MailReading(
        parsed=parsed,
        new_text=new.text,
        is_forward=new.is_forward,
        is_doubtful=new.is_doubtful,
        is_list_mail=is_list_mail,
        language=language,
        **known,  # type: ignore[arg-type]
    )
