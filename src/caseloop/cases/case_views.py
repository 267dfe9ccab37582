"""Which views of the cases are there, and which cases stand in each? (spec 6.1)

What other parts know about a case (a suggested action, a series, a reading) is asked by the names of its relations, so
that nothing here depends on those parts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now

from caseloop.accounts.models import User
from caseloop.cases.models import Case, Queue
from caseloop.domain.lifecycle import CaseStatus

ACTIVE = CaseStatus.ACTIVE.value


@dataclass(frozen=True, slots=True)
class CaseView:
    """A named part of the cases that a user may see."""

    key: str
    name: str
    what: str
    choose: Callable[[QuerySet[Case], User], QuerySet[Case]]


def mine(cases: QuerySet[Case], user: User) -> QuerySet[Case]:
    return cases.filter(status=ACTIVE, owner=user)


def needing(cases: QuerySet[Case], user: User) -> QuerySet[Case]:
    """Active cases with something to approve or decide: the user's, and those of their queues nobody attends to."""
    return mine_or_unowned(cases, user).filter(suggested_actions__state="proposed")


def unread(cases: QuerySet[Case], user: User) -> QuerySet[Case]:
    """Cases with a mail of a human that nobody has opened yet (spec 3.6)."""
    return mine_or_unowned(cases, user).filter(_has_unread())


def in_queues(cases: QuerySet[Case], user: User) -> QuerySet[Case]:
    return cases.filter(status=ACTIVE, queue__in=queues_of(user))


def waiting(cases: QuerySet[Case], user: User) -> QuerySet[Case]:
    return cases.filter(status=ACTIVE, next_move="customer")


def says_solved(cases: QuerySet[Case], user: User) -> QuerySet[Case]:
    """The customer's last human mail is read as favorable, and nobody has written since (spec 3.6)."""
    last = _last_human_mail()
    answered = Q(last_outbound_at__isnull=True) | Q(last_outbound_at__lt=F("last_human_at"))
    return (
        cases.filter(status=ACTIVE, next_move="us", last_inbound_at__isnull=False)
        .annotate(
            last_human_at=Subquery(last.values("messages__occurred_at")[:1]),
            last_label=Subquery(last.values("messages__reading__label")[:1]),
        )
        .filter(answered, last_label="favorable")
    )


def _last_human_mail() -> QuerySet[Case]:
    human = Case.objects.filter(pk=OuterRef("pk"), messages__direction="in", messages__kind="human")
    return human.order_by(F("messages__occurred_at").desc())


def resolved(cases: QuerySet[Case], user: User) -> QuerySet[Case]:
    return cases.filter(status=CaseStatus.RESOLVED.value)


def every(cases: QuerySet[Case], user: User) -> QuerySet[Case]:
    return cases


VIEWS = (
    CaseView("mine", "Mine", "Your active cases, what needs you first", mine),
    CaseView("needs-me", "Needs me", "Cases with something for you to approve or decide", needing),
    CaseView("unread", "Unread", "Cases with an answer that nobody has opened", unread),
    CaseView("queues", "My queues", "Active cases in your queues, what needs somebody first", in_queues),
    CaseView("waiting", "Waiting for customer", "Active cases whose next move is the customer’s", waiting),
    CaseView(
        "solved",
        "Customer says solved",
        "Favorable answers: resolve these cases, or correct the reading",
        says_solved,
    ),
    CaseView("resolved", "Resolved", "Resolved cases, the latest first", resolved),
    CaseView("all", "All", "All cases that you may see", every),
)
BY_KEY = {view.key: view for view in VIEWS}


def mine_or_unowned(cases: QuerySet[Case], user: User) -> QuerySet[Case]:
    """The user's cases, and those of their queues that nobody owns, or whose owner is away (spec 1.1)."""
    unattended = Q(owner__isnull=True) | Q(owner__away_until__gt=Now())
    return cases.filter(Q(owner=user) | unattended & Q(queue__in=queues_of(user)), status=ACTIVE)


def queues_of(user: User) -> QuerySet[Queue]:
    """The queues of the user's teams; for somebody without a team, those that are open to all."""
    own = Queue.objects.filter(teams__members=user)
    return Queue.objects.filter(Q(pk__in=own.values("pk")) | Q(is_open_to_all=True, teams__isnull=True))


def matching(cases: QuerySet[Case], words: str) -> QuerySet[Case]:
    """Cases whose number, title, contact, address or organization contains `words`, without regard to case."""
    words = words.strip()
    if not words:
        return cases
    return cases.filter(
        Q(number__istartswith=words)
        | Q(title_folded__contains=words.lower())
        | Q(contact__name__icontains=words)
        | Q(organization__name__icontains=words)
        | Exists(_with_address(words))
    )


def _with_address(words: str) -> QuerySet[Case]:
    return Case.objects.filter(pk=OuterRef("pk"), contact__addresses__address__icontains=words.lower())


def _has_unread() -> Exists:
    return Exists(
        Case.objects.filter(
            pk=OuterRef("pk"),
            messages__direction="in",
            messages__kind="human",
            messages__opened_at__isnull=True,
        )
    )


def with_next_step(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Each case with its open suggested action, its running series and how far that has come, in the same statement."""
    done = Case.objects.filter(
        pk=OuterRef("pk"),
        enrolments__state="running",
        enrolments__actions__state="done",
        enrolments__actions__kind__in=["send_follow_up", "send_next_follow_up"],
    ).order_by("-enrolments__actions__step")
    return cases.annotate(
        open_action=FilteredRelation(
            "suggested_actions", condition=Q(suggested_actions__state__in=["proposed", "approved"])
        ),
        running=FilteredRelation("enrolments", condition=Q(enrolments__state="running")),
    ).annotate(
        action_kind=F("open_action__kind"),
        action_state=F("open_action__state"),
        action_step=F("open_action__step"),
        action_reason=F("open_action__reason"),
        action_at=F("open_action__created_at"),
        series_rule=F("running__rule__name"),
        series_follow_ups=F("running__policy__follow_ups"),
        series_counts_persons_mail=F("running__policy__counts_persons_mail"),
        series_level=F("running__policy__level"),
        series_done=Subquery(done.values("enrolments__actions__step")[:1]),
        last_said=Subquery(_last_human_mail().values("messages__reading__label")[:1]),
        has_unread=_has_unread(),
        has_doubt=Exists(Case.objects.filter(pk=OuterRef("pk"), doubts__answer="")),
    )
