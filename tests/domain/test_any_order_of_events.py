"""Do the promises hold whatever happens, in whatever order? (spec 10, P1, P2, P3, P5)

A state machine throws events at one case. After each of them the loop looks, or is late; what it decides is done to the
case, and the ledger is asked before every mail and every closing. CASELOOP_EXAMPLES=2000 looks harder.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from caseloop.domain.calendar import Duration, Pause
from caseloop.domain.facts import Failure, Guard, Label, ProtectionEffect, Reading, Switches, Verdict
from caseloop.domain.lifecycle import CaseStatus, MessageState
from caseloop.domain.policy import Level, OnFavorable
from tests.domain.builders import IN_PROGRESS, ON_HOLD, a_rule, at
from tests.domain.one_case import OneCase

HOURS = st.sampled_from((1, 6, 20, 26, 47, 50, 73, 24 * 8, 24 * 33))
WAITS = st.sampled_from(("24 hours", "48 hours", "72 hours"))
DAYS_AHEAD = st.one_of(st.none(), st.sampled_from((-3, 0, 1, 3, 20, 29, 40, 400, 2_000_000)))
MOSTLY = st.sampled_from((True, True, True, True, True, False))
RARELY = st.sampled_from((False, False, False, True))
STOPS = {
    "held": lambda now, hours: {"hold_until": now + timedelta(hours=hours, minutes=1)},
    "paused": lambda now, hours: {"pauses": (Pause(now, None),)},
    "protected": lambda now, hours: {"protection": ProtectionEffect.NEVER},
    "at most confirmed": lambda now, hours: {"protection": ProtectionEffect.AT_MOST_CONFIRM},
    "in doubt": lambda now, hours: {"doubts": (99,)},
    "upset": lambda now, hours: {"contact_is_upset": True},
    "stopped": lambda now, hours: {"switches": Switches(is_stopped=True)},
    "off": lambda now, hours: {"switches": Switches(is_on=False)},
    "guarded": lambda now, hours: {"guard": Guard(needs_yes=True)},
}
RESULTS = st.sampled_from((MessageState.SENT,) * 6 + (MessageState.REFUSED, MessageState.UNCONFIRMED))
LABELS = st.sampled_from((*Label, Label.DEFERRAL, Label.DEFERRAL, Label.FAVORABLE))


@st.composite
def policies(draw, counts):
    follow_ups = draw(st.integers(1, 4))
    return a_rule(
        follow_ups=follow_ups,
        counts_persons_mail=counts,
        level=draw(st.sampled_from((Level.FULL, Level.FULL, Level.CONFIRM))),
        on_favorable=draw(st.sampled_from(OnFavorable)),
        closes_without_notice=draw(st.booleans()),
    )


class AnyOrderOfEvents(RuleBasedStateMachine):
    @initialize(data=st.data(), counts=st.booleans(), is_old=RARELY, begun=st.integers(0, 5))
    def a_case_on_hold(self, data, counts, is_old, begun):
        self.counts = counts
        now = at("Mon 2026-11-23 10:00")
        self.case = OneCase(
            now=now,
            rule=self.drawn_rule(data),
            activated_at=now + timedelta(hours=1) if is_old else now - timedelta(days=30),
            takes_old=is_old,
        )
        self.case.fetch()
        self.case.person_writes(promises="", restarts=False)
        self.case.hand_over(MessageState.SENT, timedelta(seconds=1))
        self.case.now += timedelta(hours=2)
        self.the_customer_stays_silent(steps=begun, hours=50)

    def drawn_rule(self, data, **changes):
        policy = data.draw(policies(self.counts))
        waits = tuple(Duration.parse(data.draw(WAITS)) for _ in range(policy.follow_ups))
        return replace(policy, waits=waits, **changes)

    def then(self, looks):
        if looks:
            self.case.look()

    @rule(hours=HOURS)
    def time_passes(self, hours):
        self.case.now += timedelta(hours=hours)
        self.case.look()

    @rule(steps=st.integers(1, 6), hours=st.sampled_from((26, 50, 73)))
    def the_customer_stays_silent(self, steps, hours):
        for _ in range(steps):
            self.case.look()
            self.case.representative_approves()
            self.case.hand_over(MessageState.SENT, timedelta(seconds=1))
            self.case.now += timedelta(hours=hours)
        self.case.look()

    @rule(result=RESULTS, seconds=st.integers(0, 90), looks=MOSTLY)
    def a_mail_is_handed_over(self, result, seconds, looks):
        self.case.hand_over(result, timedelta(seconds=seconds))
        self.then(looks)

    @rule(label=LABELS, days=DAYS_AHEAD, seconds=st.integers(1, 90), opens=MOSTLY, hours=HOURS)
    def an_answer_crosses_our_mail(self, label, days, seconds, opens, hours):
        crossing = Reading(label=label, resume_on=self.day(days)) if self.case.mailbox_is_up else None
        self.case.hand_over(MessageState.SENT, timedelta(seconds=seconds), crossing)
        if opens:
            self.case.somebody_opens_all()
        self.case.now += timedelta(hours=hours)
        self.case.look()

    @rule(label=LABELS, days=DAYS_AHEAD, is_trusted=MOSTLY, is_fetched=st.booleans(), looks=MOSTLY)
    def the_customer_writes(self, label, days, is_trusted, is_fetched, looks):
        self.case.customer_says(Reading(label=label, resume_on=self.day(days)), is_trusted)
        if is_fetched and self.case.mailbox_is_up:
            self.case.fetch()
        self.then(looks)

    @rule(days=DAYS_AHEAD, is_gone=RARELY, looks=MOSTLY)
    def a_machine_says_that_the_customer_is_away(self, days, is_gone, looks):
        self.case.is_away(self.day(days), is_gone)
        self.then(looks)

    def day(self, days):
        if days is None:
            return None
        return date.fromordinal(min(self.case.now.date().toordinal() + days, date.max.toordinal()))

    @rule(is_call=RARELY)
    def the_customer_calls(self, is_call):
        if is_call:
            self.case.customer_calls()
        self.case.look()

    @rule(promises=RARELY, restarts=st.booleans(), opens=MOSTLY, sends=MOSTLY, result=RESULTS)
    def a_person_writes(self, promises, restarts, opens, sends, result):
        if opens:
            self.case.somebody_opens_all()
        self.case.person_writes(promises="I'll get back to you" if promises else "", restarts=restarts)
        if sends:
            self.case.hand_over(result, timedelta(seconds=1))
            self.case.look()

    @rule(verdict=st.sampled_from((Verdict.CONTINUE, Verdict.CONTINUE, Verdict.NO_REPLY_NEEDED)), looks=MOSTLY)
    def a_person_judges_the_answer(self, verdict, looks):
        self.case.judge(verdict)
        self.then(looks)

    @rule()
    def a_person_approves_the_draft(self):
        self.case.representative_approves()

    @rule(looks=MOSTLY)
    def a_person_skips_a_step(self, looks):
        if self.case.series is not None and not any(m.state is MessageState.APPROVED for m in self.case.mails):
            self.case.series = replace(self.case.series, skips=(*self.case.series.skips, self.case.now))
            self.case.suggestion = None
        self.then(looks)

    @rule(stops=RARELY)
    def a_person_stops_the_follow_ups_or_dismisses_the_card(self, stops):
        if stops:
            self.case.stop_by_person()
        elif self.case.suggestion is not None and self.case.suggestion.step is None:
            self.case.suggestion = None
        self.case.look()

    @rule(failure=st.sampled_from((*Failure, Failure.TEMPORARY)), looks=MOSTLY)
    def the_last_mail_bounces(self, failure, looks):
        self.case.bounce(failure)
        self.then(looks)

    @rule(stop=st.sampled_from(sorted(STOPS)), hours=HOURS, is_over=MOSTLY, hands_over=st.booleans())
    def something_stands_in_the_way(self, stop, hours, is_over, hands_over):
        self.case.extra |= STOPS[stop](self.case.now, hours)
        if stop == "held":
            self.case.ledger.held_until = self.case.extra["hold_until"]
        else:
            self.case.ledger.stops.add(stop)
        self.case.look()
        if hands_over:
            self.case.hand_over(MessageState.SENT, timedelta(seconds=1))
        self.case.now += timedelta(hours=hours)
        self.case.look()
        if is_over:
            self.everything_is_put_right()

    @rule()
    def everything_is_put_right(self):
        pauses = [Pause(pause.since, pause.until or self.case.now) for pause in self.case.extra.get("pauses", ())]
        self.case.extra = {"pauses": tuple(pauses)}
        self.case.ledger.stops.clear()
        self.case.ledger.held_until = None
        self.case.mailbox_is_up, self.case.status_reason_id = True, ON_HOLD
        self.case.look()

    @rule(hours=HOURS)
    def the_mailbox_goes_down(self, hours):
        self.case.mailbox_is_up = False
        self.case.look()
        self.case.now += timedelta(hours=hours)
        self.case.look()

    @rule(hours=HOURS, comes_back=MOSTLY)
    def the_case_leaves_the_trigger_or_comes_back(self, hours, comes_back):
        self.case.status_reason_id = IN_PROGRESS
        self.case.look()
        self.case.now += timedelta(hours=hours)
        if comes_back:
            self.case.status_reason_id = ON_HOLD
        self.case.look()

    @rule(hours=HOURS, may_finish=st.booleans())
    def the_rule_is_switched_off_and_on(self, hours, may_finish):
        if self.case.series is not None:
            self.case.series = replace(self.case.series, may_finish=may_finish)
        self.case.rule_is_on = False
        self.case.look()
        self.case.now += timedelta(hours=hours)
        self.case.look()
        self.case.rule_is_on, self.case.activated_at = True, self.case.now
        self.case.look()

    @rule(data=st.data())
    def the_rule_is_edited(self, data):
        self.case.rule = self.drawn_rule(data, version=self.case.rule.version + 1, rule_id=self.case.rule.rule_id)
        self.case.look()

    @rule(data=st.data(), is_new=st.booleans())
    def another_rule_takes_the_case(self, data, is_new):
        self.case.rule = self.drawn_rule(data, rule_id=self.case.rule.rule_id + 1)
        if is_new:
            self.case.activated_at = self.case.now
        self.case.look()

    @rule(resolves=RARELY)
    def a_person_resolves_or_reopens_the_case(self, resolves):
        if self.case.status is CaseStatus.RESOLVED:
            self.case.status, self.case.resolved_at = CaseStatus.ACTIVE, None
        elif resolves:
            self.case.resolve()
        self.case.look()


TestAnyOrderOfEvents = AnyOrderOfEvents.TestCase
TestAnyOrderOfEvents.settings = settings(
    max_examples=int(os.environ.get("CASELOOP_EXAMPLES", "150")),
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
