"""What mail puts into the page of a case: mails of ours that are on their way, or got stuck."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import Context

from caseloop.mail.models import Message

register = template.Library()
UNDERWAY = ["approved", "sending", "unconfirmed", "refused"]


@register.inclusion_tag("mail/parts/underway.html", takes_context=True)
def mails_on_their_way(context: Context) -> dict[str, Any]:
    """Approved, being sent, refused, or not sure to have gone out; nothing when there is none."""
    mails = Message.objects.filter(case=context["case"], direction="out", state__in=UNDERWAY, activity__isnull=True)
    return {
        "mails": list(mails.select_related("author", "action").order_by("occurred_at", "pk")[:20]),
        "user": context["user"],
        "now": context["now"],
        "csrf_token": context.get("csrf_token"),
    }
