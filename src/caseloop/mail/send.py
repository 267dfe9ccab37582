"""How are the mails that are due handed over, each at most once, however often anything crashes? (spec 4.3, design 1)

    approved ──claim, last look──▶ sending ──hand-over──▶ sent | refused | approved again (4xx) | unconfirmed

In order, on one kept connection. A claim takes at most 100 mails and what can be sent in about a second, so
that an answer which arrives meanwhile is overtaken by few mails. Before each few mails it is written down that their
hand-over may begin, together with the results of the few before: a killed worker leaves only those in doubt.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, connection

from caseloop.administration.models import GlobalSettings
from caseloop.administration.secrets import SecretsError
from caseloop.domain.lifecycle import MessageState
from caseloop.mail.claiming import Claim, claim_due, give_back_room
from caseloop.mail.connections import smtp_connection
from caseloop.mail.due import DueMail
from caseloop.mail.hand_over import Accepted, Refused, Stage, TryAgain, Unconfirmed
from caseloop.mail.last_look import LastLook, OnSent, nothing_more
from caseloop.mail.line import Line, WayOut
from caseloop.mail.models import Mailbox
from caseloop.mail.outcomes import dead_addresses, mark_dead_addresses, result_of
from caseloop.mail.recording import Result, about_to_begin, end, record
from caseloop.mail.recovery import recover
from caseloop.mail.safe_start import Reach
from caseloop.mail.wire import envelope_sender, raw_mail

__all__ = ["Limits", "MailSender", "SendReport", "WayOut", "recover", "send_due"]

PUT_OFF_AT_MOST = 3
"""So many 4xx in a row mean that the provider wants us to slow down."""
WAIT_FOR_DATABASE = (0.2, 0.5, 1.0, 2.0, 4.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much is claimed and recorded at once. Times are seconds."""

    mails: int = 100
    sending: float = 1.0
    begin_within: float = 5.0
    record_mails: int = 20
    record_within: float = 0.1


@dataclass(slots=True)
class SendReport:
    """What became of one claim."""

    sent: int = 0
    refused: int = 0
    tried_again_later: int = 0
    unconfirmed: int = 0
    not_begun: int = 0
    not_now: int = 0
    dropped: int = 0
    seconds: float = 0.0
    problem: str = ""

    @property
    def handed_over(self) -> int:
        """How many mails the server was asked to take."""
        return self.sent + self.refused + self.tried_again_later + self.unconfirmed


def send_due(
    mailbox_id: int,
    clock: Callable[[], datetime],
    last_look: LastLook,
    limits: Limits | None = None,
    *,
    on_sent: OnSent = nothing_more,
) -> SendReport:
    """Send one claim of the mailbox's due mails on a connection of its own."""
    sender = MailSender(mailbox_id, clock, last_look, on_sent=on_sent, limits=limits)
    try:
        return sender.send_due()
    finally:
        sender.close()


class MailSender:
    """Sends for one mailbox, claim after claim, on a kept connection; for one thread.

    Senders that share a `line` take turns on it. Once `is_ending` says so, nothing more is handed over: what is claimed
    by then is given back. `on_full` is called when there were as many due mails as one claim takes.
    """

    def __init__(
        self,
        mailbox_id: int,
        clock: Callable[[], datetime],
        last_look: LastLook,
        *,
        on_sent: OnSent = nothing_more,
        limits: Limits | None = None,
        connect: Callable[[Mailbox], WayOut] = smtp_connection,
        stopwatch: Callable[[], float] = time.monotonic,
        line: Line | None = None,
        is_ending: Callable[[], bool] = lambda: False,
        on_full: Callable[[], object] = lambda: None,
    ) -> None:
        self.mailbox_id, self.stopwatch, self.on_sent = mailbox_id, stopwatch, on_sent
        self.limits, self.is_ending = limits or Limits(), is_ending
        self.line = line or Line(connect, stopwatch)
        self._clock, self._last_look, self._on_full = clock, last_look, on_full

    def send_due(self) -> SendReport:
        """Claim, hand over and record one claim; returns at once when nothing is due.

        What is wrong with the way out is told in the report and in the mailbox's `sending_error`; raises database
        errors only, after which `recover` knows what to do.
        """
        report, mailbox, began, now = (
            SendReport(),
            Mailbox.objects.get(pk=self.mailbox_id),
            self.stopwatch(),
            self._clock(),
        )
        if not mailbox.is_on or (mailbox.slow_down_until and mailbox.slow_down_until > now):
            return report
        has_line = self.line.lock.acquire(blocking=False)
        try:
            if has_line and not self._can_connect(mailbox, report, now):
                return report
            settings = GlobalSettings.current()
            window = self.size_of_window() if has_line else 0
            claim = claim_due(mailbox, settings, self._last_look, self._size_of_claim(has_line), window, now)
            report.not_now, report.dropped = claim.not_now, claim.dropped
            if not claim.mails:
                return report
            if claim.is_full:
                self._on_full()
            has_line = has_line or self.line.lock.acquire(timeout=self.limits.begin_within)
            run = _ClaimRun(self, claim, mailbox, settings, now, began, report)
            run.hand_over() if has_line else run.give_all_back()
        finally:
            if has_line:
                self.line.lock.release()
        run.finish()
        return report

    def close(self) -> None:
        """Leave the mail server."""
        with self.line.lock:
            self.line.hang_up()

    def _can_connect(self, mailbox: Mailbox, report: SendReport, now: datetime) -> bool:
        try:
            self.line.way_out(mailbox)
        except SecretsError as error:
            report.problem = str(error)
            Mailbox.objects.filter(pk=mailbox.pk).update(
                sending_error=report.problem[:500], slow_down_until=self.line.note_trouble(report.problem, now)
            )
            return False
        return True

    def _size_of_claim(self, has_line: bool) -> int:
        """What can be sent in about a second, less what is sent until it is our turn."""
        seconds = self.limits.sending if has_line else self.limits.sending / 2
        return max(1, min(self.limits.mails, int(seconds / self.line.pace)))

    def size_of_window(self) -> int:
        """How many hand-overs may be in doubt at once: what is sent between two records."""
        return max(1, min(self.limits.record_mails, int(self.limits.record_within / self.line.pace)))


@dataclass(slots=True)
class _ClaimRun:
    """One claim: handed over or given back, then finished."""

    sender: MailSender
    claim: Claim
    mailbox: Mailbox
    settings: GlobalSettings
    now: datetime
    started: float
    """The sender's stopwatch at `now`."""
    report: SendReport
    results: list[Result] = field(default_factory=list)
    not_sent: list[int] = field(default_factory=list)
    dead: dict[str, str] = field(default_factory=dict)
    put_off_in_a_row: int = 0

    def hand_over(self) -> None:
        """All of it, as far as the mail server goes along. For whoever holds the line."""
        line = self.sender.line
        if line.problem_at > self.started:  # while we waited for the line: its other user has made it known
            self.report.problem = line.problem
            self.give_all_back()
            return
        way_out, reach = line.way_out(self.mailbox), Reach.of(self.settings)
        waiting = deque(self.claim.mails)
        begun = set(self.claim.begun)
        recorded_at = self.sender.stopwatch()
        is_ours = True
        while waiting and not self.report.problem:
            if self._is_over():
                break
            mail = waiting[0]
            limits = self.sender.limits
            is_time = self.sender.stopwatch() - recorded_at >= limits.record_within
            if mail.pk not in begun or (self.results and is_time):
                begun = {m.pk for m in list(waiting)[: self.sender.size_of_window()]}
                is_ours = self._flush(sorted(begun))
                recorded_at = self.sender.stopwatch()
                if not is_ours:
                    break
            waiting.popleft()
            self._send(way_out, mail, reach)
        self._give_back(waiting, is_ours, self._note_trouble())
        self._flush([])

    def give_all_back(self) -> None:
        """Nothing of it is handed over now."""
        until = self.sender.line.not_before if self.report.problem else None
        self._give_back(deque(self.claim.mails), True, until)
        self._flush([])

    def _send(self, way_out: WayOut, mail: DueMail, reach: Reach) -> None:
        began = self.sender.stopwatch()
        at = self.now + timedelta(seconds=began - self.started)
        try:
            envelope_from = envelope_sender(mail, self.mailbox)
            raw = raw_mail(mail, envelope_from, self.mailbox, self.settings, at)
            outcome = way_out.hand_over(envelope_from, reach.envelope(mail), raw)
        except ValueError as error:  # what cannot be written as a mail was not handed over
            outcome = Refused(554, f"This mail cannot be sent: {error}", Stage.CONNECT)
        took = self.sender.stopwatch() - began
        self.sender.line.note_pace(took)
        self.results.append(result_of(mail, outcome, at + timedelta(seconds=took), reach.note))
        self.dead |= dead_addresses(outcome)
        match outcome:
            case Accepted():
                self.report.sent += 1
                self.put_off_in_a_row = 0
                self.sender.line.no_trouble()
            case Refused():
                self.report.refused += 1
                self.not_sent.append(mail.case_id)
            case Unconfirmed():
                self.report.unconfirmed += 1
                self.not_sent.append(mail.case_id)
            case TryAgain():
                self.report.tried_again_later += 1
                self.put_off_in_a_row += 1
                if self._is_trouble(outcome):
                    self.report.problem = f"{outcome.code or ''} {outcome.text}".strip()

    def _is_trouble(self, outcome: TryAgain) -> bool:
        """Whether it is the server that cannot or will not take mail now, and not this mail or its recipient."""
        is_about_all = outcome.is_about_the_server or outcome.code == 421 or outcome.stage is Stage.MAIL
        return is_about_all or self.put_off_in_a_row >= PUT_OFF_AT_MOST

    def _is_over(self) -> bool:
        is_late = self.sender.stopwatch() - self.started > self.sender.limits.begin_within
        return is_late or self.sender.is_ending()

    def _flush(self, beginning: list[int]) -> bool:
        """Commit what is known, and what begins next; False when recovery has taken the claim away.

        A database that is restarted meanwhile is waited for: results that only we know would be mails in doubt.
        """
        results, self.results = self.results, []
        for seconds in (*WAIT_FOR_DATABASE, None):
            try:
                return (
                    record(self.claim.id, results, beginning) if results else about_to_begin(self.claim.id, beginning)
                )
            except (OperationalError, InterfaceError):
                if seconds is None or connection.in_atomic_block:
                    raise
                connection.close()
                time.sleep(seconds)
        raise AssertionError("the last try returns or raises")

    def _give_back(self, waiting: deque[DueMail], is_ours: bool, until: datetime | None) -> None:
        """What was not begun is approved again; its place in the limits is free again."""
        if not waiting or not is_ours:  # else recovery has given them back already
            return
        self.report.not_begun = len(waiting)
        self.results += [
            Result(m.pk, MessageState.APPROVED, self.report.problem, not_before=until, was_tried=False) for m in waiting
        ]
        give_back_room(self.mailbox, len(waiting), self.now)

    def _note_trouble(self) -> datetime | None:
        """A server that is out of reach or asks us to slow down is left alone for a while, longer each time."""
        problem = self.report.problem
        until = self.sender.line.note_trouble(problem, self.now) if problem else None
        if until or self.mailbox.sending_error or self.mailbox.slow_down_until:
            Mailbox.objects.filter(pk=self.mailbox.pk).update(slow_down_until=until, sending_error=problem[:500])
        return until

    def finish(self) -> None:
        """Write all that follows; the line is for others meanwhile."""
        mark_dead_addresses(self.dead, self.now)
        end(self.claim.id, [mail.pk for mail in self.claim.mails], self.not_sent, self.now, self.sender.on_sent)
        self.report.seconds = self.sender.stopwatch() - self.started
