"""Who may see which cases? The one place, for pages, API, search, feed and exports (spec 1.1)."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from caseloop.accounts.models import Role, User
from caseloop.cases.models import Case, Contact, Organization, Queue


def visible_queues(user: User) -> QuerySet[Queue]:
    """The queues whose cases `user` may see: open ones, and those of the user's teams; configuring roles and auditors
    see all."""
    if user.role in (Role.ADMINISTRATOR, Role.MANAGER, Role.AUDITOR):
        return Queue.objects.all()
    return Queue.objects.filter(Q(is_open_to_all=True) | Q(teams__members=user)).distinct()


def visible_cases(user: User) -> QuerySet[Case]:
    """The cases that `user` may see: those of visible queues, and their own."""
    if user.role in (Role.ADMINISTRATOR, Role.MANAGER, Role.AUDITOR):
        return Case.objects.all()
    return Case.objects.filter(Q(queue__in=visible_queues(user)) | Q(owner=user))


def visible_contacts(user: User) -> QuerySet[Contact]:
    """The contacts of the cases that `user` may see, and those without any case."""
    if user.role in (Role.ADMINISTRATOR, Role.MANAGER, Role.AUDITOR):
        return Contact.objects.all()
    seen = visible_cases(user).filter(contact__isnull=False).values("contact_id")
    return Contact.objects.filter(Q(pk__in=seen) | Q(cases__isnull=True))


def visible_organizations(user: User) -> QuerySet[Organization]:
    """The organizations of the cases that `user` may see, and those without any case."""
    if user.role in (Role.ADMINISTRATOR, Role.MANAGER, Role.AUDITOR):
        return Organization.objects.all()
    seen = visible_cases(user).filter(organization__isnull=False).values("organization_id")
    return Organization.objects.filter(Q(pk__in=seen) | Q(cases__isnull=True))
