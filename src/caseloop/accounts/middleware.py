"""In whose time zone is a page shown? The reader's (spec 9.6)."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone


class ReaderTimeZone:
    """Every page shows times in the zone of the person who reads it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        zone = getattr(request.user, "time_zone", "UTC") if request.user.is_authenticated else "UTC"
        try:
            with timezone.override(zoneinfo.ZoneInfo(zone)):
                return self.get_response(request)
        except zoneinfo.ZoneInfoNotFoundError:
            with timezone.override(zoneinfo.ZoneInfo("UTC")):
                return self.get_response(request)
