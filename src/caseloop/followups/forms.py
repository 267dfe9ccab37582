"""The form of the email editor."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.validators import validate_email

from caseloop.cases.models import StatusReason
from caseloop.mail.models import Message


class AddressesField(forms.CharField):
    """Mail addresses separated by commas, semicolons or blanks; gives a tuple in lower case."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        addresses = tuple(dict.fromkeys(part.lower() for part in re.split(r"[,;\s]+", text) if part))
        for address in addresses:
            try:
                validate_email(address)
            except forms.ValidationError as error:
                raise forms.ValidationError(f"“{address}” is not a mail address.") from error
        return addresses


class EmailForm(forms.Form):
    """A mail before it is sent."""

    to = AddressesField(label="To", widget=forms.TextInput(attrs={"autocomplete": "off"}))
    cc = AddressesField(label="Cc", required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    subject = forms.CharField(max_length=900, required=False)
    body = forms.CharField(label="Text", widget=forms.Textarea(attrs={"rows": 14}))
    sets_status_reason = forms.ModelChoiceField(
        StatusReason.objects.filter(status="active", is_available=True),
        required=False,
        label="Send and set",
        empty_label="Leave the status reason as it is",
        help_text="One act, or neither.",
    )

    def clean_body(self) -> str:
        """Browsers send each line end as CR LF."""
        return str(self.cleaned_data["body"]).replace("\r\n", "\n")

    def differs_from(self, message: Message) -> bool:
        """Whether a person changed the draft: what stays as it was goes out as it was written."""
        said = self.cleaned_data
        return bool(
            list(said["to"]) != message.to_addresses
            or list(said["cc"]) != message.cc_addresses
            or said["subject"] != message.subject
            or said["body"].strip() != str(message.letter.get("body", message.text)).strip()
        )


class NewEmailForm(EmailForm):
    """A mail that a person writes on their own."""

    restarts_count = forms.BooleanField(
        required=False,
        label="Count from the start",
        help_text="In a running series this mail is follow-up 1 again, not the next one.",
    )
