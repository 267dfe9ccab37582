"""The queries behind `gather`, mails aside: one for each kind of fact, for all cases of a batch at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db.models import Count, ForeignKey, Max, Model, Q

from caseloop.cases.models import Activity, Case, ContactAddress, CustomField
from caseloop.cases.models.activity import ANSWER_KINDS, ActivityKind, ActivityState, Direction
from caseloop.database.lookups import Many
from caseloop.domain.actions import SuggestionKind
from caseloop.domain.facts import (
    Answer,
    EndedSeries,
    Label,
    MailboxState,
    Source,
    Suggestion,
)
from caseloop.domain.lifecycle import CaseStatus, SuggestionState
from caseloop.followups import slots
from caseloop.followups.models import Enrolment, SuggestedAction
from caseloop.mail.models import Message


def cases(case_ids: Sequence[int]) -> list[Case]:
    """The cases with what `gather` and the letters read of their neighbours, in id order.

    What many cases share is read and made once for all of them.
    """
    rows = Case.objects.filter(pk__any_of=Many(case_ids)).select_related("contact").defer("description")
    found = list(rows.order_by("pk"))
    for name in ("organization", "queue", "owner", "status_reason"):
        _share(found, name)
    return found


def bare_cases(case_ids: Sequence[int]) -> list[Case]:
    """The cases with nothing but what `gather` itself reads, in id order: enough to decide, not to write a letter."""
    columns = ("status", "status_reason_id", "no_automation", "hold_until", "next_move")
    keys = ("contact_id", "organization_id", "queue_id", "owner_id")
    rows = Case.objects.filter(pk__any_of=Many(case_ids)).select_related("contact")
    return list(rows.only(*columns, *keys, "contact__time_zone").order_by("pk"))


def _share(found: Sequence[Case], name: str) -> None:
    """One object for each row that this foreign key of the cases points to."""
    field = Case._meta.get_field(name)
    assert isinstance(field, ForeignKey)
    ids = {getattr(case, field.attname) for case in found} - {None}
    rows: dict[int | None, Model | None] = {None: None, **field.related_model._default_manager.in_bulk(ids)}
    for case in found:
        field.set_cached_value(case, rows[getattr(case, field.attname)])


def running(ids: Sequence[int]) -> Iterable[Enrolment]:
    return Enrolment.objects.filter(case_id__any_of=Many(ids), state="running")


def recorded_answer(at: datetime) -> Answer:
    """A call, chat, visit or portal entry of the customer."""
    return Answer(at=at, source=Source.RECORDED)


def recorded_contacts(ids: Sequence[int]) -> Iterator[tuple[int, tuple[str, datetime]]]:
    rows = Activity.objects.filter(case_id__any_of=Many(ids), kind__in=ANSWER_KINDS).exclude(
        direction=Direction.INTERNAL
    )
    for case_id, direction, at in rows.values_list("case_id", "direction", "occurred_at"):
        yield case_id, (direction, at)


def open_work(ids: Sequence[int], now: datetime) -> Iterator[tuple[int, tuple[str, datetime]]]:
    """Coming appointments (until their end) and open tasks whose due date lies ahead (spec 3.2)."""
    ahead = Q(kind=ActivityKind.TASK, due_at__gt=now) | Q(kind=ActivityKind.APPOINTMENT, due_at__gt=now)
    ahead |= Q(kind=ActivityKind.APPOINTMENT, ends_at__gt=now)
    rows = Activity.objects.filter(ahead, case_id__any_of=Many(ids), state=ActivityState.OPEN)
    for case_id, kind, due_at, ends_at in rows.values_list("case_id", "kind", "due_at", "ends_at"):
        if due_at is not None:
            yield case_id, (kind, ends_at or due_at)


@dataclass(frozen=True, slots=True)
class Actions:
    """The open suggestion of each case, and the steps that people skipped, as (series, when)."""

    open: dict[int, Suggestion]
    skips: dict[int, list[tuple[int, datetime]]]


def actions(ids: Sequence[int]) -> Actions:
    """What was suggested on these cases and still matters."""
    found = Actions({}, defaultdict(list))
    states = [SuggestionState.PROPOSED.value, SuggestionState.APPROVED.value, SuggestionState.SKIPPED.value]
    rows = SuggestedAction.objects.filter(case_id__any_of=Many(ids), state__in=states).order_by("decided_at")
    columns = ("case_id", "state", "kind", "step", "answered_message_id", "reason", "enrolment_id", "decided_at")
    for case_id, state, kind, step, answered, reason, series, at in rows.values_list(*columns):
        if state != SuggestionState.SKIPPED:
            found.open[case_id] = Suggestion(
                kind=SuggestionKind(kind),
                state=SuggestionState(state),
                step=step,
                answered_message_id=answered,
                reason=reason,
            )
        elif series is not None and at is not None:
            found.skips[case_id].append((series, at))
    return found


def addresses(found: Sequence[Case]) -> list[tuple[int, str, bool]]:
    """The addresses of the cases' contacts: whose, which, and whether mail to it arrives."""
    contact_ids = {case.contact_id for case in found if case.contact_id}
    rows = ContactAddress.objects.filter(contact_id__any_of=Many(contact_ids))
    columns = rows.values_list("contact_id", "address", "undeliverable_since")
    return [(contact_id, address, since is None) for contact_id, address, since in columns]


def recipients(found: Sequence[Case], known: Iterable[tuple[int, str, bool]]) -> dict[int, bool]:
    """Whether a case's contact has an address that is not marked undeliverable."""
    reachable = {contact_id for contact_id, _, arrives in known if arrives}
    return {case.pk: case.contact_id in reachable for case in found}


def ended_series(ids: Sequence[int]) -> Iterator[tuple[int, tuple[EndedSeries, bool]]]:
    """The series that are over, oldest first, and whether a person ended it: a new one may go on counting where they
    stopped (spec 2.4), or may not begin (2.5)."""
    rows = Enrolment.objects.filter(case_id__any_of=Many(ids), state="ended", ended_at__isnull=False).order_by(
        "started_at"
    )
    columns = ("case_id", "started_at", "ended_at", "end_reason", "ended_by__is_application_user")
    for case_id, started_at, ended_at, reason, is_by_agent in rows.values_list(*columns):
        if ended_at is not None:
            series = EndedSeries(started_at=started_at, ended_at=ended_at, end_reason=reason)
            yield case_id, (series, is_by_agent is False)


def resolved_at(found: Sequence[Case]) -> Iterable[tuple[int, datetime]]:
    """When the resolved ones among these cases were resolved last."""
    ids = [case.pk for case in found if case.status == CaseStatus.RESOLVED]
    if not ids:
        return ()
    rows = Case.objects.filter(pk__any_of=Many(ids), resolutions__reopening__isnull=True)
    return rows.values("pk").annotate(at=Max("resolutions__resolved_at")).values_list("pk", "at")


def upset_contacts(found: Sequence[Case]) -> set[int]:
    """Cases whose contact wrote a negative answer on *another* case that nobody has dealt with yet (spec 3.6)."""
    contact_ids = {case.contact_id for case in found if case.contact_id}
    rows = Message.objects.filter(
        case__contact_id__any_of=Many(contact_ids),
        case__status=CaseStatus.ACTIVE.value,
        case__next_move="us",
        direction="in",
        reading__label=Label.NEGATIVE.value,
        reading__verdict="",
    )
    angry: dict[int, set[int]] = {}
    for contact_id, case_id in rows.values_list("case__contact_id", "case_id"):
        angry.setdefault(contact_id, set()).add(case_id)
    return {case.pk for case in found if angry.get(case.contact_id or 0, set()) - {case.pk}}


def budget(found: Sequence[Case], known: Iterable[tuple[int, str, bool]], hours: int) -> dict[int, datetime]:
    """When the contact's addresses may get an automatic mail again (spec 3.12)."""
    if hours == 0:
        return {}
    owners = {address: contact_id for contact_id, address, _ in known}
    free: dict[int, datetime] = {}
    for address, (taken_at, _) in slots.taken(owners).items():
        contact_id = owners[address]
        free[contact_id] = max(free.get(contact_id, taken_at), taken_at + timedelta(hours=hours))
    return {case.pk: free[case.contact_id] for case in found if case.contact_id in free}


def owner_room(found: Sequence[Case], per_day: int, now: datetime) -> dict[int, datetime]:
    """For cases whose owner has got today's suggestions already: tomorrow (spec 3.5)."""
    given = suggested_today({case.owner_id for case in found if case.owner_id}, now)
    full = {owner for owner, number in given.items() if number >= per_day}
    tomorrow = datetime.combine(now.astimezone(UTC).date(), time.min, UTC) + timedelta(days=1)
    return {case.pk: tomorrow for case in found if case.owner_id in full}


def suggested_today(owner_ids: Iterable[int], now: datetime) -> dict[int, int]:
    """How many suggestions each of these owners has got today (UTC), whatever became of them."""
    today = datetime.combine(now.astimezone(UTC).date(), time.min, UTC)
    rows = SuggestedAction.objects.filter(case__owner_id__any_of=Many(list(owner_ids)), created_at__gte=today).exclude(
        decided_by__is_application_user=True
    )
    return dict(rows.values("case__owner_id").annotate(n=Count("pk")).values_list("case__owner_id", "n"))


def blockers(found: Sequence[Case]) -> dict[int, tuple[str, ...]]:
    """What would keep the agent from resolving: required fields that are empty, open child cases (spec 3.4)."""
    required = list(CustomField.objects.filter(is_required_to_resolve=True))
    ids = [case.pk for case in found]
    children = Case.objects.filter(parent_id__any_of=Many(ids), status=CaseStatus.ACTIVE.value)
    parents = dict(children.values("parent_id").annotate(n=Count("pk")).values_list("parent_id", "n"))
    result: dict[int, tuple[str, ...]] = {}
    for case in found:
        lines = [f"the field “{f.label}” is required" for f in required if case.custom.get(f.key) in (None, "")]
        if case.pk in parents:
            lines.append(f"{parents[case.pk]} open child case{'s' if parents[case.pk] > 1 else ''}")
        if lines:
            result[case.pk] = tuple(lines)
    return result


def zone_of(case: Case, known: Sequence[MailboxState]) -> str:
    """The customer's zone, or UTC where none is known that this machine knows."""
    zone = case.contact.time_zone if case.contact else ""
    try:
        return zone if zone and ZoneInfo(zone) else "UTC"
    except (ZoneInfoNotFoundError, ValueError):
        return "UTC"
