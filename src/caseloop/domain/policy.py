"""What does a running series go by? The frozen copy of its rule, lowered where the rule is lower now (spec 2.7)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Self

from caseloop.domain.durations import Duration, Unit

SCHEMA = 1


class Level(StrEnum):
    """How far the assistant goes by itself."""

    CONFIRM = "confirm"
    FULL = "full"


class OnFavorable(StrEnum):
    """What happens when the customer says that it is solved (spec 3.6)."""

    KEEP = "keep"
    SUGGEST = "suggest"
    RESOLVE = "resolve"


class UnknownSchema(Exception):
    """The copy was made by another version of Caseloop; a person has to look at its series."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A rule as `decide` needs it. `waits` has one duration per follow-up; `least_waits` is what a later, longer
    version of the rule asks for besides."""

    rule_id: int
    version: int
    name: str
    level: Level
    follow_ups: int
    waits: tuple[Duration, ...]
    trigger_status_reason_id: int | None = None
    trigger_context: bool = False
    counts_persons_mail: bool = True
    on_favorable: OnFavorable = OnFavorable.KEEP
    closes_without_notice: bool = False
    sends_closing_notice: bool = True
    templates: tuple[int | None, ...] = ()
    status_when_answered_id: int | None = None
    status_after_step_id: int | None = None
    status_at_resolve_id: int | None = None
    calendar_id: int | None = None
    sending_times_id: int | None = None
    daily_cap: int | None = None
    least_waits: tuple[Duration, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.follow_ups <= 5:
            raise ValueError(f"A rule has 1 to 5 follow-ups, not {self.follow_ups}.")
        if len(self.waits) < self.follow_ups:
            raise ValueError(f"{self.follow_ups} follow-ups need as many waits, not {len(self.waits)}.")

    @property
    def agent_mails(self) -> int:
        """How many follow-ups the agent sends when no person writes and nothing is skipped."""
        return self.follow_ups - 1 if self.counts_persons_mail else self.follow_ups

    def waits_after(self, position: int) -> tuple[Duration, ...]:
        """The waits that must all be over after the mail at `position` (0: no counted mail yet); spec 2.4.

        Counting the person's mail, mail k is followed by wait k. Otherwise the first wait stands before mail 1, and
        the last one repeats before the closing. A copy that was lowered to fewer follow-ups keeps its longer list.
        """
        index = max(position - 1 if self.counts_persons_mail else position, 0)
        lists = [waits for waits in (self.waits, self.least_waits) if waits]
        return tuple(waits[min(index, len(waits) - 1)] for waits in lists)

    def template_for(self, step: int) -> int | None:
        """The template chosen for follow-up number `step`, if any."""
        return self.templates[step - 1] if 0 < step <= len(self.templates) else None

    def to_json(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            **{name: _plain(getattr(self, name)) for name in self.__slots__},
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The policy again; raises `UnknownSchema` for one that this version cannot understand."""
        if data.get("schema") != SCHEMA:
            raise UnknownSchema(f"This series runs on a rule copy of schema {data.get('schema')!r}; known is {SCHEMA}.")
        fields = {name: data[name] for name in cls.__slots__ if name in data}
        fields["level"] = Level(fields["level"])
        fields["on_favorable"] = OnFavorable(fields["on_favorable"])
        for name in ("waits", "least_waits"):
            fields[name] = tuple(Duration(amount, Unit(unit)) for amount, unit in fields[name])
        fields["templates"] = tuple(fields["templates"])
        return cls(**fields)


def _plain(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, tuple):
        return [[item.amount, item.unit.value] if isinstance(item, Duration) else item for item in value]
    return value


def lowered(running: Policy, current: Policy) -> Policy:
    """The running copy with everything that the current rule asks less of: lowering holds at once (spec 2.7).

    What would send more, sooner, or without a person stays as it was for this series.
    """
    if current.rule_id != running.rule_id or current.version == running.version:
        return running
    fewer = running.follow_ups - max(0, running.agent_mails - current.agent_mails)
    return replace(
        running,
        level=Level.CONFIRM if Level.CONFIRM in (running.level, current.level) else Level.FULL,
        follow_ups=max(1, fewer),
        waits=running.waits,
        least_waits=current.waits[: current.follow_ups],
        closes_without_notice=running.closes_without_notice and current.closes_without_notice,
        sends_closing_notice=running.sends_closing_notice or current.sends_closing_notice,
        on_favorable=min(running.on_favorable, current.on_favorable, key=list(OnFavorable).index),
        daily_cap=min((cap for cap in (running.daily_cap, current.daily_cap) if cap is not None), default=None),
    )
