"""What do the representatives do? In their sessions of a working day they answer, approve, discard, hold, resolve."""

from __future__ import annotations

import contextlib
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Q

from caseloop.accounts.changes import set_away
from caseloop.accounts.models import User
from caseloop.cases import addresses
from caseloop.cases.changes import add_work, assign, cancel_case, hold, log_contact, move_to_queue
from caseloop.cases.errors import CaseError
from caseloop.cases.models import Case, ContactAddress, Queue, StatusReason
from caseloop.cases.models.activity import ActivityKind, Direction
from caseloop.cases.resolving import ResolutionDetails
from caseloop.domain.actions import Reason, SuggestionKind
from caseloop.domain.lifecycle import SuggestionState
from caseloop.followups import approvals, doubts
from caseloop.followups.by_hand import Typed, send_by_hand
from caseloop.followups.errors import FollowUpError
from caseloop.followups.models import SuggestedAction
from caseloop.letters.errors import LetterError
from caseloop.mail.errors import MailError
from caseloop.mail.models import MailDoubt, Message
from caseloop.mail.opening import mark_opened
from caseloop.simulation.clock import SimulatedClock
from caseloop.simulation.files import By, CaseFile, Verdict
from caseloop.simulation.letters import Letter, Means
from caseloop.simulation.registry import Registry
from caseloop.simulation.story import Story
from caseloop.simulation.words import said

REFUSED = (FollowUpError, CaseError, MailError, LetterError)
"""What a page would tell the representative; nothing was changed."""
FOLLOW_UPS = (SuggestionKind.SEND_FOLLOW_UP.value, SuggestionKind.SEND_NEXT_FOLLOW_UP.value)
UNREACHABLE = (Reason.UNDELIVERABLE.value, Reason.GONE.value, Reason.NO_ADDRESS.value)


@dataclass(eq=False, slots=True)
class Representative:
    """`diligence`: which share of what waits is worked on in a session; 0 for one who does nothing."""

    user: User
    zone: str
    diligence: float
    days_off: list[tuple[datetime, datetime]] = field(default_factory=list)

    def is_off(self, now: datetime) -> bool:
        return any(since <= now < until for since, until in self.days_off)


@dataclass(slots=True)
class Representatives:
    """Everybody who works on cases."""

    rng: random.Random
    clock: SimulatedClock
    registry: Registry
    story: Story
    people: list[Representative] = field(default_factory=list)
    _by_pk: dict[int, Representative] = field(default_factory=dict)
    _reasons: dict[str, StatusReason] = field(default_factory=dict)

    def engage(self, person: Representative) -> None:
        self.people.append(person)
        self._by_pk[person.user.pk] = person

    def owner_for(self, file: CaseFile) -> Representative:
        """Who looks after the case: the same for all cases of a customer."""
        return self.people[file.customer.index % len(self.people)]

    def session(self, zone: str) -> None:
        """The representatives of one zone work on what waits for them."""
        now = self.clock.now()
        here = [person for person in self.people if person.zone == zone and not person.is_off(now)]
        owners = [person.user.pk for person in here if person.diligence > 0]
        self._take_new_cases()
        if not owners:
            return
        self._answer_first_mails(owners)
        self._answer_doubts(owners)
        self._work_on_suggestions(owners)
        self._look_after_the_rest(owners)

    def leave(self, person: Representative, until: datetime) -> None:
        """Days off; some forget to say so."""
        if self.rng.random() < 0.7:
            set_away(person.user, until, now=self.clock.now())
        self.story.tell(None, str(person.user), f"takes days off until {until:%a %d %b}")

    def answer_the_phone(self, file: CaseFile) -> None:
        """The customer calls, and it is written down."""
        if not file.pk or file.closed_at is not None:
            return
        person, now = self.owner_for(file), self.clock.now()
        log_contact(
            file.pk, ActivityKind.PHONE_CALL, Direction.IN, "The customer asked a question.", actor=person.user, now=now
        )
        file.calls.append(now)
        file.answered += 1
        self._tell(file, person, "writes down a call of the customer")

    # what waits

    def _take_new_cases(self) -> None:
        for file in self.registry.find_new_cases():
            person, now = self.owner_for(file), self.clock.now()
            queue = Queue.objects.get(name=file.rule.queue)
            move_to_queue(file.pk, queue, actor=person.user, now=now)
            assign(file.pk, person.user, actor=person.user, now=now)
            self._tell(file, person, f"gets the case ({file.rule.name})")

    def _answer_first_mails(self, owners: list[int]) -> None:
        for file in list(self.registry.unanswered.values()):
            person = self.owner_for(file)
            if person.user.pk in owners and self._is_worked_on(person):
                promises = self.rng.random() < 0.04
                if self._write(file, person, "promise" if promises else "answer"):
                    self.registry.unanswered.pop(file.pk, None)
                    if promises:  # and does so
                        self.registry.promised[file.pk] = file
        for file in list(self.registry.promised.values()):
            person = self.owner_for(file)
            last = file.last_arrived()
            waits = last is not None and self.clock.at - last.at > timedelta(hours=20)
            if person.user.pk in owners and waits and self._is_worked_on(person):
                self.registry.promised.pop(file.pk)
                if file.closed_at is None:
                    self._write(file, person, "answer")

    def _answer_doubts(self, owners: list[int]) -> None:
        rows = MailDoubt.objects.filter(answer="", case__owner__in=owners, case__status="active")
        for doubt in rows.select_related("message", "case").order_by("pk"):
            person, file = self._by_pk[doubt.case.owner_id or 0], self.registry.of_case(doubt.case_id)
            if file is None or not self._is_worked_on(person):
                continue
            letter = self.registry.letter(doubt.message.message_id)
            is_meant = letter is not None and letter.file is file
            filed_elsewhere = doubt.message.case_id != doubt.case_id
            what = ("moved" if filed_elsewhere and self.rng.random() < 0.7 else "yes") if is_meant else "no"
            now = self.clock.now()
            try:
                doubts.answer(doubt.pk, what, actor=person.user, now=now)
            except REFUSED as error:
                self._tell(file, person, f"cannot say whether a mail answers this case: {error}")
                continue
            mark_opened([doubt.message_id], now)
            if what == "no":
                file.verdicts.append(Verdict(now, "no", letter))
            self._tell(file, person, f"says whether a mail ({letter.means if letter else '?'}) answers it: {what}")

    def _work_on_suggestions(self, owners: list[int]) -> None:
        rows = SuggestedAction.objects.filter(state=SuggestionState.PROPOSED.value, case__owner__in=owners)
        for action in rows.select_related("case", "message").order_by("created_at", "pk"):
            person, file = self._by_pk[action.case.owner_id or 0], self.registry.of_case(action.case_id)
            if not self._is_worked_on(person):
                continue
            if file is None:
                self._leave_to_others(action, person)
                continue
            try:
                self._decide(action, file, person)
            except REFUSED as error:
                self._tell(file, person, f"is told: {error}")

    def _look_after_the_rest(self, owners: list[int]) -> None:
        """Cases of mine that nobody suggests anything for: unread mails, and what the customer says is solved."""
        unread = Q(messages__direction="in", messages__kind__in=["human", "unreadable"], messages__opened_at=None)
        solved = Q(enrolments__end_reason="favorable", next_move="us")
        waiting = Case.objects.filter(unread | solved, owner__in=owners, status="active")
        waiting = waiting.exclude(suggested_actions__state__in=["proposed", "approved"])
        for case in waiting.distinct().order_by("pk"):
            person, file = self._by_pk[case.owner_id or 0], self.registry.of_case(case.pk)
            if not self._is_worked_on(person) or case.pk in self.registry.unanswered:
                continue
            if file is None:
                self._cancel(case, person)
                continue
            try:
                self._reply(file, person)
            except REFUSED as error:
                self._tell(file, person, f"is told: {error}")

    # decisions

    def _decide(self, action: SuggestedAction, file: CaseFile, person: Representative) -> None:
        match action.kind:
            case kind if kind in FOLLOW_UPS:
                self._on_follow_up(action, file, person)
            case SuggestionKind.REPLY_TO_CUSTOMER.value:
                self._reply(file, person)
            case SuggestionKind.RESOLVE_CASE.value:
                self._on_closing(file, person)
            case _:
                self._on_attention(action, file, person)

    def _on_follow_up(self, action: SuggestedAction, file: CaseFile, person: Representative) -> None:
        actor, now, chance = person.user, self.clock.now(), self.rng.random()
        if action.message is None:
            self._write(file, person, "reply")
        elif chance < 0.62:
            self._approve(action, file, person, None)
        elif chance < 0.74:
            body = said(file.customer.language, "answer")
            edited = approvals.Edited(
                to=tuple(action.message.to_addresses), cc=(), subject=action.message.subject, body=body
            )
            self._approve(action, file, person, edited)
        elif chance < 0.80:
            approvals.discard(action.pk, actor=actor, now=now)
            self._tell(file, person, "discards the draft")
        elif chance < 0.85:
            approvals.skip(file.pk, actor=actor, now=now)
            self._tell(file, person, "skips this follow-up")
        elif chance < 0.91:
            self._hold(file, person)
        elif chance < 0.94:
            approvals.stop(file.pk, actor=actor, now=now)
            self._tell(file, person, "stops the follow-ups")
        elif chance < 0.97:
            self._write(file, person, "reply")

    def _approve(
        self, action: SuggestedAction, file: CaseFile, person: Representative, edited: approvals.Edited | None
    ) -> None:
        sent = approvals.approve(action.pk, actor=person.user, now=self.clock.now(), edited=edited)
        self.registry.sent_by[sent.message_id] = (file, By.CONFIRMED)
        self._tell(file, person, "approves the follow-up" if edited is None else "edits the follow-up and approves it")

    def _reply(self, file: CaseFile, person: Representative) -> None:
        actor, now, chance = person.user, self.clock.now(), self.rng.random()
        last = _last_words(file)
        if file.customer.is_dead:
            self._find_new_address(file, person)
        if last is not None and last.means is Means.THANKS and chance < 0.85:
            self._resolve(file, person, "problem_solved")
        elif chance < 0.8:
            self._write(file, person, "reply")
        elif chance < 0.87:
            approvals.continue_follow_ups(file.pk, actor=actor, now=now)
            file.verdicts.append(Verdict(now, "continue"))
            self._tell(file, person, "lets the follow-ups continue")
        elif chance < 0.92:
            approvals.no_reply_needed(file.pk, actor=actor, now=now)
            file.verdicts.append(Verdict(now, "no reply needed"))
            self._open(file)
            self._tell(file, person, "says that no reply is needed")
        elif chance < 0.97:
            self._resolve(file, person, "information_provided")

    def _on_closing(self, file: CaseFile, person: Representative) -> None:
        chance = self.rng.random()
        if chance < 0.85:
            self._resolve(file, person, "no_response")
        elif chance < 0.95:
            self._hold(file, person)

    def _on_attention(self, action: SuggestedAction, file: CaseFile, person: Representative) -> None:
        chance = self.rng.random()
        if action.reason in UNREACHABLE and self._find_new_address(file, person):
            self._write(file, person, "reply")
        elif chance < 0.3:
            approvals.complete(action.pk, actor=person.user, now=self.clock.now())
            self._tell(file, person, f"attends to it ({action.reason})")
        elif chance < 0.6:
            self._resolve(file, person, "information_provided")
        elif chance < 0.9:
            self._write(file, person, "reply")

    # acts

    def _write(self, file: CaseFile, person: Representative, what: str) -> bool:
        case = Case.objects.select_related("contact").get(pk=file.pk)
        if self.rng.random() < 0.95:
            self._open(file)
        customer = file.customer
        knows_new = ContactAddress.objects.filter(address=customer.new_address or "-").exists()
        to = customer.new_address if knows_new else customer.address
        typed = Typed(
            to=(to,),
            subject=f"Re: {file.title}",
            body=said(customer.language, what),
            language=customer.language,
            sets_status_reason=self._reason("on_hold"),
            restarts_count=self.rng.random() < 0.1,
        )
        try:
            sent = send_by_hand(case, typed, author=person.user, now=self.clock.now())
        except REFUSED as error:
            self._tell(file, person, f"cannot write: {error}")
            return False
        self.registry.sent_by[sent.message_id] = (file, By.PERSON)
        self._tell(file, person, f"writes by hand ({what})")
        if self.rng.random() < 0.03:
            self._plan_something(file, person)
        return True

    def _plan_something(self, file: CaseFile, person: Representative) -> None:
        now, due = self.clock.now(), self.clock.at + timedelta(days=self.rng.randint(2, 6))
        kind = self.rng.choice((ActivityKind.TASK, ActivityKind.APPOINTMENT))
        add_work(file.pk, kind, "A visit", actor=person.user, now=now, due_at=due, ends_at=due + timedelta(hours=1))
        self._tell(file, person, f"plans {kind.label.lower()} on {due:%a %d %b %H:%M}")

    def _hold(self, file: CaseFile, person: Representative) -> None:
        until = self.clock.at + timedelta(days=self.rng.randint(1, 5))
        hold(file.pk, until, "asked to wait", actor=person.user, now=self.clock.now())
        self._tell(file, person, f"holds the case until {until:%a %d %b %H:%M}")

    def _resolve(self, file: CaseFile, person: Representative, reason: str) -> None:
        self._open(file)
        details = ResolutionDetails(status_reason=self._reason(reason), text="Settled with the customer.")
        now = self.clock.now()
        approvals.resolve(file.pk, details, actor=person.user, now=now)
        self._tell(file, person, f"resolves the case ({reason})")

    def _cancel(self, case: Case, person: Representative) -> None:
        """A case that a mail opened though it was meant for another one: nothing is left to do on it."""
        with contextlib.suppress(*REFUSED):  # somebody ended it already
            cancel_case(case.pk, self._reason("cancelled"), actor=person.user, now=self.clock.now())

    def _leave_to_others(self, action: SuggestedAction, person: Representative) -> None:
        self._cancel(action.case, person)

    def _find_new_address(self, file: CaseFile, person: Representative) -> bool:
        """By telephone; only of customers who have one."""
        customer = file.customer
        if not customer.new_address:
            return False
        case = Case.objects.select_related("contact").get(pk=file.pk)
        if case.contact is None or ContactAddress.objects.filter(address=customer.new_address).exists():
            return True
        now = self.clock.now()
        row = addresses.add_address(case.contact, customer.new_address, actor=person.user, now=now)
        addresses.make_primary(row.pk, actor=person.user, now=now)
        self._tell(file, person, "finds the customer's new address")
        return True

    def _open(self, file: CaseFile) -> None:
        unread = Message.objects.filter(case=file.pk, direction="in", opened_at=None)
        mark_opened(unread.values_list("pk", flat=True), self.clock.now())

    def _is_worked_on(self, person: Representative) -> bool:
        return self.rng.random() < person.diligence

    def _reason(self, key: str) -> StatusReason:
        if key not in self._reasons:
            self._reasons[key] = StatusReason.objects.get(key=key)
        return self._reasons[key]

    def _tell(self, file: CaseFile, person: Representative, what: str) -> None:
        self.story.tell(file, str(person.user), what)


def _last_words(file: CaseFile) -> Letter | None:
    """The customer's last words that have come in, as a reader of the case knows them."""
    return next((x for x in reversed(file.letters) if x.is_human and x.offered_at is not None), None)
