"""The loop's one turn: claim due cases, look at them, decide, act (design 1).

The claim is a lease. Results are written only where the lease is still ours: a mark that came between has taken it
away, and then the old look is thrown away and the case is looked at again.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.db import DatabaseError, connection, transaction
from django.db.models import F

from caseloop.cases.models import CaseReview
from caseloop.database.lookups import Many
from caseloop.database.trouble import is_in_trouble
from caseloop.domain.actions import ProveSilence, Resolve, Wait
from caseloop.domain.decide import decide
from caseloop.followups import endings
from caseloop.followups.breaking import break_rules
from caseloop.followups.conditions.errors import BadCondition
from caseloop.followups.gather import World, gather
from caseloop.followups.locking import lock_cases
from caseloop.followups.perform import perform
from caseloop.followups.planned import Planned
from caseloop.followups.prepare import Helpers, prepare

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
FAILED_AGAIN_AFTER = timedelta(hours=1)
BATCH = 400


def review_due(
    clock: Callable[[], datetime],
    helpers: Helpers,
    limit: int = BATCH,
    *,
    on_full: Callable[[], object] = lambda: None,
) -> int:
    """Look at up to `limit` due cases, the longest due first; returns how many there were.

    When there were so many, `on_full` is called before they are looked at: there may be more for somebody else.
    A case that fails by itself is moved an hour ahead with its error, and the rest of its batch is redone one by one.
    A lost database raises; the leases end by themselves.
    """
    now = clock()
    lease = uuid.uuid4()
    ids = claim(now, lease, limit)
    if len(ids) >= limit:
        on_full()
    if ids:
        _review(ids, lease, clock, helpers)
    return len(ids)


def claim(now: datetime, lease: uuid.UUID, limit: int) -> list[int]:
    """Give up to `limit` due cases to `lease` for five minutes, in one short statement of its own.

    The choice is fenced: as a mere subquery it may be made again for each row when statistics are stale.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH due AS MATERIALIZED (
                 SELECT case_id FROM cases_casereview
                  WHERE review_at <= %s AND (leased_until IS NULL OR leased_until <= %s)
                  ORDER BY review_at LIMIT %s FOR UPDATE SKIP LOCKED)
            UPDATE cases_casereview r SET lease = %s, leased_until = %s, attempts = attempts + 1
              FROM due WHERE r.case_id = due.case_id
            RETURNING r.case_id""",
            [now, now, limit, lease, now + LEASE],
        )
        return sorted(row[0] for row in cursor.fetchall())


def _review(ids: Sequence[int], lease: uuid.UUID, clock: Callable[[], datetime], helpers: Helpers) -> None:
    try:
        _look_and_act(ids, lease, clock, helpers)
    except Exception as error:  # the edge of a loop that must go on
        if is_in_trouble(error):
            raise  # no case is to blame: the whole batch comes back when its lease ends
        if isinstance(error, DatabaseError | BadCondition) and break_rules(clock(), ids):
            _review(ids, lease, clock, helpers)
        elif len(ids) > 1:
            for case_id in ids:
                _review([case_id], lease, clock, helpers)
        else:
            log.exception("case %s cannot be reviewed", ids[0])
            _put_aside(ids[0], lease, clock(), error)


def _look_and_act(ids: Sequence[int], lease: uuid.UUID, clock: Callable[[], datetime], helpers: Helpers) -> None:
    closed = _close(_closing_next(ids), lease, clock)
    ids = [pk for pk in ids if pk not in closed]
    if not ids:
        return
    now = clock()
    world = World.at(now)
    looks = gather(ids, now, world)
    decided = [(look, decide(look.facts, look.policy, now)) for look in looks.values()]
    planned: list[Planned] = prepare(decided, world.settings, helpers, now)
    with transaction.atomic():
        lock_cases([plan.look.case.id for plan in planned if _changes_its_case(plan)])
        mine = _still_mine(ids, lease)
        act_at = clock()
        perform(endings.confirmed([plan for plan in planned if plan.look.case.id in mine], act_at), world, act_at)
        gone = mine - set(looks)
        CaseReview.objects.filter(pk__any_of=Many(gone)).delete()


def _closing_next(ids: Sequence[int]) -> list[int]:
    rows = CaseReview.objects.filter(pk__any_of=Many(ids), closes_next=True).order_by("pk")
    return list(rows.values_list("pk", flat=True))


def _close(ids: Sequence[int], lease: uuid.UUID, clock: Callable[[], datetime]) -> set[int]:
    """Close those of these cases that can be closed without another word to anybody; returns which have been decided.

    They are looked at once, under their locks: nothing is to be prepared for them meanwhile, so one look does for both.
    """
    if not ids:
        return set()
    with transaction.atomic():
        lock_cases(ids)
        mine = _still_mine(ids, lease)
        now = clock()
        world = World.at(now)
        looks = gather(sorted(mine), now, world).values()
        planned = [Planned(look=look, action=decide(look.facts, look.policy, now)) for look in looks]
        closing = [plan for plan in planned if isinstance(plan.action, Resolve) and not endings.owes_notice(plan)]
        if closing:
            perform(closing, world, now)
    return {plan.look.case.id for plan in closing}


def _changes_its_case(plan: Planned) -> bool:
    """Whether more than the review itself may be written."""
    return not isinstance(plan.action, Wait | ProveSilence) or plan.look.facts.suggestion is not None


def _still_mine(ids: Sequence[int], lease: uuid.UUID) -> set[int]:
    """Lock the reviews whose lease is ours, in case-id order; marks wait until we have written.

    Cases are locked before their reviews, as everybody does who changes a case and marks it.
    """
    rows = CaseReview.objects.select_for_update().filter(pk__any_of=Many(ids), lease=lease).order_by("pk")
    return set(rows.values_list("pk", flat=True))


def _put_aside(case_id: int, lease: uuid.UUID, now: datetime, error: Exception) -> None:
    CaseReview.objects.filter(pk=case_id, lease=lease).update(
        review_at=now + FAILED_AGAIN_AFTER,
        lease=None,
        leased_until=None,
        last_error=f"{type(error).__name__}: {error}"[:500],
        attempts=F("attempts"),
    )
