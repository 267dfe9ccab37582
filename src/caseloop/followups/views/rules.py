"""The rules in the order they are tried, with switching on and off (spec 2.5, 2.6)."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from caseloop.accounts.access import WorkspaceRequest, configuring
from caseloop.accounts.toasts import problem, toast
from caseloop.cases.errors import CaseError
from caseloop.followups.conditions.errors import BadCondition
from caseloop.followups.conditions.reading import parse
from caseloop.followups.conditions.sentence import sentence
from caseloop.followups.errors import FollowUpError
from caseloop.followups.models import Rule
from caseloop.followups.rules import activate, deactivate

TONES = {"active": "good", "shadow": "ai", "broken": "bad"}
for_managers = configuring("Rules are for managers.")


@for_managers
def rules(request: WorkspaceRequest) -> HttpResponse:
    rows = Rule.objects.select_related("trigger_status_reason", "confirmed_by").annotate(
        running=Count("enrolments", filter=Q(enrolments__state="running"))
    )
    return render(request, "followups/rules.html", {"rows": [_row(rule, request) for rule in rows]})


@for_managers
def activation(request: WorkspaceRequest, rule_id: int) -> HttpResponse:
    """Asks what becomes of silences that began before; sent, the rule is active, or waits for a second yes."""
    rule = get_object_or_404(Rule, pk=rule_id)
    if request.method != "POST":
        return render(request, "followups/activation.html", {"rule": rule})
    days = request.POST.get("days", "") if request.POST.get("old_silences") == "younger" else ""
    if request.POST.get("old_silences") == "younger" and not (days.isdecimal() and 0 < int(days) <= 3650):
        return render(
            request,
            "followups/activation.html",
            {"rule": rule, "days_error": "A number of days, 1 to 3650."},
            status=422,
        )
    try:
        now_active = activate(
            rule.pk, actor=request.user, now=request.now, takes_silences_up_to_days=int(days) if days else None
        )
    except (FollowUpError, CaseError) as error:
        problem(request, str(error))
        return redirect("followups:rule_activation", rule_id=rule.pk)
    if now_active.state == "active":
        toast(request, f"“{rule}” is active.")
    else:
        toast(request, f"“{rule}” waits for a second manager’s yes, since it sends and resolves by itself.")
    return redirect("followups:rules")


@for_managers
def deactivation(request: WorkspaceRequest, rule_id: int) -> HttpResponse:
    """Running series end, or finish when asked to."""
    rule = get_object_or_404(Rule, pk=rule_id)
    if request.method != "POST":
        running = rule.enrolments.filter(state="running").count()
        return render(request, "followups/deactivation.html", {"rule": rule, "running": running})
    try:
        deactivate(
            rule.pk,
            actor=request.user,
            now=request.now,
            series_may_finish=request.POST.get("running") == "finish",
        )
    except (FollowUpError, CaseError) as error:
        problem(request, str(error))
    else:
        toast(request, f"“{rule}” is inactive.")
    return redirect("followups:rules")


def _row(rule: Any, request: WorkspaceRequest) -> dict[str, Any]:
    return {
        "rule": rule,
        "condition": _condition(rule),
        "tone": TONES.get(rule.state, ""),
        "waits": _waits(rule.waits),
        "waits_for_yes": rule.confirmed_by if rule.state != "active" else None,
        "is_my_yes": rule.confirmed_by_id == request.user.pk,
    }


def _condition(rule: Rule) -> str:
    try:
        return sentence(parse(rule.conditions))
    except BadCondition as error:
        return f"cannot be understood: {error}"


def _waits(waits: list[str]) -> str:
    same = len(set(waits)) == 1
    return (f"every {waits[0]}" if len(waits) > 1 else f"after {waits[0]}") if same else "after " + ", ".join(waits)
