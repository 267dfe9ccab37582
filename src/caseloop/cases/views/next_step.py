"""What does the list say about a case: what is next, whose move it is, and how far its series has come?"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from caseloop.domain.actions import SuggestionKind


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """`title` is what to do or what comes, `at` is when; `states` mark the steps of the series, the last its end."""

    title: str
    note: str = ""
    at: datetime | None = None
    needs_person: bool = False
    states: list[str] = field(default_factory=list)
    steps_done: int = 0
    steps: int = 0


def next_step(row: Any, now: datetime) -> NextStep:
    """For a case of `case_views.with_next_step`."""
    steps = int(row.series_follow_ups or 0)
    done = min(int(row.series_done or (1 if row.series_counts_persons_mail else 0)), steps)
    title, note, at, needs_person = _words(row, done, steps, now)
    states = _states(done, steps, is_stopped=needs_person and row.action_kind in STOPPED) if steps else []
    return NextStep(
        title=title, note=note, at=at, needs_person=needs_person, states=states, steps_done=done, steps=steps
    )


STOPPED = (SuggestionKind.REPLY_TO_CUSTOMER, SuggestionKind.NEEDS_ATTENTION)
TITLES = {
    SuggestionKind.REPLY_TO_CUSTOMER: "Reply to customer",
    SuggestionKind.RESOLVE_CASE: "Resolve case",
    SuggestionKind.NEEDS_ATTENTION: "Needs attention",
}


def _words(row: Any, done: int, steps: int, now: datetime) -> tuple[str, str, datetime | None, bool]:
    if row.has_doubt:
        return "Does a mail answer this case?", "nothing is sent or closed until somebody says", None, True
    if row.action_state == "proposed":
        return _title(row, steps), "since", row.action_at, True
    if row.action_state == "approved":
        return _title(row, steps), "being done", None, False
    if row.status != "active":
        return row.get_status_display(), "", None, False
    if row.no_automation:
        return "No automation", "nothing is drafted, sent or resolved", None, False
    if row.hold_until and row.hold_until > now:
        return "Held", row.hold_reason or "until", row.hold_until, False
    if steps:
        title = f"Follow-up {done + 1} of {steps}" if done < steps else "Resolve"
        due = row.review.review_at if hasattr(row, "review") else None
        how = "by itself" if row.series_level == "full" else "then for you to review"
        return title, how, due if due and due > now else None, False
    if row.next_move == "us" and row.last_said == "favorable":
        return "Customer says solved", "resolve it, or correct the reading", None, False
    if row.next_move == "us":
        return "No follow-up planned", "our answer is still missing", None, False
    return "No follow-up planned", "", None, False


def _title(row: Any, steps: int) -> str:
    kind = SuggestionKind(row.action_kind)
    if kind in TITLES:
        return TITLES[kind]
    number = f" {row.action_step}" + (f" of {steps}" if steps else "") if row.action_step else ""
    return f"Review and send follow-up{number}" if row.action_state == "proposed" else f"Follow-up{number}"


def _states(done: int, steps: int, *, is_stopped: bool) -> list[str]:
    marks = ["done"] * done + ["stop" if is_stopped else "now"]
    return (marks + [""] * (steps + 1 - len(marks)))[: steps + 1]
