"""Does `decide` keep its promises for any facts at all, absurd ones among them? (spec 10, P1, P2, P3, P5)"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from caseloop.domain.actions import (
    AskForReply,
    AskPerson,
    End,
    FollowUp,
    PassOn,
    PrepareDraft,
    Proof,
    ProveSilence,
    Reason,
    Resolve,
    Start,
    SuggestionKind,
    Wait,
)
from caseloop.domain.calendar import Duration, Hours, Pause, SendingWindow, Unit, WorkingCalendar
from caseloop.domain.decide import decide
from caseloop.domain.facts import (
    Absence,
    Answer,
    EndedSeries,
    Facts,
    Failure,
    Guard,
    Label,
    MailboxState,
    OurMail,
    ProtectionEffect,
    Reading,
    RuleNow,
    Series,
    Source,
    Suggestion,
    Switches,
    Verdict,
)
from caseloop.domain.lifecycle import CaseStatus, MessageState, SuggestionState
from caseloop.domain.policy import Level, OnFavorable, Policy
from tests.domain.builders import ALWAYS, IN_PROGRESS, OFFICE, ON_HOLD
from tests.domain.one_case import ENDED_BY_SOMEBODY

EXAMPLES = 5 * int(os.environ.get("CASELOOP_EXAMPLES", "150"))
MINUTE = timedelta(seconds=60)
NOW = datetime(2026, 11, 27, 10, 0, tzinfo=UTC)

near = st.integers(-40 * 24 * 4, 4 * 24).map(lambda quarters: NOW + timedelta(minutes=15 * quarters))
past = st.integers(1, 40 * 24 * 4).map(lambda quarters: NOW - timedelta(minutes=15 * quarters))
seconds_ago = st.integers(0, 62).map(lambda seconds: NOW - timedelta(seconds=seconds))
days = st.one_of(st.none(), st.dates(), st.dates(date(2026, 11, 20), date(2027, 1, 10)))
maybe_near = st.one_of(st.none(), near)
mostly = st.sampled_from((True,) * 15 + (False,))
rarely = mostly.map(lambda usual: not usual)
usual = {
    "state": st.sampled_from((MessageState.SENT,) * 60 + tuple(MessageState)),
    "failure": st.sampled_from((None,) * 40 + tuple(Failure)),
}
mails = st.builds(
    OurMail,
    message_id=st.integers(1, 99),
    at=past,
    approved_at=st.one_of(st.none(), past),
    is_by_person=st.booleans(),
    restarts_count=rarely,
    promises=st.sampled_from(("",) * 15 + ("I'll get back",)),
    closes_on=days,
    **usual,
)
readings = st.builds(
    Reading,
    label=st.sampled_from((*Label, Label.DEFERRAL, Label.DEFERRAL, Label.FAVORABLE, Label.FAVORABLE)),
    resume_on=days,
    is_only_thanks=rarely,
    is_wrong_person=rarely,
    verdict=st.sampled_from((None, None, *Verdict)),
    verdict_at=st.one_of(st.none(), past),
)
answers = st.builds(
    Answer,
    at=past,
    source=st.sampled_from((Source.MAIL, Source.MAIL, *Source)),
    message_id=st.one_of(st.none(), st.integers(100, 199)),
    reading=st.one_of(*[readings] * 6, st.none()),
    is_trusted=mostly,
    is_opened=st.booleans(),
)
absences = st.builds(Absence, at=past, resume_on=days, is_gone=rarely)
boxes = st.builds(
    MailboxState,
    mailbox_id=st.integers(1, 3),
    address=st.just("support@contoso.example"),
    read_through_at=st.one_of(*[seconds_ago] * 9, st.none(), past),
    has_unprocessed=rarely,
    last_arrival_at=st.one_of(*[seconds_ago] * 9, st.none(), past),
    is_on=mostly,
    is_quiet=rarely,
)
waits = st.builds(
    Duration, st.integers(1, 90), st.sampled_from((Unit.HOURS, Unit.HOURS, Unit.WORKING_HOURS, Unit.WORKING_DAYS))
)


@st.composite
def policies(draw):
    follow_ups = draw(st.integers(1, 5))
    return Policy(
        rule_id=7,
        version=1,
        name="Any",
        level=draw(st.sampled_from(Level)),
        follow_ups=follow_ups,
        waits=tuple(draw(waits) for _ in range(follow_ups)),
        least_waits=tuple(draw(st.lists(waits, max_size=5))),
        trigger_status_reason_id=draw(st.sampled_from((ON_HOLD,) * 15 + (IN_PROGRESS, None))),
        trigger_context=draw(st.booleans()),
        counts_persons_mail=draw(st.booleans()),
        on_favorable=draw(st.sampled_from(OnFavorable)),
        closes_without_notice=draw(st.booleans()),
    )


DISTURBANCES = {
    "hold_until": st.one_of(near, st.just(datetime.max.replace(tzinfo=UTC))),
    "appointment_ends_at": near,
    "task_due_at": near,
    "doubts": st.just((9,)),
    "contact_is_upset": st.booleans(),
    "no_automation": st.booleans(),
    "protection": st.sampled_from(ProtectionEffect),
    "switches": st.builds(Switches, is_on=mostly, is_stopped=rarely, follow_up_flow=mostly, closure_flow=mostly),
    "pauses": st.lists(past.map(lambda at: Pause(at, at + timedelta(days=2))), max_size=2).map(tuple),
    "guard": st.builds(
        Guard, admits=mostly, admits_again_at=maybe_near, needs_yes=rarely, no_resolving_before=maybe_near
    ),
    "budget_free_at": near,
    "owner_has_room_at": near,
    "blockers": st.just(("a child case",)),
    "has_draft": st.booleans(),
    "has_recipient": mostly,
    "called_at": near,
    "rule_could_match_at": near,
    "ended_by_person_at": past,
    "customer_zone": st.sampled_from(("UTC", "America/New_York", "Pacific/Apia", "Mars/Olympus")),
    "window": st.just(SendingWindow()),
    "status": st.sampled_from(CaseStatus),
    "status_reason_id": st.just(IN_PROGRESS),
    "rule_now": st.none(),
    "series_rule_is_active": st.booleans(),
    "is_context_with_customer": st.booleans(),
    "resolved_at": past,
}


PIECES = {
    "mails": st.lists(mails, min_size=1, max_size=3),
    "answers": st.lists(answers, min_size=1, max_size=3),
    "absences": st.lists(absences, min_size=1, max_size=2),
    "mailboxes": st.lists(boxes, min_size=1, max_size=2),
    "ended_series": st.lists(
        st.builds(EndedSeries, started_at=past, ended_at=past, end_reason=st.just("gone")), max_size=2
    ),
    "suggestion": st.builds(
        Suggestion,
        kind=st.sampled_from(SuggestionKind),
        state=st.sampled_from(SuggestionState),
        step=st.one_of(st.none(), st.integers(1, 5)),
        reason=st.sampled_from(Reason).map(str),
    ),
    "series": st.one_of(
        st.none(),
        st.builds(
            Series,
            started_at=past,
            counts_since=st.one_of(st.none(), past),
            is_old_silence=st.booleans(),
            may_finish=st.booleans(),
            skips=st.lists(past, max_size=2).map(sorted).map(tuple),
            has_known_schema=mostly,
        ),
    ),
    "calendar": st.sampled_from(
        (
            WorkingCalendar("America/New_York", Hours.weekdays("8:00", "17:00")),
            WorkingCalendar("UTC", Hours.weekdays("8:00", "8:01")),
        )
    ),
    "activated_at": past,
    **DISTURBANCES,
}
FRESH = MailboxState(
    mailbox_id=1,
    address="support@contoso.example",
    read_through_at=NOW - timedelta(seconds=1),
    last_arrival_at=NOW - timedelta(hours=1),
)


@st.composite
def facts(draw):
    """A case on which something is mostly due, and up to three pieces of anything that may be known besides."""
    policy = draw(policies())
    names = draw(st.one_of(st.just([]), *[st.lists(st.sampled_from(sorted(PIECES)), max_size=3, unique=True)] * 3))
    pieces = {name: draw(PIECES[name]) for name in names}
    begun = NOW - timedelta(days=draw(st.integers(20, 39)))
    ours = [OurMail(message_id=200, at=begun, is_by_person=True)]
    for number in range(draw(st.integers(0, 4))):
        sent_at = begun + timedelta(days=4 * (number + 1))
        ours.append(OurMail(message_id=201 + number, at=sent_at, is_by_person=False, closes_on=sent_at.date()))
    spoken = {name: _in_order(pieces.pop(name, ())) for name in ("answers", "absences")}
    rule_now = RuleNow(
        policy=policy, activated_at=pieces.pop("activated_at", begun - MINUTE), takes_silences_up_to_days=30
    )
    return policy, Facts(
        **{
            "case_id": 1,
            "status": CaseStatus.ACTIVE,
            "status_reason_id": ON_HOLD,
            "switches": Switches(),
            "calendar": OFFICE,
            "window": ALWAYS,
            "customer_zone": "UTC",
            "series": Series(started_at=begun),
            "rule_now": rule_now,
            "mails": _in_order([*ours, *pieces.pop("mails", ())]),
            "mailboxes": tuple(pieces.pop("mailboxes", (FRESH,))),
            "ended_series": tuple(pieces.pop("ended_series", ())),
            **spoken,
            **pieces,
        }
    )


def _in_order(words):
    return tuple(sorted(words, key=lambda word: word.at))


def it_never_raises_and_never_waits_for_the_past(policy, known):
    action = decide(known, policy, NOW)

    if isinstance(action, Wait):
        assert action.until is None or action.until > NOW
        if known.series is not None:
            assert action.until is not None or action.reason in ENDED_BY_SOMEBODY
    assert action == decide(known, policy, NOW)


def only_what_is_proven_is_done(policy, known):
    proof = getattr(decide(known, policy, NOW), "proof", None)

    if proof is not None:
        assert isinstance(proof, Proof)
        assert len(proof.read_through) == len(known.mailboxes)
        assert all(proof.deadline < read_at and NOW - read_at <= MINUTE for _, read_at in proof.read_through)
        assert not any(mailbox.has_unprocessed or not mailbox.is_on for mailbox in known.mailboxes)


def no_follow_up_over_an_answer_that_needs_a_person(policy, known):
    action = decide(known, policy, NOW)

    if isinstance(action, FollowUp | PrepareDraft):
        by_persons = [mail for mail in known.mails if mail.is_by_person]
        for answer in known.answers:
            later = any((mail.approved_at or mail.at) > answer.at or mail.at > answer.at for mail in by_persons)
            judged = any(other.reading and other.reading.verdict for other in known.answers)
            waits = answer.reading is not None and answer.reading.label in (Label.DEFERRAL, Label.AUTOMATIC)
            assert later or judged or waits


def no_closing_while_a_mail_since_the_persons_last_one_has_not_arrived(policy, known):

    if isinstance(decide(known, policy, NOW), Resolve):
        assert known.series is not None
        begun = known.series.counts_since or known.series.started_at
        by_persons = [mail for mail in known.mails if mail.is_by_person]
        anchors = [mail for mail in by_persons if mail.at <= begun or mail.restarts_count] or by_persons[:1]
        out = (MessageState.DRAFT, MessageState.DISCARDED)
        for mail in known.mails:
            if (not anchors or mail.at > anchors[-1].at) and mail.state not in out:
                assert mail.state is MessageState.SENT
                assert mail.failure is None


def what_stops_everything_stops_every_act_of_the_agent(policy, known):
    stops = (
        {"switches": Switches(is_stopped=True)},
        {"switches": Switches(is_on=False)},
        {"doubts": (9,)},
        {"protection": ProtectionEffect.NEVER},
        {"no_automation": True},
        {"hold_until": NOW + timedelta(hours=1)},
        {"pauses": (Pause(NOW - timedelta(hours=1), None),)},
        {"contact_is_upset": True},
    )

    for stop in stops:
        assert not isinstance(decide(replace(known, **stop), policy, NOW), FollowUp | PrepareDraft | Resolve)
    at_most = replace(known, protection=ProtectionEffect.AT_MOST_CONFIRM)
    assert not isinstance(decide(at_most, policy, NOW), FollowUp | Resolve)


def one_more_unread_answer_stops_whatever_was_due(policy, known):
    word = Answer(at=NOW, message_id=500)

    action = decide(replace(known, answers=(*known.answers, word)), policy, NOW)

    assert not isinstance(action, FollowUp | PrepareDraft | Resolve | Start)


def one_mail_later_nothing_is_due(policy, known):
    """P1: whatever was sent a second ago, the next step waits, goes to a person, or was something else."""
    sent = OurMail(message_id=500, at=NOW - timedelta(seconds=1), is_by_person=False)

    action = decide(replace(known, mails=(*known.mails, sent)), policy, NOW)

    assert not isinstance(action, FollowUp | PrepareDraft)
    assert not isinstance(action, Resolve) or action.is_favorable


def a_series_that_begins_does_not_end_at_once(policy, known):
    without = replace(known, series=None)

    action = decide(without, None, NOW)

    if isinstance(action, Start):
        begun = replace(without, series=Series(started_at=NOW, is_old_silence=action.is_old_silence))
        first = decide(begun, policy, NOW)
        assert not isinstance(first, End | AskForReply | PassOn)
        assert not (isinstance(first, AskPerson) and first.ends)


def with_all_mailboxes_read_nobody_is_asked_to_read_them_again(policy, known):
    fresh = [replace(box, read_through_at=NOW, last_arrival_at=NOW, has_unprocessed=False) for box in known.mailboxes]

    action = decide(replace(known, mailboxes=tuple(fresh)), policy, NOW)

    assert not isinstance(action, ProveSilence) or action.deadline >= NOW


PROMISES = (
    it_never_raises_and_never_waits_for_the_past,
    only_what_is_proven_is_done,
    no_follow_up_over_an_answer_that_needs_a_person,
    no_closing_while_a_mail_since_the_persons_last_one_has_not_arrived,
    what_stops_everything_stops_every_act_of_the_agent,
    one_more_unread_answer_stops_whatever_was_due,
    one_mail_later_nothing_is_due,
    a_series_that_begins_does_not_end_at_once,
    with_all_mailboxes_read_nobody_is_asked_to_read_them_again,
)


@settings(max_examples=EXAMPLES)
@given(case=facts())
def test_the_promises_hold_for_any_facts(case):
    """Facts take long to draw, so each is shown to all promises."""
    policy, known = case

    for promise in PROMISES:
        promise(policy, known)
