"""Who may open a page, and who may act there? Asked here and nowhere else (spec 1.1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_POST
from django_htmx.middleware import HtmxDetails

from caseloop.accounts.models import Role, User

P = ParamSpec("P")
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


class WorkspaceRequest(HttpRequest):
    """A request of somebody who is signed in; `now` (UTC) was read once, as the request came in."""

    user: User
    now: datetime
    htmx: HtmxDetails


View = Callable[Concatenate[WorkspaceRequest, P], HttpResponseBase]
Served = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


class NotForThisRole(PermissionDenied):
    """`what` says in a sentence what is for whom; who has one of the roles `helpers` can do it or change the role."""

    def __init__(self, what: str, helpers: tuple[Role, ...]) -> None:
        self.what = what
        self.helpers = helpers
        super().__init__(what)


def page(view: View[P]) -> Served[P]:
    """Everybody who is signed in may look; forms are sent only by those who work on cases."""

    @wraps(view)
    def opened(request: WorkspaceRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.method not in SAFE_METHODS and not request.user.may_work:
            raise NotForThisRole("An auditor reads everything and changes nothing.", (Role.ADMINISTRATOR,))
        return view(request, *args, **kwargs)

    return personal(opened)


def act(view: View[P]) -> Served[P]:
    """A form's address: only POST, only by those who work on cases."""
    return require_POST(page(view))


def configuring(what: str) -> Callable[[View[P]], Served[P]]:
    """A page of managers and administrators, where an auditor may look; `what` is the sentence for all others."""

    def guard(view: View[P]) -> Served[P]:
        @wraps(view)
        def opened(request: WorkspaceRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            may_look = request.user.role == Role.AUDITOR and request.method in SAFE_METHODS
            if not (request.user.may_configure or may_look):
                raise NotForThisRole(what, (Role.MANAGER, Role.ADMINISTRATOR))
            return view(request, *args, **kwargs)

        return personal(opened)

    return guard


def personal(view: View[P]) -> Served[P]:
    """Everybody's own page: signing in is all it takes."""

    @login_required
    @wraps(view)
    def opened(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        cast(Any, request).now = cast(Any, request).clock()
        answer = view(cast(WorkspaceRequest, request), *args, **kwargs)
        if not answer.has_header("Cache-Control"):
            patch_cache_control(answer, private=True, no_cache=True)
        return answer

    return cast("Served[P]", opened)
