"""What does every page's frame show? The navigation with its numbers, and the banner."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from caseloop.accounts.models import User
from caseloop.administration.models import GlobalSettings
from caseloop.cases.case_views import mine
from caseloop.cases.counting import capped_counts
from caseloop.cases.visibility import visible_cases
from caseloop.domain.lifecycle import EnrolmentState, MessageState
from caseloop.followups.models import Enrolment
from caseloop.mail.models import MailDoubt, Message


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the navigation; `part` is the first word of the addresses that belong to it."""

    name: str
    url_name: str
    icon: str
    part: str
    count: str = ""


WORK = [
    Entry("Cases", "cases:list", "cases", "cases", "cases"),
    Entry("Follow-ups", "followups:series", "loop", "follow-ups", "series"),
    Entry("Mail in doubt", "followups:doubts", "question", "mail-in-doubt", "doubts"),
]
CASE_SETTINGS = [Entry("Rules", "followups:rules", "rules", "rules")]
DEMO = [Entry("The customer’s mailbox", "demo:mailbox", "mail", "demo")]


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context for the base template; asks the database only where the frame is shown."""
    return {"frame": Frame(request), "now": getattr(request, "now", None)}


class Frame:
    """The frame as one reader sees it."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @property
    def is_demo(self) -> bool:
        return bool(settings.IS_DEMO)

    @property
    def theme(self) -> str:
        """`light`, `dark`, or an empty text for the device's own."""
        theme = getattr(self._reader, "theme", "device")
        return "" if theme == "device" else theme

    @cached_property
    def settings(self) -> GlobalSettings:
        return GlobalSettings.current()

    @cached_property
    def groups(self) -> list[dict[str, Any]]:
        """The groups of the navigation with the lines that this reader may open."""
        reader = self._reader
        if reader is None:
            return []
        named = [("Demo", DEMO if self.is_demo else []), ("Work", WORK)]
        if reader.may_configure or not reader.may_work:
            named.append(("Case settings", CASE_SETTINGS))
        return [{"name": name, "lines": [self._line(entry) for entry in lines]} for name, lines in named if lines]

    def _line(self, entry: Entry) -> dict[str, Any]:
        part = self._request.path.strip("/").split("/")[0]
        return {
            "name": entry.name,
            "url": reverse(entry.url_name),
            "icon": entry.icon,
            "is_here": part == entry.part,
            "count": self._counts.get(entry.count),
        }

    @cached_property
    def _counts(self) -> dict[str, int]:
        reader = self._reader
        if reader is None:
            return {}
        seen = visible_cases(reader)
        counts = capped_counts(
            {
                "cases": mine(seen, reader),
                "series": Enrolment.objects.filter(state=EnrolmentState.RUNNING, case__in=seen),
                "doubts": MailDoubt.objects.filter(answer="", case__in=seen),
                "unsure": Message.objects.filter(state=MessageState.UNCONFIRMED.value, case__in=seen),
            }
        )
        counts["doubts"] += counts.pop("unsure")  # one page for both
        return counts

    @property
    def _reader(self) -> User | None:
        user = getattr(self._request, "user", None)
        return user if isinstance(user, User) else None
