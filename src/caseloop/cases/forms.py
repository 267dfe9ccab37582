"""The forms with which people change a case."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils import timezone

from caseloop.accounts.models import User
from caseloop.cases.models import Case, Contact, CustomField, Queue, StatusReason
from caseloop.cases.models.activity import ActivityKind, Direction
from caseloop.cases.models.case import PRIORITIES
from caseloop.cases.models.custom_field import FieldType
from caseloop.cases.visibility import visible_queues

MORNING = time(8)


def day_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def moment_input() -> forms.DateTimeInput:
    return forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


def morning_of(day: date) -> datetime:
    """Eight o'clock of that day in the reader's zone."""
    return timezone.make_aware(datetime.combine(day, MORNING))


class NewCaseForm(forms.Form):
    """A case that did not begin with a mail."""

    title = forms.CharField(max_length=300)
    contact = forms.CharField(
        required=False,
        label="Customer’s email",
        widget=forms.EmailInput,
        help_text="The address of a contact we know. Without one, nobody is written to.",
    )
    queue = forms.ModelChoiceField(Queue.objects.none(), empty_label=None)
    priority = forms.ChoiceField(choices=PRIORITIES, initial="normal")
    description = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 5}))

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        queues = self.fields["queue"]
        assert isinstance(queues, forms.ModelChoiceField)
        queues.queryset = visible_queues(user)

    def clean_contact(self) -> Contact | None:
        address = self.cleaned_data["contact"].strip().lower()
        if not address:
            return None
        contact = Contact.objects.filter(addresses__address=address).select_related("organization").first()
        if contact is None:
            raise forms.ValidationError("We know no contact with this address.")
        return contact


class CaseFieldsForm(forms.Form):
    """The plain and custom fields of a case; `version` says which state the reader saw."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    title = forms.CharField(max_length=300)
    priority = forms.ChoiceField(choices=PRIORITIES)
    subject = forms.CharField(max_length=100, required=False)
    line_of_business = forms.CharField(max_length=60, required=False)
    description = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 5}))

    def __init__(self, case: Case, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", _present(case))
        super().__init__(*args, **kwargs)
        self.custom = list(CustomField.objects.all())
        for definition in self.custom:
            self.fields[f"custom_{definition.key}"] = _input_for(definition)

    def changes(self) -> dict[str, Any]:
        """What `changes.edit_case` takes."""
        cleaned = self.cleaned_data
        plain = {name: cleaned[name] for name in ("title", "priority", "subject", "line_of_business", "description")}
        custom = {each.key: _stored(cleaned[f"custom_{each.key}"]) for each in self.custom}
        return plain | {"custom": custom}


def _present(case: Case) -> dict[str, Any]:
    plain = {name: getattr(case, name) for name in CaseFieldsForm.base_fields}
    return plain | {f"custom_{key}": value for key, value in case.custom.items()}


def _input_for(definition: CustomField) -> forms.Field:
    common: dict[str, Any] = {"label": definition.label, "required": False}
    if definition.is_required_to_resolve:
        common["help_text"] = "Needed to resolve the case."
    match FieldType(definition.type):
        case FieldType.NUMBER:
            return forms.FloatField(**common, widget=forms.NumberInput(attrs={"step": "any"}))
        case FieldType.FLAG:
            return forms.NullBooleanField(**common)
        case FieldType.DATE:
            return forms.DateField(**common, widget=day_input())
        case FieldType.TIME:
            return forms.DateTimeField(**common, widget=moment_input())
        case FieldType.CHOICE:
            return forms.ChoiceField(**common, choices=[("", "–"), *((each, each) for each in definition.choices)])
        case FieldType.TEXT:
            return forms.CharField(**common, max_length=1000)


def _stored(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return None if value == "" else value


class HoldForm(forms.Form):
    """No automatic step before the morning of that day."""

    until = forms.DateField(widget=day_input())
    reason = forms.CharField(max_length=300, required=False)


class ReasonForm(forms.Form):
    """Another status reason."""

    status_reason = forms.ModelChoiceField(StatusReason.objects.all())


class NoteForm(forms.Form):
    """An internal note."""

    text = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 5}), label="Note", help_text="Only your colleagues see it."
    )


class ContactForm(forms.Form):
    """A call, chat, visit or portal entry that has happened."""

    direction = forms.ChoiceField(
        choices=[
            (Direction.IN.value, "The customer called us"),
            (Direction.OUT.value, "We called the customer"),
        ],
        widget=forms.RadioSelect,
        label="Who began",
        help_text="From the customer it counts as an answer: follow-ups stop, and the next move is ours.",
    )
    occurred_at = forms.DateTimeField(widget=moment_input(), label="When", required=False, help_text="Empty means now.")
    text = forms.CharField(widget=forms.Textarea(attrs={"rows": 4}), label="What was said", required=False)


class WorkForm(forms.Form):
    """A task, or an appointment with its time."""

    subject = forms.CharField(max_length=300, label="What has to be done")
    due_at = forms.DateTimeField(
        widget=moment_input(), label="When", required=False, help_text="Follow-ups wait until it is over."
    )


FORMS_OF_ACTIVITIES: dict[ActivityKind, type[forms.Form]] = {
    ActivityKind.NOTE: NoteForm,
    ActivityKind.TASK: WorkForm,
    ActivityKind.APPOINTMENT: WorkForm,
    ActivityKind.PHONE_CALL: ContactForm,
}


class ResolutionForm(forms.Form):
    """The Case Resolution dialog (spec 6.6)."""

    status_reason = forms.ModelChoiceField(
        StatusReason.objects.filter(status="resolved", is_available=True),
        label="Resolution type",
        empty_label="Choose …",
        help_text="“Problem Solved” is filled in only when the customer said so.",
    )
    text = forms.CharField(label="Resolution", max_length=1000)
    total_minutes = forms.IntegerField(label="Total time (minutes)", min_value=0, max_value=100_000, initial=0)
    billable_minutes = forms.IntegerField(label="Billable time (minutes)", min_value=0, max_value=100_000, initial=0)
    remarks = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        total, billable = cleaned.get("total_minutes"), cleaned.get("billable_minutes")
        if total is not None and billable is not None and billable > total:
            self.add_error("billable_minutes", "Not more than the total time.")
        return cleaned
