"""One case as the loop and the mail server see it: acts on what `decide` returns, in plain Python.

It does what gather, perform, send and receive do, as simply as can be, and tells the ledger of each step.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from caseloop.domain.actions import (
    Action,
    AskForReply,
    AskPerson,
    End,
    FollowUp,
    OpenLinkedCase,
    PassOn,
    PrepareDraft,
    Proof,
    ProveSilence,
    ReadReply,
    Reason,
    Reopen,
    Resolve,
    Start,
    SuggestionKind,
    Wait,
)
from caseloop.domain.counting import counts_since
from caseloop.domain.decide import decide
from caseloop.domain.facts import (
    Absence,
    Answer,
    EndedSeries,
    Facts,
    Failure,
    Label,
    MailboxState,
    OurMail,
    Reading,
    RuleNow,
    Series,
    Source,
    Suggestion,
    Switches,
    Verdict,
)
from caseloop.domain.lifecycle import CaseStatus, MessageState, SuggestionState
from caseloop.domain.policy import Policy, lowered
from tests.domain.builders import ALWAYS, OFFICE, ON_HOLD
from tests.domain.ledger import Ledger, Sent, Word

ENDED_BY_SOMEBODY = frozenset(
    {
        Reason.STOPPED,
        Reason.SWITCHED_OFF,
        Reason.FLOW_OFF,
        Reason.FOR_PERSON,
        Reason.GUARD,
        Reason.DOUBT,
        Reason.CONTACT_UPSET,
        Reason.PAUSED,
        Reason.SENDING,
        Reason.NO_PROOF,
    }
)
FOLLOW_UPS = (SuggestionKind.SEND_FOLLOW_UP, SuggestionKind.SEND_NEXT_FOLLOW_UP)
SECOND = timedelta(seconds=1)


@dataclass
class OneCase:
    now: datetime
    rule: Policy
    activated_at: datetime
    takes_old: bool = False
    ledger: Ledger = field(default_factory=Ledger)
    extra: dict[str, Any] = field(default_factory=dict)
    status: CaseStatus = CaseStatus.ACTIVE
    status_reason_id: int = ON_HOLD
    rule_is_on: bool = True
    copy: Policy | None = None
    series: Series | None = None
    ended: list[EndedSeries] = field(default_factory=list)
    ended_by_person_at: datetime | None = None
    resolved_at: datetime | None = None
    mails: list[OurMail] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    absences: list[Absence] = field(default_factory=list)
    labels: dict[int, Reading] = field(default_factory=dict)
    on_server: list[tuple[Answer | Absence, Reading | None]] = field(default_factory=list)
    mailbox_is_up: bool = True
    read_through_at: datetime | None = None
    arrived_at: datetime | None = None
    suggestion: Suggestion | None = None
    drafted: PrepareDraft | None = None
    waits_for_proof: bool = False
    last_id: int = 0

    def new_id(self) -> int:
        self.last_id += 1
        return self.last_id

    def facts(self) -> Facts:
        box = MailboxState(
            mailbox_id=1, address="support", read_through_at=self.read_through_at, last_arrival_at=self.arrived_at
        )
        rule_now = RuleNow(
            policy=self.rule, activated_at=self.activated_at, takes_silences_up_to_days=3650 if self.takes_old else None
        )
        chosen: dict[str, Any] = {"switches": Switches(), "mailboxes": (box,), **self.extra}
        return Facts(
            case_id=1,
            status=self.status,
            status_reason_id=self.status_reason_id,
            calendar=OFFICE,
            window=ALWAYS,
            customer_zone="UTC",
            series=self.series,
            ended_series=tuple(self.ended),
            rule_now=rule_now if self.rule_is_on else None,
            series_rule_is_active=self.rule_is_on,
            mails=tuple(sorted(self.mails, key=lambda mail: mail.at)),
            answers=tuple(sorted(self.answers, key=lambda answer: answer.at)),
            absences=tuple(sorted(self.absences, key=lambda absence: absence.at)),
            suggestion=self.suggestion,
            ended_by_person_at=self.ended_by_person_at,
            resolved_at=self.resolved_at,
            **chosen,
        )

    def in_force(self) -> Policy | None:
        if self.series is None or self.copy is None:
            return None
        return lowered(self.copy, self.rule) if self.rule_is_on else self.copy

    # the loop

    def look(self) -> Action:
        """Decide and act until nothing is to be done now; raises AssertionError when that takes forever."""
        starts = 0
        unread = sum(each.reading is None for each in self.facts().answers)  # each takes a turn to be read
        for _ in range(12 + unread):
            action = decide(self.facts(), self.in_force(), self.now)
            starts += isinstance(action, Start)
            assert starts <= 1, "a series begins and ends again and again"
            if not self._goes_on_after(action):
                self._rests(action)
                return action
        raise AssertionError(f"the loop spins on {action}")

    def _goes_on_after(self, action: Action) -> bool:
        self.waits_for_proof = False
        match action:
            case Start(is_old_silence=is_old):
                self._start(is_old)
                return True
            case PassOn():
                self.copy = self.rule
                return True
            case ReadReply(message_id=message_id):
                self._read(message_id)
                return True
            case ProveSilence() if self.mailbox_is_up:
                self.fetch()
                return True
            case FollowUp() | PrepareDraft() | Resolve():
                self._act(action)
                return isinstance(action, FollowUp)
            case Reopen():
                self.status, self.resolved_at = CaseStatus.ACTIVE, None
                return True
            case ProveSilence():
                self.waits_for_proof = True
            case _:
                self._tell(action)
        return False

    def _rests(self, action: Action) -> None:
        """P5: a running series waits for a date, or somebody can end the waiting, or has a card."""
        if isinstance(action, Wait) and action.until is not None:
            assert action.until > self.now, f"{action} is due already"
        if self.series is None or self.status is not CaseStatus.ACTIVE or self.suggestion is not None:
            return
        if isinstance(action, Wait):
            assert action.until is not None or action.reason in ENDED_BY_SOMEBODY, f"{action} never ends"
        else:
            assert self.waits_for_proof, f"the series stands at {action}"

    def _start(self, is_old: bool) -> None:
        humans = [a for a in self.answers if not (a.reading and a.reading.label is Label.AUTOMATIC)]
        since = counts_since(self.now, self.ended, sorted(self.mails, key=lambda mail: mail.at), humans)
        self.series = Series(started_at=self.now, counts_since=since, is_old_silence=is_old)
        self.copy = self.rule
        self.ledger.anchor_counts = self.rule.counts_persons_mail and not is_old

    def _read(self, message_id: int) -> None:
        self.answers = [
            replace(answer, reading=self.labels[message_id]) if answer.message_id == message_id else answer
            for answer in self.answers
        ]

    def fetch(self) -> None:
        """A read of the mailbox: whatever lay there is stored and processed, with our clock."""
        self.now += SECOND
        for word, reading in self.on_server:
            self._file(replace(word, at=self.now), reading)
        self.on_server.clear()
        self.ledger.visible_at.clear()
        self.read_through_at = self.arrived_at = self.now

    def _file(self, word: Answer | Absence, reading: Reading | None) -> None:
        if isinstance(word, Absence):
            self.absences.append(word)
            self.ledger.away(word.at, word.resume_on is not None)
            return
        self.answers.append(word)
        if reading is not None and word.message_id is not None:
            self.labels[word.message_id] = reading
        if reading is None or reading.label is not Label.AUTOMATIC:
            label = reading.label if reading else None
            until = reading.resume_on if reading else None
            self.ledger.hears(Word(word.at, label, until, word.is_trusted, is_opened=word.source is not Source.MAIL))
        else:
            self.ledger.away(word.at, reading.resume_on is not None)

    def _act(self, action: FollowUp | PrepareDraft | Resolve) -> None:
        match action:
            case FollowUp():
                self._approve(action, is_automatic=True)
            case PrepareDraft(kind=kind, step=step):
                self.suggestion = Suggestion(kind=kind, state=SuggestionState.PROPOSED, step=step)
                self.drafted = action
            case Resolve(proof=proof, is_favorable=is_favorable):
                policy = self.in_force()
                assert policy is not None
                assert self.series is not None
                active_since = None if self.series.may_finish else self.activated_at
                self.ledger.agent_closes(policy, self.now, proof, active_since, is_favorable=is_favorable)
                self._end("resolved")
                self.resolve()

    def _tell(self, action: Action) -> None:
        match action:
            case AskForReply(message_id=message_id, reason=reason):
                self._end(reason.value)
                self.suggestion = _card(SuggestionKind.REPLY_TO_CUSTOMER, reason, message_id)
            case AskPerson(kind=kind, reason=reason, ends=ends):
                if ends:
                    self._end(reason.value)
                self.suggestion = _card(kind, reason)
            case End(reason=reason):
                self._end(reason.value)
                self.suggestion = None
            case OpenLinkedCase(message_id=message_id):
                self.answers = [answer for answer in self.answers if answer.message_id != message_id]
            case Wait(reason=reason) if self.suggestion and self.suggestion.kind in FOLLOW_UPS:
                if reason is not Reason.FOR_PERSON and self.suggestion.state is SuggestionState.PROPOSED:
                    self.suggestion = None

    def _end(self, reason: str) -> None:
        if self.series is not None:
            self.ended.append(EndedSeries(started_at=self.series.started_at, ended_at=self.now, end_reason=reason))
            self.series = None
        self.suggestion = None

    def resolve(self) -> None:
        self.status, self.resolved_at, self.suggestion = CaseStatus.RESOLVED, self.now, None

    # mails

    def _approve(self, draft: FollowUp | PrepareDraft, *, is_automatic: bool) -> None:
        closes_on = (self.now + timedelta(days=2)).date() if draft.is_last else None
        self.mails.append(
            OurMail(
                message_id=self.new_id(),
                at=self.now,
                approved_at=self.now,
                is_by_person=False,
                state=MessageState.APPROVED,
                closes_on=closes_on,
            )
        )
        kind = SuggestionKind.SEND_FOLLOW_UP if is_automatic else self.suggestion.kind if self.suggestion else None
        assert kind is not None
        self.suggestion = Suggestion(kind=kind, state=SuggestionState.APPROVED, step=draft.step)

    def representative_approves(self) -> None:
        if self.drafted is not None and self.suggestion is not None:
            self._approve(self.drafted, is_automatic=False)
            self.drafted = None

    def hand_over(self, result: MessageState, takes: timedelta, crossing: Reading | None = None) -> None:
        """The sender's turn: the last look, then what the mail server says, after a while.

        `crossing` is what the customer says meanwhile; it is fetched before the mail server has answered.
        """
        waiting = [mail for mail in self.mails if mail.state is MessageState.APPROVED]
        if not waiting:
            return
        mail = waiting[0]
        if mail.is_by_person:
            self._meanwhile(crossing)
            self.now += takes
            self._set(mail, result, self.now)
            self._enter_persons_mail(mail.message_id, result)
            return
        decided = self._last_look(mail)
        if decided is None:
            self.mails.remove(mail)
            self.suggestion = None
            return
        policy = self.in_force()
        assert policy is not None
        sent = Sent(
            self.now + takes,
            mail.written_at,
            has_arrived=result is MessageState.SENT,
            closes_on=mail.closes_on,
        )
        automatic = isinstance(decided, FollowUp)
        self.ledger.agent_sends(sent, policy, self.now, decided.proof, is_automatic=automatic)
        self._meanwhile(crossing)
        self.now += takes
        self._set(mail, result, self.now)
        self.suggestion = None

    def _meanwhile(self, crossing: Reading | None) -> None:
        if crossing is not None:
            self.customer_says(crossing, is_trusted=True)
            self.fetch()

    def _last_look(self, mail: OurMail) -> FollowUp | PrepareDraft | None:
        step = self.suggestion.step if self.suggestion else None
        for _ in range(3):
            action = decide(self.facts().without_pending(mail.message_id), self.in_force(), self.now)
            if isinstance(action, ProveSilence) and self.mailbox_is_up:
                self.fetch()
                continue
            break
        if isinstance(action, FollowUp | PrepareDraft) and action.step == step:
            assert isinstance(action.proof, Proof)
            return action
        return None

    def _set(self, mail: OurMail, state: MessageState, at: datetime) -> None:
        self.mails[self.mails.index(mail)] = replace(mail, state=state, at=at)

    def person_writes(self, *, promises: str, restarts: bool) -> None:
        mail = OurMail(
            message_id=self.new_id(),
            at=self.now,
            approved_at=self.now,
            is_by_person=True,
            state=MessageState.APPROVED,
            promises=promises,
            restarts_count=restarts,
        )
        self.mails.append(mail)

    def _enter_persons_mail(self, message_id: int, result: MessageState) -> None:
        mail = next(mail for mail in self.mails if mail.message_id == message_id)
        begins = self.series is None or mail.restarts_count
        sent = Sent(mail.at, mail.written_at, has_arrived=result is MessageState.SENT)
        if result is MessageState.REFUSED:
            sent.written_at = datetime.min.replace(tzinfo=mail.at.tzinfo)
        self.ledger.person_sent(sent, begins)
        if begins and self.series is not None:
            self.ledger.anchor_counts = self.rule.counts_persons_mail

    def bounce(self, failure: Failure) -> None:
        for mail in sorted(self.mails, key=lambda mail: mail.at, reverse=True)[:1]:
            if mail.state is MessageState.SENT:
                self.mails[self.mails.index(mail)] = replace(mail, failure=failure)
                self.ledger.mails[-1].has_arrived = False

    # people and customers

    def customer_says(self, reading: Reading, is_trusted: bool) -> None:
        answer = Answer(at=self.now, message_id=self.new_id(), is_trusted=is_trusted)
        self.on_server.append((answer, reading))
        self.ledger.visible_at[answer.message_id or 0] = self.now

    def is_away(self, until: date | None, is_gone: bool) -> None:
        self.on_server.append((Absence(at=self.now, resume_on=until, is_gone=is_gone), None))

    def customer_calls(self) -> None:
        self._file(Answer(at=self.now, source=Source.RECORDED), None)

    def somebody_opens_all(self) -> None:
        self.answers = [replace(answer, is_opened=True) for answer in self.answers]
        for word in self.ledger.words:
            word.is_opened = True

    def judge(self, verdict: Verdict) -> None:
        mails = [answer for answer in self.answers if answer.message_id is not None]
        if not mails:
            return
        newest = max(mails, key=lambda answer: answer.at)
        reading = newest.reading or self.labels[newest.message_id or 0]
        judged = replace(newest, reading=replace(reading, verdict=verdict, verdict_at=self.now))
        self.answers[self.answers.index(newest)] = judged
        self.ledger.judged(is_over=verdict is Verdict.NO_REPLY_NEEDED)
        self.suggestion = None

    def stop_by_person(self) -> None:
        if self.series is not None:
            self._end("ended_by_person")
            self.ended_by_person_at = self.now


def _card(kind: SuggestionKind, reason: Reason, answered: int | None = None) -> Suggestion:
    return Suggestion(kind=kind, state=SuggestionState.PROPOSED, reason=reason.value, answered_message_id=answered)
