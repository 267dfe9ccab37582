"""What follow-ups put into the page of a case: the card and the plan line."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import Context

from caseloop.followups.card import card_of
from caseloop.followups.plan import plan_of

register = template.Library()
FROM_PAGE = ("case", "user", "now", "request", "csrf_token")


@register.inclusion_tag("followups/parts/next.html", takes_context=True)
def what_comes_next(context: Context) -> dict[str, Any]:
    """The Suggested actions card, when somebody is asked for something, and the plan line."""
    case, now = context["case"], context["now"]
    shared = {name: context.get(name) for name in FROM_PAGE}
    return shared | {"card": card_of(case, now), "plan": plan_of(case, now)}
