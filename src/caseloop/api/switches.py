"""The switches above everything: the master switch, and stopping all sending (spec 1.4)."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from caseloop.accounts.access import WorkspaceRequest
from caseloop.administration.models import GlobalSettings
from caseloop.api.routes import Routes
from caseloop.api.scopes import Scope
from caseloop.api.values import Flag, Input, Named, named
from caseloop.followups import rules

routes = Routes("Settings", for_managers="Settings are for managers.")


class SettingsSaid(BaseModel):
    """The switches, and whom mail reaches."""

    is_on: bool = Field(description="The master switch: without it nothing is started, sent or closed automatically.")
    is_stopped: bool = Field(description="Whether automatic mail and closings are stopped; people can go on writing.")
    stopped_at: datetime | None = Field(description="Since when (UTC).")
    stopped_by: Named | None = Field(description="By whom.")
    is_live: bool = Field(description="Whether mail reaches customers; else only the safe addresses.")
    safe_addresses: list[str] = Field(description="Before going live: whom mail may reach.")
    safe_redirect: str = Field(description="Before going live: where all mail goes instead, or empty.")
    follow_up_flow_is_on: bool = Field(description="Case follow-up agent flow.")
    closure_flow_is_on: bool = Field(description="Case closure agent flow.")
    representative_flow_is_on: bool = Field(description="Case closure representative flow.")
    needs_second_yes: bool = Field(description="Whether full automation takes two people to activate.")
    reopen_window_days: int = Field(description="Days in which a late answer reopens a resolved case.")
    contact_budget_hours: int = Field(description="Hours in which an address gets one automatic mail at most.")
    suggestions_per_day: int = Field(description="New suggestions per owner and day, at most.")


class MasterSwitchInput(Input):
    is_on: Flag = Field(description="Whether follow-up and closure are on.")


class SendingStopInput(Input):
    is_stopped: Flag = Field(description="Whether all automatic mail and closings are stopped.")


@routes.get("/settings", SettingsSaid, Scope.SETTINGS_READ)
def get_settings(request: WorkspaceRequest) -> SettingsSaid:
    """Get the switches, and whom mail reaches."""
    return _said(GlobalSettings.current())


@routes.put("/settings/master-switch", SettingsSaid, Scope.SETTINGS_WRITE)
def turn_master_switch(request: WorkspaceRequest, switch: MasterSwitchInput) -> SettingsSaid:
    """Turn follow-up and closure on or off."""
    return _said(rules.switch(switch.is_on, actor=request.user, now=request.now))


@routes.put("/settings/sending-stop", SettingsSaid, Scope.SETTINGS_WRITE)
def stop_all_sending(request: WorkspaceRequest, stop: SendingStopInput) -> SettingsSaid:
    """Stop all automatic mail and closings within seconds, or let them go on."""
    return _said(rules.stop_all_sending(stop.is_stopped, actor=request.user, now=request.now))


def _said(row: GlobalSettings) -> SettingsSaid:
    same = ("is_on", "stopped_at", "is_live", "safe_addresses", "safe_redirect", "needs_second_yes")
    numbers = ("reopen_window_days", "contact_budget_hours", "suggestions_per_day")
    return SettingsSaid(
        **{name: getattr(row, name) for name in (*same, *numbers)},
        is_stopped=row.stopped_at is not None,
        stopped_by=named(row.stopped_by),
        follow_up_flow_is_on=row.flow_follow_up_on,
        closure_flow_is_on=row.flow_closure_on,
        representative_flow_is_on=row.flow_representative_on,
    )
