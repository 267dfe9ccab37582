"""Template tags and filters that every page may use: icons, times, fields, numbers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import template
from django.conf.locale import LANG_INFO
from django.forms import BoundField
from django.template.context import Context
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from caseloop.cases.counting import CAP

register = template.Library()


@register.simple_tag
def icon(name: str, tone: str = "") -> SafeString:
    """An icon of the sprite; the words beside it say what it means."""
    return format_html(
        '<svg class="i{}" aria-hidden="true"><use href="{}#i-{}"/></svg>',
        f" {tone}" if tone else "",
        static("icons.svg"),
        name,
    )


@register.simple_tag(takes_context=True)
def at(context: Context, moment: datetime | None, style: str = "") -> SafeString | str:
    """The moment in the reader's zone, like "Tue 24 Nov 09:00"; the year only when it is not the present one.

    `style`: "ago" gives "42 min ago" under one hour, "long" always the year, "time" only the hour, "day" only the day.
    """
    if moment is None:
        return ""
    now = context.get("now") or timezone.now()
    local = timezone.localtime(moment)
    return format_html(
        '<time datetime="{}">{}</time>',
        local.isoformat(timespec="seconds"),
        _said(local, timezone.localtime(now), style),
    )


def _said(moment: datetime, now: datetime, style: str) -> str:
    if style == "ago" and timedelta(0) <= now - moment < timedelta(hours=1):
        minutes = int((now - moment).total_seconds() // 60)
        return f"{minutes} min ago" if minutes else "just now"
    if style == "time":
        return f"{moment:%H:%M}"
    day = f"{moment:%a} {moment.day} {moment:%b}"
    if style == "long" or moment.year != now.year:
        day += f" {moment.year}"
    return day if style == "day" else f"{day} {moment:%H:%M}"


@register.filter
def capped(number: int | None) -> str:
    """A count as it is shown: "37", "1,000+", or nothing."""
    if number is None:
        return ""
    return f"{CAP:,}+" if number > CAP else f"{number:,}"


@register.inclusion_tag("parts/field.html")
def field(bound: BoundField, wide: str = "") -> dict[str, Any]:
    """A form field with its label, hint and error; `wide` spans both columns."""
    is_check = bound.widget_type == "checkbox"
    return {"field": bound, "is_wide": bool(wide), "is_check": is_check}


@register.inclusion_tag("parts/empty.html")
def empty(icon: str, title: str, text: str = "", link: str = "", words: str = "") -> dict[str, Any]:
    """An empty list says what it is for, or what comes next."""
    return {"icon_name": icon, "title": title, "text": text, "link": link, "words": words}


@register.inclusion_tag("parts/pager.html", takes_context=True)
def pager(context: Context, page: Any) -> dict[str, Any]:
    """Where we are in a list, and the ways back and on, with the filters kept."""
    query = context["request"].GET.copy()
    query.pop("page", None)
    return {"page": page, "query": query.urlencode()}


@register.filter
def percent(share: float | None) -> str:
    """ "94 %" for 0.94."""
    return "" if share is None else f"{round(share * 100)} %"


@register.filter
def moment(text: str) -> datetime | None:
    """A time that was kept as ISO 8601 text; None for anything else."""
    try:
        return datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None


@register.filter
def language_name(code: str) -> str:
    """ "German" for "de"; the code itself for a language that we have no name for."""
    known: dict[str, dict[str, str]] = LANG_INFO
    return known.get(code, known.get(code.split("-")[0], {})).get("name", code)


@register.filter
def first_name(person: Any) -> str:
    """The first name of a person as a sentence uses it; the whole name where there is none."""
    words = str(person or "").split()
    return words[0] if words else "the customer"
