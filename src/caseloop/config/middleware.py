"""What time is it for this request? Read at most once, and the same for everything that serves it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, cast

from django.http import HttpRequest, HttpResponse

from caseloop.administration import clock


class RequestClock:
    """`request.clock()` gives the present time (UTC), asked of PostgreSQL on its first call only."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        cast(Any, request).clock = functools.cache(lambda: clock.now())
        return self.get_response(request)
