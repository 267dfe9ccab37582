"""Which routes does the API have? All of them, below /api/v1/; none of them ever answers in HTML."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern, URLResolver, path
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI

from caseloop.accounts.access import WorkspaceRequest
from caseloop.api import (
    activities,
    case_changes,
    cases,
    contacts,
    doubts,
    endings,
    mailboxes,
    me,
    messages,
    organizations,
    pauses,
    protections,
    queues,
    rules,
    series,
    status_reasons,
    suggested_actions,
    switches,
    users,
)
from caseloop.api.access import Gate, ways_in
from caseloop.api.description import described_with_refusals
from caseloop.api.refusals import refusal, refusing
from caseloop.api.scopes import MEANING
from caseloop.api.values import StrictJson

DESCRIPTION = """Everything that the pages do, for programs. Times are ISO 8601 with their offset, and are given in UTC.

Show a token, `Authorization: Bearer cl_…`, or the session cookie with the header `X-CSRFToken`. A token acts as its
user and may do what both its scopes and the role of its user allow. What you may not see is not there (404).

Every refusal has one shape, `{"error": {"sentence", "code", "field"}}`, and has changed nothing.

Scopes: """ + "; ".join(f"`{scope}`: {what}" for scope, what in MEANING.items())

RESOURCES = (
    *(me, cases, case_changes, endings, activities, messages, suggested_actions, series, doubts, contacts),
    *(organizations, queues, status_reasons, users, rules, protections, pauses, switches, mailboxes),
)
View = Callable[..., HttpResponseBase]


class Api(NinjaAPI):
    """ninja's API without pages from elsewhere, and with every answer in JSON."""

    @property
    def urls(self) -> tuple[list[URLResolver | URLPattern], str, str]:
        """What `path("api/v1/", api.urls)` takes; what no route answers is a 404 in the one shape."""
        patterns, app, namespace = super().urls
        for pattern in patterns:
            if isinstance(pattern, URLPattern):
                pattern.callback = _nothing_here if pattern.name == "api-root" else _in_json(pattern.callback)
        return [*patterns, path("<path:rest>", _nothing_here)], app, namespace


def _in_json(view: View) -> View:
    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        answer = view(request, *args, **kwargs)
        if answer.status_code == 405:
            allowed = ", ".join(sorted(answer["Allow"].split(", ")))
            answer = refusal(405, "no_such_method", f"{request.method} is not for this address; it knows {allowed}.")
            answer["Allow"] = allowed
        answer["Cache-Control"] = "no-store"
        return answer

    return answered


@csrf_exempt
def _nothing_here(request: HttpRequest, rest: str = "") -> HttpResponse:
    return refusal(404, "not_found", "There is no such address; /api/v1/openapi.json lists all that there are.")


api = Api(
    title="Caseloop",
    version="1",
    description=DESCRIPTION,
    openapi_url=None,
    docs_url=None,
    parser=StrictJson(),
    urls_namespace="api",
)
refusing(api)
for resource in RESOURCES:
    api.add_router("", resource.routes.router)


@api.get("/openapi.json", auth=ways_in(Gate(None)), include_in_schema=False)
def openapi(request: WorkspaceRequest) -> Any:
    """This API as OpenAPI 3.1, for whoever may use any of it."""
    return described_with_refusals(api)
