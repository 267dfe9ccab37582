"""Which address leads to which part? Each app lists its own pages."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from caseloop.api.root import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="cases:list"), name="home"),
    path("api/v1/", api.urls),
    path("", include("caseloop.accounts.urls")),
    path("", include("caseloop.cases.urls")),
    path("", include("caseloop.mail.urls")),
    path("", include("caseloop.followups.urls")),
    path("", include("caseloop.demo.urls")),
]

handler403 = "caseloop.config.errors.forbidden"
handler404 = "caseloop.config.errors.not_found"
handler500 = "caseloop.config.errors.broken"
