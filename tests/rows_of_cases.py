"""Everything that is written about some cases, in a form that two ways of writing it can be compared by."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.apps import apps
from django.db import models

from caseloop.cases.models import Activity, Case, CaseReview, Resolution
from caseloop.followups.models import Enrolment, SuggestedAction
from caseloop.mail.models import Message

HISTORY: type[models.Model] = apps.get_model("cases", "CaseHistoryEvent")
OF_A_CASE: tuple[type[models.Model], ...] = (Activity, Resolution, Enrolment, Message, SuggestedAction)

Rows = dict[str, list[dict[str, Any]]]


def rows_of(cases: Collection[Case]) -> Rows:
    """All rows of these cases, in the order in which they were written for each case.

    A row that is pointed to is named by its case and its place among that case's rows, since ids are a matter of luck.
    """
    ids = sorted(case.pk for case in cases)
    places: dict[tuple[type[models.Model], Any], tuple[int, int]] = {}
    found: Rows = {}
    for model in OF_A_CASE:
        count = dict.fromkeys(ids, 0)
        for pk, case_id in model._default_manager.filter(case__in=ids).order_by("pk").values_list("pk", "case_id"):
            places[model, pk] = (case_id, count[case_id])
            count[case_id] += 1
    for model in (*OF_A_CASE, CaseReview):
        key = "case_id", "pk"
        found[model.__name__] = [
            _said(row, places) for row in model._default_manager.filter(case__in=ids).order_by(*key)
        ]
    found["Case"] = [_said(row, places) for row in Case.objects.filter(pk__in=ids).order_by("pk")]
    events = HISTORY._default_manager.filter(pgh_obj__in=ids).order_by("pgh_obj", "pgh_id")
    found["history"] = [_said(row, places) for row in events]
    kept = Resolution.cancelled_activities.through._default_manager.filter(resolution__case__in=ids)
    pairs = sorted(
        (places[Resolution, resolution], places[Activity, activity])
        for resolution, activity in kept.values_list("resolution_id", "activity_id")
    )
    found["cancelled"] = [{"resolution": resolution, "activity": activity} for resolution, activity in pairs]
    return found


def _said(row: models.Model, places: dict[tuple[type[models.Model], Any], tuple[int, int]]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        if isinstance(field, models.ForeignKey) and field.related_model in OF_A_CASE:
            value = places.get((field.related_model, value))
        if field.primary_key and type(row) in OF_A_CASE:
            value = places[type(row), value]
        if field.name in ("pgh_id", "pgh_created_at", "lease") or (type(row) is Message and field.name == "message_id"):
            continue
        said[field.attname] = value
    return said
