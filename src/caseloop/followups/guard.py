"""How much may a rule do right now? The ramp after activation and after stops, and the daily bound (spec 2.11)."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q

from caseloop.accounts.models import User
from caseloop.administration.models import GlobalSettings
from caseloop.cases.models import Case
from caseloop.domain.calendar import working_day_after
from caseloop.domain.facts import Guard
from caseloop.domain.lifecycle import RuleState
from caseloop.domain.policy import Level
from caseloop.followups import calendars
from caseloop.followups.models import Enrolment, GuardDay, Rule, RuleRamp
from caseloop.followups.waiting import mark_waiting

STOP = timedelta(hours=4)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
HOURS_OF_RAMP = 12
"""After that the ramp alone allows more than any mailbox can send."""
NEVER_BOUND_BELOW = 20
USUAL_AFTER_DAYS = 5
BOUNCES_COUNT_FROM = 20
BOUNCES_BELOW_PERCENT = 5


@dataclass(frozen=True, slots=True)
class Left:
    """What a rule may still do: `by_ramp` until `again_at`, `by_day` before a manager's yes (`bound` says why)."""

    by_ramp: int
    again_at: datetime
    by_day: int
    bound: str = ""


def guards(rules: Sequence[Rule], settings: GlobalSettings, now: datetime) -> dict[int, Guard]:
    """What each active rule is allowed at `now`; reads only, in a fixed number of queries."""
    watched = [rule for rule in rules if _acts_by_itself(rule)]
    ramps = _ramps(watched)
    left = _left(_bound(watched, ramps, now), ramps, settings, now, wanted={})
    return {rule.pk: _guard(left.get(rule.pk), ramps.get(rule.pk)) for rule in rules}


def _guard(left: Left | None, ramp: RuleRamp | None) -> Guard:
    no_resolving_before = ramp.no_resolving_before if ramp else None
    if left is None:
        return Guard(no_resolving_before=no_resolving_before)
    return Guard(
        admits=left.by_ramp > 0,
        admits_again_at=left.again_at,
        needs_yes=left.by_day <= 0,
        no_resolving_before=no_resolving_before,
    )


def left_for(wanted: dict[int, int], settings: GlobalSettings, now: datetime) -> dict[int, Left]:
    """What is left for the rules that want so many acts, counted while nobody else can count: for the transaction that
    does the acts. A day that goes over its bound is written down for a manager. Rules without a bound are not in it."""
    rules = list(Rule.objects.filter(pk__in=wanted).order_by("pk"))
    watched = _bound(rules, _ramps(rules), now)
    if not watched:
        return {}
    list(RuleRamp.objects.select_for_update().filter(rule__in=watched).order_by("pk").values_list("pk"))
    left = _left(watched, _ramps(watched), settings, now, wanted)
    for rule in watched:
        if left[rule.pk].by_day < wanted[rule.pk]:
            ask_for_yes(rule, left[rule.pk].bound, now)
    return left


def ask_for_yes(rule: Rule, bound: str, now: datetime) -> None:
    """The rule's day waits for a manager's yes; it stands in their list once."""
    GuardDay.objects.bulk_create([GuardDay(rule=rule, day=now.date(), reason=bound[:300])], ignore_conflicts=True)


def _acts_by_itself(rule: Rule) -> bool:
    return rule.level == Level.FULL.value or rule.takes_silences_up_to_days is not None


def _ramps(rules: Collection[Rule]) -> dict[int, RuleRamp]:
    return {ramp.rule_id: ramp for ramp in RuleRamp.objects.filter(rule__in=rules)} if rules else {}


def _bound(rules: Sequence[Rule], ramps: dict[int, RuleRamp], now: datetime) -> list[Rule]:
    """The rules whose acts have to be counted: all but those past their ramp that have today's yes and no daily cap."""
    free = _allowed_today(now) if any(_is_past(ramps.get(rule.pk), now) for rule in rules) else set()
    return [r for r in rules if r.pk not in free or r.daily_cap is not None or not _is_past(ramps.get(r.pk), now)]


def _is_past(ramp: RuleRamp | None, now: datetime) -> bool:
    return _hour_of_ramp(ramp, now)[0] >= HOURS_OF_RAMP


def _allowed_today(now: datetime) -> set[int]:
    """The rules whose (UTC) day a manager has allowed."""
    return set(GuardDay.objects.filter(day=now.date(), allowed_by__isnull=False).values_list("rule_id", flat=True))


def _left(
    rules: Sequence[Rule],
    ramps: dict[int, RuleRamp],
    settings: GlobalSettings,
    now: datetime,
    wanted: dict[int, int],
) -> dict[int, Left]:
    if not rules:
        return {}
    hours = {rule.pk: _hour_of_ramp(ramps.get(rule.pk), now) for rule in rules}
    done = _done(rules, hours, now)
    yes = _allowed_today(now)
    near = [r for r in rules if r.pk not in yes and done[r.pk].today + max(1, wanted.get(r.pk, 1)) > NEVER_BOUND_BELOW]
    bounds = _bounds(near, settings, now)
    found: dict[int, Left] = {}
    for rule in rules:
        count, (hour, since) = done[rule.pk], hours[rule.pk]
        by_ramp = settings.guard_first_hour * 2**hour - max(count.this_hour, count.admitted)
        by_cap = rule.daily_cap - count.today if rule.daily_cap is not None else by_ramp
        bound, number = bounds.get(rule.pk, ("", count.today + max(1, wanted.get(rule.pk, 1))))
        found[rule.pk] = Left(
            by_ramp=max(0, min(by_ramp, by_cap)),
            again_at=next_day(now) if by_cap < max(1, by_ramp) else since + HOUR,
            by_day=max(0, number - count.today),
            bound=bound,
        )
    return found


def _hour_of_ramp(ramp: RuleRamp | None, now: datetime) -> tuple[int, datetime]:
    """The number of the ramp's present hour, and when it began. Without a ramp the rule has not been seen running."""
    if ramp is None:
        return 0, now - HOUR
    passed = max(0, int((now - ramp.began_at) / HOUR))
    return min(passed, HOURS_OF_RAMP), min(ramp.began_at + passed * HOUR, now)


@dataclass(slots=True)
class _Done:
    today: int = 0
    this_hour: int = 0
    admitted: int = 0


def _done(rules: Sequence[Rule], hours: dict[int, tuple[int, datetime]], now: datetime) -> dict[int, _Done]:
    """Automatic mails and closings that each rule has begun, and old silences that it has taken; one query.

    What was dropped before it was handed over is none. The times are also told as values, so that the planner knows
    how few series began since then: else it reads all of them.
    """
    ids = [rule.pk for rule in rules]
    since = [hours[pk][1] for pk in ids]
    earliest = min([_today(now), *since])
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH watched AS (SELECT * FROM unnest(%(ids)s::bigint[], %(since)s::timestamptz[]) AS w(rule_id, since))
            SELECT w.rule_id, count(*) FILTER (WHERE a.created_at >= %(today)s),
                   count(*) FILTER (WHERE a.created_at >= w.since),
                   (SELECT count(*) FROM followups_enrolment o
                     WHERE o.rule_id = w.rule_id AND o.started_at >= w.since AND o.is_old_silence
                       AND o.started_at >= %(this_hour)s)
              FROM watched w
              LEFT JOIN (followups_suggestedaction a
                         JOIN accounts_user u ON u.id = a.decided_by_id AND u.is_application_user
                         JOIN followups_enrolment e ON e.id = a.enrolment_id)
                     ON e.rule_id = w.rule_id AND a.created_at >= %(earliest)s AND a.state IN ('approved', 'done')
             GROUP BY w.rule_id, w.since""",
            {"ids": ids, "since": since, "today": _today(now), "earliest": earliest, "this_hour": min(since)},
        )
        return {rule_id: _Done(today, this_hour, admitted) for rule_id, today, this_hour, admitted in cursor.fetchall()}


def _bounds(rules: Sequence[Rule], settings: GlobalSettings, now: datetime) -> dict[int, tuple[str, int]]:
    """The lowest bound of each rule's day, and how it is said."""
    if not rules:
        return {}
    share, per_day = settings.guard_share_percent, settings.guard_per_day
    enough = per_day * 100 // max(1, share) + 1  # with more cases than that the other bound is the lower one
    active = Case.objects.filter(status="active").values("pk")[:enough].count()
    usual = _usual_days(rules, now)
    found: dict[int, tuple[str, int]] = {}
    for rule in rules:
        bounds = [
            (f"more than {per_day} acts in a day", per_day),
            (
                f"more than {share} % of the active cases in a day",
                max(NEVER_BOUND_BELOW, active * share // 100),
            ),
        ]
        if rule.pk in usual:
            times = settings.guard_times_median
            bounds.append(
                (f"more than {times} times its usual day", max(NEVER_BOUND_BELOW, int(usual[rule.pk] * times)))
            )
        found[rule.pk] = min(bounds, key=lambda bound: bound[1])
    return found


def _usual_days(rules: Sequence[Rule], now: datetime) -> dict[int, float]:
    """The median of each rule's days with acts, of the last 30; none for a rule with fewer than five."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT e.rule_id, count(*)
              FROM followups_suggestedaction a
              JOIN accounts_user u ON u.id = a.decided_by_id AND u.is_application_user
              JOIN followups_enrolment e ON e.id = a.enrolment_id
             WHERE a.created_at >= %s AND a.created_at < %s AND a.state IN ('approved', 'done')
               AND e.rule_id = ANY(%s)
             GROUP BY e.rule_id, (a.created_at AT TIME ZONE 'UTC')::date""",
            [now - 30 * DAY, _today(now), [rule.pk for rule in rules]],
        )
        days: dict[int, list[int]] = defaultdict(list)
        for rule_id, number in cursor.fetchall():
            days[rule_id].append(number)
    return {pk: statistics.median(numbers) for pk, numbers in days.items() if len(numbers) >= USUAL_AFTER_DAYS}


def next_day(now: datetime) -> datetime:
    """When the next day of the guard begins (UTC)."""
    return _today(now) + DAY


def _today(now: datetime) -> datetime:
    return datetime.combine(now.astimezone(UTC).date(), time.min, UTC)


@transaction.atomic
def heartbeat(now: datetime) -> int:
    """Say that the loop is running; a gap of more than four hours was a stop, and ramps begin again after it.

    For one working day after such a stop nothing is resolved. While the way out is in trouble, or too many mails come
    back, a ramp stands still. Returns how many rules begin again. To be called before a worker's first look.
    """
    settings = GlobalSettings.current()
    if not settings.is_on or settings.stopped_at is not None:
        return 0
    finishing = Enrolment.objects.filter(rule=OuterRef("pk"), state="running", may_finish=True)
    active = Rule.objects.filter(Q(state=RuleState.ACTIVE.value) | Q(Exists(finishing)))
    missing = active.filter(ramp__isnull=True)
    RuleRamp.objects.bulk_create(
        [RuleRamp(rule=rule, began_at=now, last_seen_at=now) for rule in missing], ignore_conflicts=True
    )
    ramps = list(RuleRamp.objects.select_for_update(of=("self",)).filter(rule__in=active).order_by("pk"))
    stopped = [ramp for ramp in ramps if ramp.last_seen_at < now - STOP]
    again_at = _resolving_again_at(now) if stopped else None
    unhealthy = _unhealthy([ramp.rule_id for ramp in ramps], now)
    for ramp in ramps:
        if ramp in stopped:
            ramp.began_at, ramp.no_resolving_before = now, again_at
        elif ramp.rule_id in unhealthy and now > ramp.last_seen_at:
            ramp.began_at += now - ramp.last_seen_at
        ramp.last_seen_at = max(ramp.last_seen_at, now)
    RuleRamp.objects.bulk_update(ramps, ["began_at", "last_seen_at", "no_resolving_before"])
    return len(stopped)


def _resolving_again_at(now: datetime) -> datetime:
    calendar = calendars.load(now.year).default_calendar
    return working_day_after(calendar.next_working_day_after(now.date()), calendar)


def _unhealthy(rule_ids: Sequence[int], now: datetime) -> set[int]:
    """Rules of whose automatic mails of the last day too many came back, or whose mailbox is in trouble."""
    if not rule_ids:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT e.rule_id
              FROM followups_suggestedaction a
              JOIN accounts_user u ON u.id = a.decided_by_id AND u.is_application_user
              JOIN followups_enrolment e ON e.id = a.enrolment_id
              JOIN mail_message m ON m.id = a.message_id
              JOIN mail_mailbox b ON b.id = m.mailbox_id
             WHERE a.created_at >= %(since)s AND e.rule_id = ANY(%(ids)s)
             GROUP BY e.rule_id
            HAVING bool_or(b.sending_error <> '')
                OR (count(*) >= %(least)s
                    AND count(*) FILTER (WHERE m.bounce <> '' OR m.state = 'refused') * 100 >= count(*) * %(percent)s)
            """,
            {
                "since": now - DAY,
                "ids": list(rule_ids),
                "least": BOUNCES_COUNT_FROM,
                "percent": BOUNCES_BELOW_PERCENT,
            },
        )
        return {row[0] for row in cursor.fetchall()}


def begin(rule: Rule, now: datetime) -> None:
    """The ramp of a rule that has just been activated."""
    RuleRamp.objects.update_or_create(
        rule=rule, defaults={"began_at": now, "last_seen_at": now, "no_resolving_before": None}
    )


@transaction.atomic
def allow_today(rule: Rule, by: User, now: datetime) -> None:
    """A manager's yes for the rest of the (UTC) day; what waited for it is looked at."""
    GuardDay.objects.filter(rule=rule, day=now.date()).update(allowed_by=by, allowed_at=now)
    mark_waiting(now)
