"""How do people sign in, and what do they set for themselves?"""

from __future__ import annotations

from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from caseloop.accounts.access import WorkspaceRequest, personal
from caseloop.accounts.changes import AccountError, set_appearance, set_away
from caseloop.accounts.forms import AppearanceForm, AwayForm, SignInForm
from caseloop.accounts.toasts import toast

sign_in = LoginView.as_view(
    template_name="accounts/sign_in.html", authentication_form=SignInForm, redirect_authenticated_user=True
)
sign_out = LogoutView.as_view(next_page="accounts:sign_in")


@personal
def settings(request: WorkspaceRequest) -> HttpResponse:
    """Colors, time zone, and being away."""
    return _settings_page(request)


@require_POST
@personal
def appearance(request: WorkspaceRequest) -> HttpResponse:
    form = AppearanceForm(request.POST)
    if not form.is_valid():
        return _settings_page(request, appearance=form, status=422)
    set_appearance(request.user, **form.cleaned_data)
    toast(request, "Saved.")
    return redirect("accounts:settings")


@require_POST
@personal
def absence(request: WorkspaceRequest) -> HttpResponse:
    """Away until a day; without one, back."""
    if "back" in request.POST:
        set_away(request.user, None, now=request.now)
        toast(request, "Welcome back. New suggestions come to you again.")
        return redirect("accounts:settings")
    form = AwayForm(request.POST)
    if not form.is_valid():
        return _settings_page(request, away=form, status=422)
    try:
        set_away(request.user, form.returns_at(), now=request.now)
    except AccountError as error:
        form.add_error("until", str(error))
        return _settings_page(request, away=form, status=422)
    toast(request, "You are away. Suggestions and answers go to your team.")
    return redirect("accounts:settings")


def _settings_page(
    request: WorkspaceRequest,
    *,
    appearance: AppearanceForm | None = None,
    away: AwayForm | None = None,
    status: int = 200,
) -> HttpResponse:
    user = request.user
    shown = {
        "appearance": appearance or AppearanceForm({"theme": user.theme, "time_zone": user.time_zone}),
        "away": away or AwayForm(),
        "is_away": user.is_away(request.now),
        "teams": list(user.teams.all()),
    }
    return render(request, "accounts/settings.html", shown, status=status)
