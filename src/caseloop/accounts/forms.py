"""The forms with which people sign in and set what is theirs."""

from __future__ import annotations

import zoneinfo
from datetime import datetime, time
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.utils import timezone

from caseloop.accounts.models import User


class SignInForm(AuthenticationForm):
    """The name and the password; the same sentence for a wrong name and a wrong password."""

    error_messages = {
        "invalid_login": "The name or the password is not right.",
        "inactive": "The name or the password is not right.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "Name"
        self.fields["username"].widget.attrs |= {"autocapitalize": "none", "spellcheck": "false"}


class AppearanceForm(forms.Form):
    """How pages look and in which zone they show times."""

    theme = forms.ChoiceField(choices=User._meta.get_field("theme").choices or [], label="Colors")
    time_zone = forms.ChoiceField(
        choices=lambda: [(zone, zone.replace("_", " ")) for zone in sorted(zoneinfo.available_timezones())],
        label="Times in",
    )


class AwayForm(forms.Form):
    """The day of return, which begins at midnight in the reader's zone."""

    until = forms.DateField(
        label="Back on",
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Your suggestions and answers go to your team until then.",
    )

    def returns_at(self) -> datetime:
        day = self.cleaned_data["until"]
        return timezone.make_aware(datetime.combine(day, time.min))
