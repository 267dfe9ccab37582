"""How are the mails that are due handed over, each at most once, however often anything crashes? (spec 4.3, design 1)

    approved ──claim, last look──▶ sending ──hand-over──▶ sent | refused | approved again (4xx) | unconfirmed

One thread, in order, on one kept connection. A claim takes at most 100 mails and what can be sent in about a second, so
that an answer which arrives meanwhile is overtaken by few mails. Before each few mails it is written down that their
hand-over may begin, together with the results of the few before: a killed worker leaves only those in doubt.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from django.db import InterfaceError, OperationalError, connection

from caseloop.administration.models import GlobalSettings
from caseloop.administration.secrets import SecretsError
from caseloop.domain.lifecycle import MessageState
from caseloop.mail.claiming import Claim, claim_due, give_back_room
from caseloop.mail.connections import smtp_connection
from caseloop.mail.due import DueMail
from caseloop.mail.hand_over import Accepted, HandOver, Refused, Stage, TryAgain, Unconfirmed
from caseloop.mail.last_look import LastLook, OnSent, nothing_more
from caseloop.mail.models import Mailbox
from caseloop.mail.outcomes import dead_addresses, mark_dead_addresses, result_of
from caseloop.mail.recording import Result, about_to_begin, end, record
from caseloop.mail.recovery import recover
from caseloop.mail.safe_start import Reach
from caseloop.mail.wire import envelope_sender, raw_mail

__all__ = ["Limits", "MailSender", "SendReport", "recover", "send_due"]

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


class WayOut(Protocol):
    """What hands a mail over: `SmtpConnection`, or another kind of provider."""

    def hand_over(self, envelope_from: str, recipients: list[str], raw: bytes) -> HandOver: ...
    def close(self) -> None: ...


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
    """Sends for one mailbox, claim after claim, on one kept connection; for one thread.

    Once `is_ending` says so, nothing more is handed over: what is claimed by then is given back.
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
        is_ending: Callable[[], bool] = lambda: False,
    ) -> None:
        self.mailbox_id, self.stopwatch, self.is_ending = mailbox_id, stopwatch, is_ending
        self._clock, self._last_look, self._on_sent, self._connect = clock, last_look, on_sent, connect
        self._limits = limits or Limits()
        self._way_out: WayOut | None = None
        self._connected_as: tuple[object, ...] = ()
        self._troubles = 0
        self._pace = 0.05  # seconds a mail, as measured last

    def send_due(self) -> SendReport:
        """Claim, hand over and record one claim; returns at once when nothing is due.

        What is wrong with the way out is told in the report and in the mailbox's `sending_error`; raises database
        errors only, after which `recover` knows what to do.
        """
        report, mailbox, now = SendReport(), Mailbox.objects.get(pk=self.mailbox_id), self._clock()
        if not mailbox.is_on or (mailbox.slow_down_until and mailbox.slow_down_until > now):
            return report
        try:
            self.way_out(mailbox)
        except SecretsError as error:
            report.problem = str(error)
            Mailbox.objects.filter(pk=mailbox.pk).update(
                sending_error=report.problem[:500], slow_down_until=self.next_try(now)
            )
            return report
        settings = GlobalSettings.current()
        claim = claim_due(mailbox, settings, self._last_look, self._size_of_claim(), self.size_of_window(), now)
        report.not_now, report.dropped = claim.not_now, claim.dropped
        if claim.mails:
            _ClaimRun(self, claim, mailbox, settings, now, report).run()
        return report

    def close(self) -> None:
        """Leave the mail server."""
        if self._way_out is not None:
            self._way_out.close()
        self._way_out = None

    def way_out(self, mailbox: Mailbox) -> WayOut:
        """The kept connection, or a new one where the mailbox's settings have changed."""
        wanted = (mailbox.smtp_host, mailbox.smtp_port, mailbox.smtp_security, mailbox.username, bytes(mailbox.secret))
        if self._way_out is None or wanted != self._connected_as:
            self.close()
            self._way_out, self._connected_as = self._connect(mailbox), wanted
        return self._way_out

    def _size_of_claim(self) -> int:
        return max(1, min(self._limits.mails, int(self._limits.sending / self._pace)))

    def size_of_window(self) -> int:
        """How many hand-overs may be in doubt at once: what is sent between two records."""
        return max(1, min(self._limits.record_mails, int(self._limits.record_within / self._pace)))

    def next_try(self, now: datetime) -> datetime:
        """When to talk to the mail server again after trouble with it: 5 seconds, then twice as long each time."""
        self._troubles += 1
        return now + timedelta(seconds=min(600.0, 5 * 2.0 ** min(self._troubles - 1, 10)))

    def no_trouble(self) -> None:
        """The mail server does what it should."""
        self._troubles = 0

    def note_pace(self, seconds: float) -> None:
        """One mail took so long."""
        self._pace = max(0.0005, 0.8 * self._pace + 0.2 * seconds)


@dataclass(slots=True)
class _ClaimRun:
    """One claim from its first hand-over to its end."""

    sender: MailSender
    claim: Claim
    mailbox: Mailbox
    settings: GlobalSettings
    now: datetime
    report: SendReport
    results: list[Result] = field(default_factory=list)
    not_sent: list[int] = field(default_factory=list)
    dead: dict[str, str] = field(default_factory=dict)
    put_off_in_a_row: int = 0
    started: float = field(init=False)

    def __post_init__(self) -> None:
        self.started = self.sender.stopwatch()

    def run(self) -> None:
        way_out, reach = self.sender.way_out(self.mailbox), Reach.of(self.settings)
        waiting = deque(self.claim.mails)
        begun = set(self.claim.begun)
        recorded_at = self.started
        is_ours = True
        while waiting and not self.report.problem:
            if self._is_over():
                break
            mail = waiting[0]
            limits = self.sender._limits
            is_time = self.sender.stopwatch() - recorded_at >= limits.record_within
            if mail.pk not in begun or (self.results and is_time):
                begun = {m.pk for m in list(waiting)[: self.sender.size_of_window()]}
                is_ours = self._flush(sorted(begun))
                recorded_at = self.sender.stopwatch()
                if not is_ours:
                    break
            waiting.popleft()
            self._send(way_out, mail, reach)
        self._give_back(waiting, is_ours)
        self._flush([])
        self._finish()

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
        self.sender.note_pace(took)
        self.results.append(result_of(mail, outcome, at + timedelta(seconds=took), reach.note))
        self.dead |= dead_addresses(outcome)
        match outcome:
            case Accepted():
                self.report.sent += 1
                self.put_off_in_a_row = 0
                self.sender.no_trouble()
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
        is_late = self.sender.stopwatch() - self.started > self.sender._limits.begin_within
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

    def _give_back(self, waiting: deque[DueMail], is_ours: bool) -> None:
        """What was not begun is approved again; its place in the limits is free again."""
        until = self._note_trouble()
        if not waiting or not is_ours:  # else recovery has given them back already
            return
        self.report.not_begun = len(waiting)
        self.results += [
            Result(m.pk, MessageState.APPROVED, self.report.problem, not_before=until, was_tried=False) for m in waiting
        ]
        give_back_room(self.mailbox, len(waiting), self.now)

    def _note_trouble(self) -> datetime | None:
        """A server that is out of reach or asks us to slow down is left alone for a while, longer each time."""
        until = self.sender.next_try(self.now) if self.report.problem else None
        if until or self.mailbox.sending_error or self.mailbox.slow_down_until:
            Mailbox.objects.filter(pk=self.mailbox.pk).update(
                slow_down_until=until, sending_error=self.report.problem[:500]
            )
        return until

    def _finish(self) -> None:
        mark_dead_addresses(self.dead, self.now)
        end(self.claim.id, [mail.pk for mail in self.claim.mails], self.not_sent, self.now, self.sender._on_sent)
        self.report.seconds = self.sender.stopwatch() - self.started
