"""Mailboxes: which there are, and how they do. Never how to sign in to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from ninja import Query
from pydantic import BaseModel, Field

from caseloop.accounts.access import WorkspaceRequest
from caseloop.api.paging import PageOf, Paging, page_of
from caseloop.api.refusals import existing
from caseloop.api.routes import Routes
from caseloop.api.scopes import Scope
from caseloop.api.values import Named
from caseloop.mail.models import Mailbox

routes = Routes("Mailboxes", for_managers="Mailboxes are for managers.")


class MailboxSaid(BaseModel):
    """An account that we send from and read."""

    id: int = Field(description="Its id.")
    name: str = Field(description="Its name.")
    address: str = Field(description="Its mail address.")
    sender_name: str = Field(description="The name that customers see, or empty.")
    queues: list[Named] = Field(description="The queues it sends for.")
    is_default: bool = Field(description="Whether it sends for all other queues.")
    is_on: bool = Field(description="Whether it is used.")
    connected_at: datetime | None = Field(description="When a round trip last proved that it sends and reads (UTC).")
    read_through_at: datetime | None = Field(description="Everything that came before is read and stored (UTC).")
    last_arrival_at: datetime | None = Field(description="When mail last arrived (UTC).")
    probe_folder: str = Field(description="The folder where our last probe came back, or empty.")
    reading_error: str = Field(description="Why it cannot be read, or empty.")
    sending_error: str = Field(description="Why it cannot send, or empty.")
    slow_down_until: datetime | None = Field(description="Its provider asked to go slowly until then (UTC).")


class MailboxFilters(Paging):
    pass


@routes.get("/mailboxes", PageOf[MailboxSaid], Scope.SETTINGS_READ)
def list_mailboxes(request: WorkspaceRequest, filters: Query[MailboxFilters]) -> PageOf[MailboxSaid]:
    """List the mailboxes, and how they do. By name."""
    return page_of(_rows().order_by("name", "pk"), filters, _said)


@routes.get("/mailboxes/{int:mailbox_id}", MailboxSaid, Scope.SETTINGS_READ)
def get_mailbox(request: WorkspaceRequest, mailbox_id: int) -> MailboxSaid:
    """Get one mailbox, and how it does."""
    return _said(existing(_rows().filter(pk=mailbox_id).first(), f"mailbox {mailbox_id}"))


def _rows() -> QuerySet[Mailbox]:
    return Mailbox.objects.defer("secret").prefetch_related("queues")


def _said(row: Mailbox) -> MailboxSaid:
    plain: dict[str, Any] = {name: getattr(row, name) for name in MailboxSaid.model_fields if name != "queues"}
    return MailboxSaid(**plain, queues=[Named(id=queue.pk, name=queue.name) for queue in row.queues.all()])
