"""What do administrators change while all goes on? Rules, switches, pauses, protections, and a manager's daily yes."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from caseloop.accounts.models import User
from caseloop.administration.models import FlowKey
from caseloop.cases.errors import NotAllowed
from caseloop.cases.models import Organization, Queue, StatusReason
from caseloop.domain.facts import ProtectionEffect
from caseloop.followups import guard, rules, standing
from caseloop.followups.errors import FollowUpError, RuleError
from caseloop.followups.models import GuardDay, Rule
from caseloop.simulation.clock import SimulatedClock
from caseloop.simulation.files import RuleFile, Terms
from caseloop.simulation.story import Story

HOURS = {"hours": 1.0, "days": 24.0, "working hours": 1.0}
A_WORKING_DAY_AT_LEAST = 24.0
SHORTENED_BY_OFFICE_HOURS = 16.0
"""A working day's wait that begins before the office opens may end that much sooner than whole days would."""


def least(wait: str) -> timedelta:
    """A lower bound for a wait, in true time and without the product's calendar."""
    amount, _, unit = wait.partition(" ")
    if unit == "working days":
        return timedelta(hours=float(amount) * A_WORKING_DAY_AT_LEAST - SHORTENED_BY_OFFICE_HOURS)
    return timedelta(hours=float(amount) * HOURS[unit] - (unit == "days"))  # a day of 23 hours in spring


@dataclass(slots=True)
class Administrators:
    """Two of them, so that one can give the second yes. `at(moment, do)` lets something happen then."""

    rng: random.Random
    clock: SimulatedClock
    story: Story
    at: Callable[[datetime, Callable[[], None]], None]
    organizations: Sequence[str]
    rules: list[RuleFile] = field(default_factory=list)
    _waits: dict[str, list[str]] = field(default_factory=dict)

    @property
    def jonas(self) -> User:
        return User.objects.get(username="jonas")

    @property
    def mira(self) -> User:
        return User.objects.get(username="mira")

    def make_rule(self, file: RuleFile, waits: list[str]) -> None:
        """A rule for the cases of one queue, inactive."""
        plain = {
            "name": file.name,
            "level": "full" if file.is_automatic else "confirm",
            "trigger_status_reason": StatusReason.objects.get(key="on_hold"),
            "follow_ups": len(waits),
            "counts_persons_mail": file.counts_persons_mail,
            "on_favorable": "resolve" if file.resolves_favorable else "keep",
        }
        conditions = {"all": [{"field": "queue", "operator": "equals", "value": file.queue}]}
        fields = rules.RuleFields(waits=waits, conditions=conditions, plain=plain)
        file.pk = rules.save_rule(fields, actor=self.jonas, now=self.clock.now()).pk
        file.terms.append(Terms(self.clock.at, len(waits), min(least(wait) for wait in waits)))
        self.rules.append(file)
        self._waits[file.name] = waits

    def activate(self, file: RuleFile) -> None:
        """With the second yes where it is needed; silences up to two weeks old are taken."""
        for actor in (self.jonas, self.mira) if file.is_automatic else (self.jonas,):
            rules.activate(file.pk, actor=actor, now=self.clock.now(), takes_silences_up_to_days=14)
        file.activated.append(self.clock.at)
        self._tell(f"activate the rule {file.name}")

    def give_the_daily_yes(self) -> None:
        """Rules that wait for it go on today."""
        today = self.clock.at.date()
        for day in GuardDay.objects.filter(day=today, allowed_by=None).select_related("rule").order_by("rule_id"):
            guard.allow_today(day.rule, self.jonas, self.clock.now())
            self._tell(f"allow {day.rule} to go on today ({day.reason})")

    def plan(self, begins: datetime, days: int) -> None:
        """About one change in four days, each undone some time later."""
        doings: list[Callable[[], None]] = [
            self._edit_rule,
            self._edit_rule,
            self._deactivate,
            self._pause,
            self._stop_all,
            self._switch_off,
            self._protect,
            self._switch_a_flow_off,
            self._reorder,
        ]
        for _ in range(max(2, days // 4)):
            moment = begins + timedelta(hours=self.rng.uniform(24 * 4, 24 * days))
            doing = self.rng.choice(doings)
            self.at(moment, self._attempt(doing))

    def _attempt(self, doing: Callable[[], None]) -> Callable[[], None]:
        def attempt() -> None:
            try:
                doing()
            except (RuleError, FollowUpError, NotAllowed) as error:
                self._tell(f"are told: {error}")

        return attempt

    def _later(self, hours: float, doing: Callable[[], None]) -> None:
        self.at(self.clock.at + timedelta(hours=hours), self._attempt(doing))

    def _edit_rule(self) -> None:
        file = self.rng.choice(self.rules)
        waits = list(self._waits[file.name])
        what = self.rng.choice(("longer", "shorter", "fewer", "more"))
        if what == "fewer" and len(waits) > 1:
            waits.pop()
        elif what == "more" and len(waits) < 5:
            waits.append(waits[-1])
        elif what == "shorter":
            waits[0] = "30 hours"
        else:
            waits[-1] = "4 days"
        row = Rule.objects.get(pk=file.pk)
        fields = rules.RuleFields(waits=waits, conditions=row.conditions, plain={"follow_ups": len(waits)})
        rules.save_rule(fields, actor=self.jonas, now=self.clock.now(), rule=row)
        self._waits[file.name] = waits
        file.terms.append(Terms(self.clock.at, len(waits), min(least(wait) for wait in waits)))
        self._tell(f"change the rule {file.name}: {', '.join(waits)}")

    def _deactivate(self) -> None:
        file = self.rng.choice(self.rules)
        may_finish = self.rng.random() < 0.5
        rules.deactivate(file.pk, actor=self.jonas, now=self.clock.now(), series_may_finish=may_finish)
        self._tell(f"deactivate the rule {file.name}; series {'may finish' if may_finish else 'stop'}")
        self._later(self.rng.uniform(5, 90), lambda: self.activate(file))

    def _pause(self) -> None:
        until = self.clock.at + timedelta(hours=self.rng.uniform(10, 80))
        whose = self.rng.choice(("all", "queue", "rule", "organization"))
        file = self.rng.choice(self.rules)
        standing.pause(
            actor=self.jonas,
            now=self.clock.now(),
            until=until,
            queue=Queue.objects.get(name=file.queue) if whose == "queue" else None,
            rule=Rule.objects.get(pk=file.pk) if whose == "rule" else None,
            organization=self._organization() if whose == "organization" else None,
        )
        self._tell(f"pause {whose if whose == 'all' else f'a {whose}'} until {until:%a %d %b %H:%M}")

    def _stop_all(self) -> None:
        rules.stop_all_sending(True, actor=self.jonas, now=self.clock.now())
        self._tell("stop all automatic mail and closings")
        self._later(self.rng.uniform(1, 12), self._start_again)

    def _start_again(self) -> None:
        rules.stop_all_sending(False, actor=self.jonas, now=self.clock.now())
        self._tell("let automatic mail and closings go on")

    def _switch_off(self) -> None:
        rules.switch(False, actor=self.mira, now=self.clock.now())
        self._tell("switch follow-up and closure off")
        self._later(self.rng.uniform(2, 30), self._switch_on)

    def _switch_on(self) -> None:
        rules.switch(True, actor=self.mira, now=self.clock.now())
        self._tell("switch follow-up and closure on")

    def _switch_a_flow_off(self) -> None:
        flow = self.rng.choice(list(FlowKey))
        rules.switch_flow(flow, False, actor=self.mira, now=self.clock.now())
        self._tell(f"switch the {flow.label} off")
        self._later(self.rng.uniform(2, 40), lambda: self._flow_on(flow))

    def _flow_on(self, flow: FlowKey) -> None:
        rules.switch_flow(flow, True, actor=self.mira, now=self.clock.now())
        self._tell(f"switch the {flow.label} on")

    def _protect(self) -> None:
        effect = self.rng.choice((ProtectionEffect.NEVER, ProtectionEffect.AT_MOST_CONFIRM))
        organization = self._organization()
        new = standing.NewProtection(
            name=f"{organization}, {self.clock.at:%d %b %H:%M}", effect=effect, organization=organization
        )
        row = standing.protect(new, actor=self.jonas, now=self.clock.now())
        self._tell(f"protect {organization}: {effect.value}")
        self._later(self.rng.uniform(20, 200), lambda: self._unprotect(row.pk, str(organization)))

    def _unprotect(self, protection_id: int, name: str) -> None:
        standing.unprotect(protection_id, actor=self.jonas, now=self.clock.now())
        self._tell(f"lift the protection of {name}")

    def _reorder(self) -> None:
        ids = list(Rule.objects.order_by("position").values_list("pk", flat=True))
        self.rng.shuffle(ids)
        rules.reorder(ids, actor=self.jonas, now=self.clock.now())
        self._tell("put the rules into another order")

    def _organization(self) -> Organization:
        return Organization.objects.get(name=self.rng.choice(self.organizations))

    def _tell(self, what: str) -> None:
        self.story.tell(None, "the administrators", what)
