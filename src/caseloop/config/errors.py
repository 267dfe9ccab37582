"""Which page says that something is not there, not allowed, or broken?"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from caseloop.accounts.access import NotForThisRole
from caseloop.accounts.models import User


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Says whose page it is, which role the reader has, and who can help."""
    known = exception if isinstance(exception, NotForThisRole) else None
    shown = {
        "what": known.what if known else "This page is not for you.",
        "helpers": User.objects.filter(role__in=known.helpers, is_active=True)[:3] if known else [],
    }
    return render(request, "403.html", shown, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)


def broken(request: HttpRequest) -> HttpResponse:
    """Asks neither the database nor the session, since either may be what is broken."""
    return render(None, "500.html", status=500)
