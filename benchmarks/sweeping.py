"""The review loop and the safety sweep on one database, a piece at a time, as whoever measures asks for it."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection

from benchmarks.measuring import measured
from benchmarks.processes import Line
from caseloop.administration import clock
from caseloop.cases.models import CaseReview
from caseloop.domain.lifecycle import MessageState
from caseloop.followups.prepare import Helpers
from caseloop.followups.review import review_due
from caseloop.followups.sweep import sweep
from caseloop.mail.models import Message

TOMORROW = timedelta(days=1)


def serve(line: Line, *, due: int, groups: int, profile: bool = False) -> None:
    """Each question `reviews` makes one group of `due` cases due and lets the loop look at them."""
    helpers = Helpers.builtin()
    ids = old_enough(due * groups)
    CaseReview.objects.filter(review_at__lte=clock.now()).update(review_at=clock.now() + TOMORROW)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM cases_casereview")
    line.wait()
    group = 0
    line.say(None)
    for question in line.questions():
        if question == "sweep":
            now = clock.now()
            with measured() as spent:
                sweep(now)
            line.say(spent.told())
            continue
        CaseReview.objects.filter(pk__in=ids[group::groups]).update(review_at=clock.now())
        group += 1
        before = _written()
        with measured(profile=profile and group == groups) as spent:
            while review_due(clock.now, helpers):
                pass
        line.say({**spent.told(), "written": _written() - before})


def old_enough(number: int) -> list[int]:
    """Cases whose wait is over and that nobody has followed up yet, in id order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.case_id FROM followups_enrolment e"
            " WHERE e.state = 'running' AND e.started_at < now() - interval '48 hours'"
            " AND NOT EXISTS (SELECT 1 FROM followups_suggestedaction a WHERE a.case_id = e.case_id)"
            " ORDER BY e.started_at LIMIT %s",
            [number],
        )
        return sorted(row[0] for row in cursor.fetchall())


def _written() -> int:
    return Message.objects.filter(state=MessageState.APPROVED.value).count()
