"""How does the API say no? Every error becomes one JSON shape, in one place."""

from __future__ import annotations

import logging
from typing import Any, TypeVar, cast

from django.core.exceptions import RequestDataTooBig
from django.db import DataError, IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.request import RawPostDataException
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic import BaseModel, Field

from caseloop.accounts.changes import AccountError
from caseloop.api.validation import sentence_of
from caseloop.cases.errors import CannotResolve, CaseChangedMeanwhile, CaseError, NotAllowed
from caseloop.domain.errors import DomainError
from caseloop.domain.lifecycle import IllegalMove
from caseloop.followups.conditions.errors import BadCondition
from caseloop.followups.errors import CustomerWroteMeanwhile, FollowUpError, RuleError
from caseloop.letters.errors import LetterError
from caseloop.mail.errors import MailError, TooLate

log = logging.getLogger(__name__)
Row = TypeVar("Row")


class Refused(Exception):
    """The API itself says no; `field` is a dotted path into the body, or a parameter."""

    def __init__(self, status: int, code: str, sentence: str, field: str = "") -> None:
        self.status, self.code, self.sentence, self.field = status, code, sentence, field
        super().__init__(sentence)


class RefusalDetails(BaseModel):
    sentence: str = Field(description="What is wrong and what to do, to be shown to a person as it is.")
    code: str = Field(
        description="A word for programs: unauthenticated, scope, csrf, not_allowed, not_found, no_such_method, "
        "unreadable, too_large, content_type, invalid, refused, cannot_resolve, bad_condition, changed_meanwhile, "
        "customer_wrote, too_late, illegal_move, crossed, broken."
    )
    field: str | None = Field(default=None, description="The field that is wrong, as a dotted path; absent if none is.")
    blockers: list[str] | None = Field(
        default=None, description="With cannot_resolve: each thing that keeps the case from being resolved."
    )


class Refusal(BaseModel):
    """The answer of every request that was refused; nothing was changed."""

    error: RefusalDetails = Field(description="Why it was refused.")


OWN_ERRORS: dict[type[Exception], tuple[int, str]] = {
    NotAllowed: (403, "not_allowed"),
    CaseChangedMeanwhile: (409, "changed_meanwhile"),
    CustomerWroteMeanwhile: (409, "customer_wrote"),
    TooLate: (409, "too_late"),
    IllegalMove: (409, "illegal_move"),
    CannotResolve: (422, "cannot_resolve"),
    BadCondition: (422, "bad_condition"),
    CaseError: (422, "refused"),
    FollowUpError: (422, "refused"),
    MailError: (422, "refused"),
    LetterError: (422, "refused"),
    DomainError: (422, "refused"),
    AccountError: (422, "refused"),
}


def refusing(api: NinjaAPI) -> None:
    """From now on this API answers every error in the one shape."""
    for kind in OWN_ERRORS:
        api.add_exception_handler(kind, _own)
    api.add_exception_handler(Refused, _refused)
    api.add_exception_handler(ValidationError, _invalid)
    api.add_exception_handler(Http404, _not_found)
    api.add_exception_handler(AuthenticationError, _unauthenticated)
    api.add_exception_handler(HttpError, _unreadable)
    api.add_exception_handler(RequestDataTooBig, _too_large)
    api.add_exception_handler(RawPostDataException, _unreadable)
    api.add_exception_handler(IntegrityError, _crossed)
    api.add_exception_handler(DataError, _out_of_bounds)
    api.add_exception_handler(Exception, _broken)


def refusal(status: int, code: str, sentence: str, field: str = "", blockers: list[str] | None = None) -> HttpResponse:
    """The answer itself, for where there is no exception to raise."""
    details: dict[str, Any] = {"sentence": sentence, "code": code}
    if field:
        details["field"] = field
    if blockers:
        details["blockers"] = blockers
    return JsonResponse({"error": details}, status=status)


def existing(row: Row | None, what: str) -> Row:
    """The row, or a 404 that says `what` is not there (for this reader)."""
    if row is None:
        raise Refused(404, "not_found", f"There is no {what}, or you may not see it.")
    return row


def referenced(row: Row | None, what: str, field: str) -> Row:
    """The row that a body names, or a 422 at that field."""
    if row is None:
        raise Refused(422, "invalid", f"There is no {what}, or you may not see it.", field)
    return row


def _own(request: HttpRequest, error: Any) -> HttpResponse:
    status, code = next(OWN_ERRORS[kind] for kind in type(error).__mro__ if kind in OWN_ERRORS)
    if isinstance(error.__cause__, IllegalMove):
        status, code = OWN_ERRORS[IllegalMove]
    field = error.field if isinstance(error, RuleError) else "conditions" if isinstance(error, BadCondition) else ""
    return refusal(status, code, str(error), field, getattr(error, "blockers", None))


def _refused(request: HttpRequest, error: Any) -> HttpResponse:
    known = cast(Refused, error)
    return refusal(known.status, known.code, known.sentence, known.field)


def _invalid(request: HttpRequest, error: Any) -> HttpResponse:
    sentence, field = sentence_of(cast(ValidationError, error).errors)
    return refusal(422, "invalid", sentence, field)


def _not_found(request: HttpRequest, error: Any) -> HttpResponse:
    return refusal(404, "not_found", "There is nothing at this address that you may see.")


def _unauthenticated(request: HttpRequest, error: Any) -> HttpResponse:
    known = cast(AuthenticationError, error)
    said = "" if known.message == "Unauthorized" else known.message
    answer = refusal(401, "unauthenticated", said or "Say who you are: “Authorization: Bearer cl_…”, or sign in.")
    answer["WWW-Authenticate"] = "Bearer"
    return answer


def _unreadable(request: HttpRequest, error: Any) -> HttpResponse:
    """ninja wraps whatever the parser raised."""
    if isinstance(error.__cause__, Refused):
        return _refused(request, error.__cause__)
    return refusal(400, "unreadable", "The body is no valid JSON.")


def _too_large(request: HttpRequest, error: Any) -> HttpResponse:
    return refusal(413, "too_large", "The body is too large; at most 10 MB are taken.")


def _crossed(request: HttpRequest, error: Any) -> HttpResponse:
    return refusal(409, "crossed", "Somebody saved the same at the same moment. Load it again, then repeat.")


def _out_of_bounds(request: HttpRequest, error: Any) -> HttpResponse:
    return refusal(422, "invalid", "A value is longer or larger than can be stored.")


def _broken(request: HttpRequest, error: Any) -> HttpResponse:
    log.error("%s %s broke", request.method, request.path, exc_info=error)
    return refusal(500, "broken", "Something broke here, and was written to the log. Nothing of yours is wrong.")
