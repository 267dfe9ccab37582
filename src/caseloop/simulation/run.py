"""How does a simulated time go by? From one moment at which something is due to the next, through the real worker.

World events (people, mails on their way, outages) happen first; then the worker turns and the mailbox is read until
nothing is left to do at that moment, and what was sent and closed is judged. All chance comes from one seed.
"""

from __future__ import annotations

import heapq
import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from zoneinfo import ZoneInfo

from django.db import InterfaceError, OperationalError, connection

from caseloop.cases.changes import NewCase, create_case
from caseloop.cases.models import ContactAddress, Queue
from caseloop.config.worker import Pace, Worker
from caseloop.followups import rules
from caseloop.followups.prepare import Helpers
from caseloop.followups.waiting import on_read
from caseloop.mail.reader import MailboxReader, WayIn
from caseloop.mail.send import WayOut
from caseloop.simulation import database
from caseloop.simulation.administrators import Administrators
from caseloop.simulation.clock import SimulatedClock, round_up
from caseloop.simulation.customers import Customers
from caseloop.simulation.files import Arrival, By, CaseFile, HandedOver
from caseloop.simulation.interruptions import Interruption, Interruptions, WorkerKilled
from caseloop.simulation.letters import SUPPORT
from caseloop.simulation.mail_server import MailServer, Taken
from caseloop.simulation.outages import Outages
from caseloop.simulation.promises import PromiseBroken, Promises
from caseloop.simulation.registry import Registry
from caseloop.simulation.representatives import Representatives
from caseloop.simulation.setting import REPRESENTATIVE_ZONES, Setting, opening_times, set_up
from caseloop.simulation.story import Story
from caseloop.simulation.tables import Tables
from caseloop.simulation.transports import SimulatedWayIn, SimulatedWayOut
from caseloop.simulation.words import problems, said

BEGINS = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
"""A Monday; four weeks later the clocks of Europe are put forward."""
LONGEST_STEP = timedelta(hours=3)
SOON = timedelta(seconds=30)
MOMENT = timedelta(seconds=20)
READ_AT_LEAST = timedelta(hours=3)
TURN_AT_LEAST = timedelta(minutes=50)
"""The worker looks around even when nothing is due: it sweeps, and shows that it runs."""
UNREADABLE_AGAIN_AFTER = timedelta(seconds=60)
TURNS_AT_MOST = 400
LOOKS_EVERY = timedelta(seconds=0.25)
A_TURN = 0.1
UNHURRIED = 40
"""So many turns of a moment last as long as in life, so that what falls due within a breath is looked at together.
After them time stands nearly still, and a worker that never comes to rest is seen."""
SESSIONS = (time_of_day(9, 30), time_of_day(14, 30))
PACE = Pace(beat_every=3500.0, recover_every=60.0)
NEXT_DUE = """
    SELECT least((SELECT min(review_at) FROM cases_casereview WHERE leased_until IS NULL OR leased_until <= %(now)s),
                 (SELECT min(greatest(coalesce(not_before, %(now)s), coalesce(b.slow_down_until, %(now)s)))
                    FROM mail_message WHERE state = 'approved')),
           b.read_wanted_at IS NOT NULL
      FROM mail_mailbox b WHERE b.id = %(mailbox)s"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is simulated. `step`: what is due between two steps happens together at the second."""

    cases: int
    days: int
    seed: int
    has_faults: bool = False
    step: timedelta = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a run is made of; whoever tries the checks hands in a broken one. `meddle` is called once a day."""

    worker: Callable[..., Worker] = Worker
    helpers: Callable[[], Helpers] = Helpers.builtin
    way_out: Callable[[MailServer], WayOut] = SimulatedWayOut
    way_in: Callable[[MailServer], WayIn] = SimulatedWayIn
    meddle: Callable[[datetime], None] = lambda now: None


class _Errors(logging.Handler):
    """What the product logs as an error: in a simulation nothing may go wrong that nobody planned."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        self.said.append(f"{record.getMessage()} ({type(error).__name__}: {error})" if error else record.getMessage())


@dataclass(slots=True)
class Simulation:
    """One run. The database is empty but for what is shipped, and tells simulated time (`database.simulated_time`)."""

    wanted: Wanted
    parts: Parts = field(default_factory=Parts)
    rng: random.Random = field(init=False)
    clock: SimulatedClock = field(init=False)
    points: Interruptions = field(init=False)
    server: MailServer = field(init=False)
    story: Story = field(init=False)
    registry: Registry = field(init=False)
    promises: Promises = field(init=False)
    tables: Tables = field(init=False)
    outages: Outages = field(init=False)
    customers: Customers = field(init=False)
    representatives: Representatives = field(init=False)
    administrators: Administrators = field(init=False)
    setting: Setting = field(init=False)
    steps: int = 0
    turns: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    _events: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    _planned: int = 0
    _worker: Worker = field(init=False)
    _reader: MailboxReader = field(init=False)
    _read_at: datetime = BEGINS
    _not_before: datetime = BEGINS
    _arrivals: int = 0
    _turned_at: datetime = BEGINS
    _looked_at: datetime = BEGINS
    _errors: _Errors = field(default_factory=_Errors)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.wanted.seed)
        self.clock = SimulatedClock(BEGINS)
        self.points = Interruptions()
        self.story = Story(self.clock)
        self.server = MailServer(self.clock, self.points, keeps_copies=self.rng.random() < 0.5, witness=self._witness)
        self.registry = Registry(self.server)
        self.promises = Promises(self.server, self.registry, self.story)
        self.tables = Tables(self.server, self.registry)
        self.outages = Outages(self.rng, self.clock, self.server, self.points, self.story, self.at)
        self.representatives = Representatives(self.rng, self.clock, self.registry, self.story)
        self.customers = Customers(
            self.rng,
            self.server,
            self.story,
            self.wanted.step,
            self.at,
            self.representatives.answer_the_phone,
            self.wanted.has_faults,
        )

    @property
    def ends(self) -> datetime:
        return BEGINS + timedelta(days=self.wanted.days)

    def at(self, moment: datetime, do: Callable[[], None]) -> None:
        """Let something happen at the step that follows the moment."""
        self._planned += 1
        heapq.heappush(self._events, (moment, self._planned, do))

    def run(self) -> None:
        """To the end. Raises `PromiseBroken` as soon as something happens that never should."""
        began, cpu_began = time.monotonic(), time.process_time()
        logger = logging.getLogger("caseloop")
        logger.addHandler(self._errors)
        try:
            self._prepare()
            due: datetime | None = None
            while self.clock.at < self.ends:
                self._step_to(due)
                due = self._settle()
                self._look_into_tables()
            self.tables.look(self.clock.at)
            self.tables.letters_are_kept()
        finally:
            logger.removeHandler(self._errors)
            self.seconds, self.cpu_seconds = time.monotonic() - began, time.process_time() - cpu_began

    # before the first case

    def _prepare(self) -> None:
        database.tell_time(self.clock.at)
        self.setting = set_up(self.wanted.cases, self.rng, self.clock.now())
        self.registry.files = self.setting.files
        for person in self.setting.representatives:
            self.representatives.engage(person)
        self.administrators = Administrators(
            self.rng, self.clock, self.story, self.at, organizations=self.setting.organizations
        )
        rules.switch(True, actor=self.administrators.mira, now=self.clock.now())
        for file, waits in self.setting.rules:
            self.administrators.make_rule(file, waits)
            self.at(BEGINS + timedelta(days=self.rng.uniform(0, 3)), self._activation(file))
        self._plan_people()
        self._plan_cases()
        self._start_worker()
        if self.wanted.has_faults:
            self.administrators.plan(BEGINS, self.wanted.days)
            self.outages.plan(BEGINS, self.wanted.days)

    def _activation(self, file: object) -> Callable[[], None]:
        return lambda: self.administrators.activate(file)  # type: ignore[arg-type]

    def _plan_people(self) -> None:
        for zone in REPRESENTATIVE_ZONES:
            self._plan_sessions(zone, BEGINS)
        self.at(BEGINS + timedelta(hours=21), self._night)
        for person in self.setting.representatives:  # everybody is away once
            since = BEGINS + timedelta(days=self.rng.uniform(2, max(3, self.wanted.days)))
            until = since + timedelta(days=self.rng.randint(1, 8))
            person.days_off.append((since, until))
            self.at(since, lambda person=person, until=until: self.representatives.leave(person, until))  # type: ignore[misc]

    def _plan_sessions(self, zone: str, after: datetime) -> None:
        """The next working day's sessions in that zone."""
        day = after.astimezone(ZoneInfo(zone)).date()
        while True:
            moments = [datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC) for at in SESSIONS]
            if day.weekday() < 5 and moments[0] > after:
                break
            day += timedelta(days=1)
        for moment in moments:
            self.at(moment, lambda: self.representatives.session(zone))
        self.at(moments[-1], lambda: self._plan_sessions(zone, moments[-1]))
        self.at(moments[0], self.administrators.give_the_daily_yes)
        self.at(moments[1], self.administrators.give_the_daily_yes)

    def _look_into_tables(self) -> None:
        """Once a day, when the worker has come to rest."""
        if self.clock.at >= self._looked_at + timedelta(days=1):
            self._looked_at += (self.clock.at - self._looked_at) // timedelta(days=1) * timedelta(days=1)
            self.tables.look(self.clock.at)

    def _night(self) -> None:
        self.parts.meddle(self.clock.at)
        if self.clock.at.weekday() == 5:
            database.tidy()
        self.at(self.clock.at + timedelta(days=1), self._night)

    def _plan_cases(self) -> None:
        files = self.setting.files
        for file, moment in zip(files, opening_times(files, BEGINS, self.wanted.days, self.rng), strict=True):
            self.at(moment, self._opening(file, moment, by_mail=self.rng.random() < 0.6))

    def _opening(self, file: CaseFile, moment: datetime, by_mail: bool) -> Callable[[], None]:
        def opens() -> None:
            text = problems(file.customer.language)[0][1]
            if by_mail:
                self.customers.open_case(file, text, moment)
                return
            address = ContactAddress.objects.select_related("contact").get(address=file.customer.address)
            owner = self.representatives.owner_for(file)
            new = NewCase(
                title=file.title,
                queue=Queue.objects.get(name=file.rule.queue),
                contact=address.contact,
                owner=owner.user,
                description=text,
                origin="portal",
            )
            self.registry.note(file, create_case(new, actor=owner.user, now=self.clock.now()))
            self.story.tell(file, file.customer.name, f"opens the case in the portal ({file.rule.name})")

        return opens

    # time

    def _step_to(self, due: datetime | None) -> None:
        """On to the next moment at which anything is due, rounded up, and what the world does then."""
        coming = [self.clock.at + LONGEST_STEP, due, self.server.next_arrival()]
        coming.append(self._events[0][0] if self._events else None)
        coming.append(self._not_before if self.server.arrivals > self._arrivals else None)
        next_one = min(moment for moment in coming if moment is not None)
        step = self.wanted.step
        self.clock.move_to(round_up(max(next_one, self.clock.at + timedelta(seconds=1)), step))
        database.tell_time(self.clock.at)
        self.steps += 1
        while self._events and self._events[0][0] <= self.clock.at:
            _, _, do = heapq.heappop(self._events)
            do()

    def _settle(self) -> datetime | None:
        """Let worker and mailbox work until nothing is left to do now; returns when something is due again."""
        rests_at = self.clock.at + MOMENT
        for number in range(TURNS_AT_MOST):
            due, is_proof_wanted = self._next_due()
            if self.clock.at > rests_at:  # what is asked again every few seconds goes on with the next step
                return due
            if self._is_reading_due(is_proof_wanted):
                self._guarded(self._read)
            elif (due is not None and due <= self.clock.at + SOON) or self.clock.at >= self._turned_at + TURN_AT_LEAST:
                is_unhurried = number < UNHURRIED
                self._let_it_be_due(due, LOOKS_EVERY if is_unhurried else timedelta(milliseconds=1))
                self._turned_at = self.clock.at
                self._guarded(self._worker.turn)
                self.promises.look()
                self.clock.take(A_TURN if is_unhurried else 0.0)
            else:
                return due
            if self._errors.said:
                raise PromiseBroken("P6", f"an error that nobody planned: {self._errors.said[0]}", None)
        raise PromiseBroken("P8", "the worker does not come to rest", None)

    def _let_it_be_due(self, due: datetime | None, looks_every: timedelta) -> None:
        """The worker had nothing to do; it looks again after a while, and finds what has fallen due by then."""
        if due is not None and self.clock.at < due <= self.clock.at + SOON:
            self.clock.move_to(due + looks_every)
            database.tell_time(self.clock.at)

    def _next_due(self) -> tuple[datetime | None, bool]:
        """When a case or a mail is due, and whether somebody waits for a reading."""
        with connection.cursor() as cursor:
            cursor.execute(NEXT_DUE, {"now": self.clock.at, "mailbox": self.setting.mailbox.pk})
            ((moment, is_proof_wanted),) = cursor.fetchall()
        return moment, is_proof_wanted

    def _is_reading_due(self, is_proof_wanted: bool) -> bool:
        """News, somebody who wants proof, or an hour without; a server that failed is left alone for a minute."""
        if self.clock.at < self._not_before:
            return False
        self.server.let_arrive()
        is_time = self.clock.at - self._read_at >= READ_AT_LEAST
        return is_proof_wanted or is_time or self.server.arrivals > self._arrivals

    # the worker

    def _start_worker(self) -> None:
        self._worker = self.parts.worker(
            now=self.clock.now,
            stopwatch=self.clock.seconds,
            way_out=lambda mailbox: self.parts.way_out(self.server),
            helpers=self.parts.helpers(),
            reads_mailboxes=False,
            pace=PACE,
        )
        self._reader = MailboxReader(
            self.setting.mailbox.pk,
            self.clock.now,
            on_read,
            connect=lambda mailbox: self.parts.way_in(self.server),
            way_out=lambda mailbox: self.parts.way_out(self.server),
            stopwatch=self.clock.seconds,
        )

    def _guarded(self, do: Callable[[], object]) -> None:
        """Something that the worker does; a killed one is followed by a new one, a lost database is waited for."""
        if self.wanted.has_faults:
            self.outages.before_turn()
        self.turns += 1
        try:
            with self.points.around_worker():
                do()
        except WorkerKilled:
            self.outages.note(Interruption.KILL)
            connection.close()
            self._start_worker()
            self.clock.take(3.0)
        except (OperationalError, InterfaceError):
            self.outages.note(Interruption.LOSE_DATABASE)
            connection.close()
            self.clock.take(2.0)
        except PromiseBroken:
            raise
        except Exception as error:
            raise PromiseBroken("P6", f"the worker ended with {type(error).__name__}: {error}", None) from error
        finally:
            self.points.disarm()

    def _read(self) -> None:
        arrivals = self.server.arrivals
        report = self._reader.read_once()  # one that is interrupted leaves news for the next
        if report is None or report.problem:
            self._not_before = self.clock.at + UNREADABLE_AGAIN_AFTER
        else:
            self._read_at, self._arrivals = self.clock.at, arrivals

    # what is seen from outside

    def _witness(self, taken: Taken, arrival: Arrival, at: datetime) -> None:
        if SUPPORT in taken.recipients:
            return
        found = self.registry.sent_by.get(taken.message_id)
        file = found[0] if found else self.registry.of_number(taken.subject)
        if file is None:
            return
        by = found[1] if found else By.AUTOMATIC
        mail = HandedOver(taken.message_id, at, by, arrival)
        self.promises.note(file, mail)
        if mail.has_arrived:
            text = said(file.customer.language, "answer")
            self.customers.receive(file, taken, by, text, at)
