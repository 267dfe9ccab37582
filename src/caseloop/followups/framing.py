"""What stands around the words of a mail on a case: number, signature, disclosure, the mail it follows (spec 4.2)."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from caseloop.administration.models import GlobalSettings
from caseloop.cases.models import Case
from caseloop.letters.chrome import LetterChrome, QuotedMail
from caseloop.mail.threads import LastMail
from caseloop.reading.new_text import new_text_of


def frame(
    case: Case,
    previous: LastMail | None,
    settings: GlobalSettings,
    *,
    signed_by: str,
    sent_by_person: bool,
    zone: str = "UTC",
) -> LetterChrome:
    """The frame of a mail that follows `previous`; `zone` is the customer's. Signed "for" somebody unless that person
    sends it."""
    return LetterChrome(
        case_number=case.number,
        case_title=case.title,
        sender_name=settings.sender_name,
        representative_name=signed_by,
        sent_by_person=sent_by_person,
        disclosure=settings.tells_customers_it_is_automatic,
        quoted=_quoted(previous, settings) if previous and settings.quotes_previous_mail else None,
        zone=ZoneInfo(zone),
    )


def _quoted(previous: LastMail, settings: GlobalSettings) -> QuotedMail:
    """Its own words only: what it quoted itself the customer has had already."""
    author = previous.from_name or previous.from_address or settings.sender_name
    return QuotedMail(author, previous.occurred_at, previous.new_text or new_text_of(previous.text).text)
