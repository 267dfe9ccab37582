"""Does everything that is sent and closed keep the promises? Each mail and closing is judged when it happens (spec 10).

What counts is what the mail server took and showed, and what people decided; never what Caseloop's own tables say about
it. Of the tables only the closings are read, as nobody else knows of them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection

from caseloop.cases.models import Reopening, Resolution
from caseloop.simulation.files import By, CaseFile, HandedOver
from caseloop.simulation.letters import DEFERS, Letter, Means
from caseloop.simulation.mail_server import MailServer
from caseloop.simulation.registry import Registry
from caseloop.simulation.story import Story

PROOF = timedelta(seconds=60)
CLAIM = timedelta(seconds=6)
"""A claim's mails are begun within five seconds of its last look, and each takes a moment."""
AWAY = timedelta(days=7)
NEWEST = """
    SELECT coalesce((SELECT max(id) FROM cases_resolution), 0), coalesce((SELECT max(id) FROM cases_reopening), 0)"""
ACTS = (By.AUTOMATIC, By.CONFIRMED)


class PromiseBroken(Exception):
    """What should never happen has happened; to this case, if it is one case's."""

    def __init__(self, promise: str, what: str, file: CaseFile | None) -> None:
        super().__init__(f"{promise} is broken: {what}")
        self.promise, self.what, self.file = promise, what, file


@dataclass(frozen=True, slots=True)
class Closing:
    """The assistant, or a person, resolved a case."""

    at: datetime
    file: CaseFile
    is_by_agent: bool
    is_favorable: bool


@dataclass(slots=True)
class Promises:
    """Told of each hand-over by the mail server; looks for closings when asked to."""

    server: MailServer
    registry: Registry
    story: Story
    checked: Counter[str] = field(default_factory=Counter)
    _waiting: list[tuple[CaseFile, HandedOver, datetime | None]] = field(default_factory=list)
    _taken: Counter[str] = field(default_factory=Counter)
    _resolution: int = 0
    _reopening: int = 0

    def note(self, file: CaseFile, mail: HandedOver) -> None:
        """A hand-over has happened. P4 is judged at once; the rest when it is known whether the case was closed."""
        if mail.has_arrived:
            self._taken[mail.message_id] += 1
            self.checked["P4"] += 1
            if self._taken[mail.message_id] > 1:
                raise PromiseBroken("P4", f"the mail server took {_short(mail)} twice", file)
        self._waiting.append((file, mail, self._read_at()))

    def look(self) -> None:
        """Judge what has happened since the last time, in its order. Raises `PromiseBroken`."""
        with connection.cursor() as cursor:
            cursor.execute(NEWEST)
            ((resolution, reopening),) = cursor.fetchall()
        closings = self._closings() if resolution > self._resolution else []
        waiting, self._waiting = self._waiting, []
        events: list[tuple[datetime, int, Closing | tuple[CaseFile, HandedOver, datetime | None]]] = [
            (closing.at, 0, closing) for closing in closings
        ]
        events += [(entry[1].at, 1, entry) for entry in waiting]
        for _, _, event in sorted(events, key=lambda event: event[:2]):
            if isinstance(event, Closing):
                self.judge_closing(event)
            else:
                self.judge_mail(*event)
        if reopening > self._reopening:
            self._reopenings()

    # closings

    def _closings(self) -> list[Closing]:
        rows = Resolution.objects.filter(pk__gt=self._resolution).order_by("pk").select_related("status_reason")
        found = []
        for row in rows:
            self._resolution = row.pk
            file = self.registry.of_case(row.case_id)
            if file is not None:
                is_favorable = row.status_reason.key == "problem_solved"
                found.append(Closing(row.resolved_at, file, row.is_automatic, is_favorable))
        return found

    def _reopenings(self) -> None:
        rows = Reopening.objects.filter(pk__gt=self._reopening).order_by("pk").select_related("resolution")
        for row in rows:
            self._reopening = row.pk
            file = self.registry.of_case(row.resolution.case_id)
            if file is not None:
                file.closed_at = None
                file.reopened += 1
                self.story.tell(file, "the case", f"is open again: {row.reason}", row.reopened_at)

    def judge_closing(self, closing: Closing) -> None:
        """A case was resolved, after the last reading that the mail server knows of. Raises `PromiseBroken`."""
        file, at = closing.file, closing.at
        self.story.tell(file, "the assistant" if closing.is_by_agent else "a person", "resolves the case", at)
        if closing.is_by_agent:
            file.closed_by_agent += 1
            self._check_words(file, at, "closed", closing.is_favorable)
            self._check_proof(file, at, self._read_at(), "closed")
            self._check_delivery(file, at)
            if not closing.is_favorable:
                self._check_wait(file, at, "P3", "closed")
            self._check_absence(file, at)
        else:
            file.closed_by_person += 1
        file.closed_at = at

    def _check_delivery(self, file: CaseFile, at: datetime) -> None:
        """All mails of this silence were taken, and none came back or got lost."""
        self.checked["P3"] += 1
        last: dict[str, HandedOver] = {}
        for mail in _of_silence(file):
            if mail.by is not By.NOTICE:
                last[mail.message_id] = mail
        for mail in last.values():
            if not mail.has_arrived:
                raise PromiseBroken(
                    "P3", f"{file.name} was closed though {_short(mail)} was {mail.arrival.value}", file
                )
            bounce = self._bounce_of(file, mail)
            if bounce is not None and bounce <= at:
                raise PromiseBroken("P3", f"{file.name} was closed though {_short(mail)} had come back", file)
        if not last:
            raise PromiseBroken("P3", f"{file.name} was closed though no mail of ours had arrived", file)

    def _bounce_of(self, file: CaseFile, mail: HandedOver) -> datetime | None:
        """When a reading was offered the report that this mail came back."""
        for letter in file.letters:
            is_bounce = letter.means in (Means.BOUNCES, Means.DELAYED)
            if is_bounce and letter.offered_at and mail.message_id.encode() in letter.raw:
                return letter.offered_at
        return None

    # mails

    def judge_mail(self, file: CaseFile, mail: HandedOver, read_at: datetime | None) -> None:
        """A hand-over; `read_at` is when the last complete reading before it began. Raises `PromiseBroken`."""
        by = mail.by
        if by is By.AUTOMATIC and file.closed_at is not None and file.closed_at <= mail.at:
            by = By.NOTICE
        told = HandedOver(mail.message_id, mail.at, by, mail.arrival)
        if mail.has_arrived and by in ACTS:
            self._check_words(file, mail.at, "followed up", is_favorable=False)
            self._check_proof(file, mail.at, read_at, "followed up")
            self._check_wait(file, mail.at, "P1", "followed up")
            self._check_count(file, told)
            self._check_absence(file, mail.at)
        file.handed_over.append(told)
        self.story.tell(file, "the mail server", f"{mail.arrival.value}: our mail, {by.value}", mail.at)

    def _check_count(self, file: CaseFile, mail: HandedOver) -> None:
        """Never more than the rule says since the last human answer, and since the last mail by hand."""
        self.checked["P1"] += 1
        persons = max((m.at for m in file.handed_over if m.by is By.PERSON and m.has_arrived), default=None)
        words = max((at for at in self._words_at(file) if at <= mail.at), default=None)
        since = max(moment for moment in (persons, words, mail.at - timedelta(days=400)) if moment is not None)
        sent = sum(1 for m in file.handed_over if m.by in ACTS and m.has_arrived and m.at > since) + 1
        begins_with_ours = persons is not None and persons == since and file.rule.counts_persons_mail
        most = file.rule.most_follow_ups - (begins_with_ours and not self._may_be_old(file))
        if sent > most:
            raise PromiseBroken("P1", f"{file.name} got {sent} follow-ups in a row; its rule allows {most}", file)

    def _may_be_old(self, file: CaseFile) -> bool:
        """A silence taken at an activation begins with a follow-up of its own (spec 2.13)."""
        first = next((m for m in reversed(file.handed_over) if m.by is By.PERSON), None)
        return first is not None and any(activated > first.at for activated in file.rule.activated)

    # both

    def _check_words(self, file: CaseFile, at: datetime, what: str, is_favorable: bool) -> None:
        """No words of the customer that were known, or offered to a reading, are left without an answer of a person."""
        self.checked["P2"] += 1
        for letter in self._letters_about(file):
            if letter.offered_at is None or letter.offered_at > at or self._is_dealt_with(file, letter, at):
                continue
            if is_favorable and letter.means is Means.THANKS and file.rule.resolves_favorable:
                continue
            seen = f"{letter.offered_at:%d %b %H:%M:%S}"
            sentence = f"{file.name} was {what} although the customer {letter.means.value} (offered {seen})"
            raise PromiseBroken("P2", sentence, file)
        for call in file.calls:
            if call <= at and not self._has_person_dealt(file, call):
                raise PromiseBroken("P2", f"{file.name} was {what} although the customer had called", file)

    def _letters_about(self, file: CaseFile) -> list[Letter]:
        """The words that are meant for the case, and new mails of its customer that may be meant for it."""
        own = [letter for letter in file.letters if letter.is_human]
        for other in file.customer.files:
            if other is not file:
                own += [x for x in other.letters if _may_mean_others(x) and self._waited(file, x)]
        return own

    def _waited(self, file: CaseFile, letter: Letter) -> bool:
        """Whether the case waited for its customer when the mail came in."""
        came_at = letter.offered_at
        if came_at is None or (file.closed_at is not None and file.closed_at <= came_at):
            return False
        mails = [m.at for m in file.handed_over if m.has_arrived and m.at <= came_at]
        words = [at for at in self._words_at(file) if at <= came_at]
        return bool(mails) and (not words or max(mails) > max(words))

    def _words_at(self, file: CaseFile) -> list[datetime]:
        return [x.offered_at for x in file.letters if x.is_human and x.offered_at is not None] + file.calls

    def _is_dealt_with(self, file: CaseFile, letter: Letter, at: datetime) -> bool:
        assert letter.offered_at is not None
        if self._has_person_dealt(file, letter.offered_at):
            return True
        if any(verdict.letter is letter for verdict in file.verdicts):
            return True
        if letter.means not in DEFERS or letter.file is not file:
            return False
        if letter.means is Means.LATER:
            zone = ZoneInfo(file.customer.zone)
            said_on, today = letter.offered_at.astimezone(zone).date(), at.astimezone(zone).date()
            return today.isocalendar()[:2] > said_on.isocalendar()[:2]
        return at - letter.offered_at >= file.rule.least_wait

    def _has_person_dealt(self, file: CaseFile, since: datetime) -> bool:
        written = any(m.by is By.PERSON and m.has_arrived and m.at > since for m in file.handed_over)
        return written or any(v.letter is None and v.at >= since for v in file.verdicts)

    def _check_proof(self, file: CaseFile, at: datetime, read_at: datetime | None, what: str) -> None:
        """A reading of all folders was answered in full, at most a minute before, and after our last mail."""
        self.checked["P3"] += 1
        if read_at is None or read_at < at - PROOF - CLAIM:
            when = f"{read_at:%d %b %H:%M:%S}" if read_at else "never"
            raise PromiseBroken("P3", f"{file.name} was {what} though the mailbox was last read {when}", file)

    def _check_wait(self, file: CaseFile, at: datetime, promise: str, what: str) -> None:
        self.checked["P1"] += 1
        last = file.last_arrived()
        if last is not None and at - last.at < file.rule.least_wait:
            passed = at - last.at
            raise PromiseBroken(promise, f"{file.name} was {what} only {passed} after our last mail", file)

    def _check_absence(self, file: CaseFile, at: datetime) -> None:
        """Nothing before the day of return, and no closing within a week of an absence without one (spec 3.7)."""
        last = file.last_arrived()
        for letter in file.letters:
            if letter.offered_at is None or letter.offered_at > at:
                continue
            is_answered = any(x.is_human and x.offered_at and x.offered_at > letter.offered_at for x in file.letters)
            if letter.back_on is not None and at < letter.back_on and not is_answered:
                raise PromiseBroken("3.7", f"{file.name}: an act before {letter.back_on:%d %b}, the return", file)
            if letter.means is Means.GONE and last is not None and letter.offered_at > last.at:
                raise PromiseBroken("P3", f"{file.name}: an act though the customer has left the company", file)

    def _read_at(self) -> datetime | None:
        return self.server.readings[-1] if self.server.readings else None


def _of_silence(file: CaseFile) -> list[HandedOver]:
    """Our mails from the last one by hand on."""
    start = 0
    for index, mail in enumerate(file.handed_over):
        if mail.by is By.PERSON and mail.has_arrived:
            start = index
    return file.handed_over[start:]


def _may_mean_others(letter: Letter) -> bool:
    """A mail of the customer that was begun anew."""
    own = letter.file is not None and letter.sender in (letter.file.customer.address, letter.file.customer.new_address)
    return own and not letter.is_reply and (letter.is_human or letter.means is Means.OPENS)


def _short(mail: HandedOver) -> str:
    return f"our mail ({mail.by.value}) of {mail.at:%d %b %H:%M:%S}"
