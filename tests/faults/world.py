"""Where do faults happen? A world: databases copied in milliseconds, mail servers that survive everybody, one clock.

A *scene* is a state kept to begin from again and again. On stage (`tests/journeys/stage.py`) people and customers do what
they do; workers are forked from this warm process, so that they can be killed; then time passes and a healthy worker
finishes. What must hold afterwards is in `promises.py`.

    scene = world.scene(lambda stage: …)         # once
    with world.play(scene) as play:              # for each fault, in some twenty milliseconds
        play.fork_worker(gate=…).wait()               # in a process of its own
        play.finish()
        outcomes.hold("worker killed", play)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.db import connection

from caseloop.administration.models import GlobalSettings
from caseloop.administration.secrets import encrypt
from caseloop.config.worker import Worker
from caseloop.followups import guard
from caseloop.followups.waiting import on_read
from caseloop.mail.models import Mailbox
from caseloop.mail.reader import MailboxReader
from tests import factories
from tests.faults.clock import SharedClock
from tests.faults.databases import Databases
from tests.faults.processes import Child, Tell, fork
from tests.faults.sink import Kept, Sink
from tests.journeys.stage import ANNA, PASSWORD, SUPPORT, Stage

MONDAY_9 = datetime.fromisoformat("2026-11-23T09:00:00+00:00")
WAIT = timedelta(hours=48)
LEASES_END_AFTER = timedelta(minutes=5, seconds=5)
"""The longest lease of a worker that is gone: that of a review."""
Around = Callable[[Tell], AbstractContextManager[object]]
"""What is put around the work of a child: the hooks that count, hold or kill it."""


@dataclass(frozen=True)
class Answered:
    """A mail of a customer: when it lay in our mailbox, whether a person wrote it, and what it allows us: to resolve the
    case as solved, or to write again after another wait."""

    address: str
    at: datetime
    is_human: bool
    is_favorable: bool = False
    puts_off: bool = False


@dataclass(frozen=True)
class Scene:
    """A state to begin from: a database, what lies on the mail servers, the time, and what customers have written."""

    database: str
    mails: Kept
    at: datetime
    answers: tuple[Answered, ...]


class Copies(Protocol):
    """Where a scene's database can be copied to, and is Django's default one until the end of the block."""

    def fresh(self, template: str) -> AbstractContextManager[str]: ...


class World:
    """All that the fault tests of one process share; `close` it."""

    def __init__(self) -> None:
        self.clock = SharedClock(MONDAY_9)
        self.sink = Sink({SUPPORT: PASSWORD, ANNA: PASSWORD}, self.clock.now)
        self.databases = Databases()
        self._scenes: dict[Callable[..., object], Scene] = {}

    def close(self) -> None:
        """Drop all databases, end the mail servers."""
        self.databases.close()
        self.sink.stop()

    def scene(self, build: Callable[[Play], object], after: Scene | None = None) -> Scene:
        """The state that `build` leaves; built once. It begins with the scene `after`, or on Monday at 9 with nothing
        but our mailbox."""
        if build not in self._scenes:
            self._scenes[build] = self._build(build, after or self._beginning())
        return self._scenes[build]

    def _beginning(self) -> Scene:
        return Scene(self.databases.empty, Kept({}, []), MONDAY_9, ())

    def _build(self, build: Callable[[Play], object], after: Scene) -> Scene:
        database = self.databases.copy(after.database)
        with self.databases.use(database):
            play = self._begin(after)
            build(play)
            play.close()
            self.sink.come_to_rest()
        return Scene(database, self.sink.keep(), self.clock.standing(), tuple(play.answers))

    def _begin(self, scene: Scene) -> Play:
        """In the database in use, which is a copy of the scene's."""
        self.sink.put_back(scene.mails)
        self.clock.jump(scene.at)
        play = Play(self.sink, self._mailbox(), self.clock, answers=list(scene.answers))  # type: ignore[arg-type]
        if scene.database == self.databases.empty:
            play.read_and_work()
        return play

    def _mailbox(self) -> Mailbox:
        known = Mailbox.objects.filter(address=SUPPORT).first()
        if known:
            return known
        GlobalSettings.current()
        GlobalSettings.objects.update(is_on=True, is_live=True, needs_second_yes=False)
        return factories.mailbox(
            SUPPORT,
            smtp_port=self.sink.smtp_port,
            imap_port=self.sink.imap_port,
            username=SUPPORT,
            secret=encrypt(PASSWORD),
            connected_at=MONDAY_9,
        )

    @contextmanager
    def play(self, scene: Scene, databases: Copies | None = None) -> Iterator[Play]:
        """The scene begins again, in a database of its own, of our usual server or of one that may be broken."""
        with (databases or self.databases).fresh(scene.database):
            play = self._begin(scene)
            try:
                yield play
            finally:
                play.close()


@dataclass
class Play(Stage):
    """One run of a scene: a stage whose workers can die."""

    answers: list[Answered] = field(default_factory=list)

    @property
    def sink(self) -> Sink:
        return self.mail  # type: ignore[return-value]

    # what happens

    def customer_writes(
        self, text: str, *, sender: str = ANNA, is_favorable: bool = False, puts_off: bool = False, **more: Any
    ) -> None:
        """A customer's mail lies in our mailbox; nobody has read it yet."""
        raw = self.mail_from_customer(text, sender=sender, inbox=sender, **more)
        is_human = "headers" not in more
        self.comes_in(bytes(raw), sender, is_human=is_human, is_favorable=is_favorable, puts_off=puts_off)

    def comes_in(self, raw: bytes, sender: str, *, is_human: bool, folder: str = "INBOX", **allows: bool) -> None:
        """A mail lies in our mailbox; nobody has read it yet."""
        self.sink.deliver(raw, SUPPORT, folder)
        self.answers.append(Answered(sender, self.clock.now(), is_human, **allows))  # type: ignore[attr-defined]

    def fork_worker(
        self, around: Around | None = None, *, rounds: int = 40, work: Callable[[Worker], object] | None = None
    ) -> Child:
        """A worker in a process of its own: it turns and reads the mailboxes until nothing is left to do, at most
        `rounds` times, or does `work`."""

        def do(tell: Tell) -> None:
            with around(tell) if around else nullcontext():
                worker = Worker(now=self.clock.now, reads_mailboxes=False)
                if work is None:
                    turn_and_read(worker, self.clock.now, rounds)
                else:
                    work(worker)

        return fork(do)

    # time

    def time_passes(self, duration: timedelta = LEASES_END_AFTER) -> None:
        """Nobody works meanwhile: for our clock, and for the leases that run on the database's own."""
        self.now = self.clock.now() + duration
        with connection.cursor() as cursor:
            cursor.execute("UPDATE mail_sendingclaim SET alive_at = alive_at - %s", [duration])
            cursor.execute("UPDATE mail_mailbox SET reader_until = reader_until - %s", [duration])

    def works_until(self, moment: datetime) -> None:
        """A healthy worker works, hour after hour, so that no ramp takes the time for a stop."""
        while self.now < moment:
            self.run_until(min(moment, self.now + timedelta(hours=3)))
            guard.heartbeat(self.now)

    # the end

    def close(self) -> None:
        """The healthy worker ends, and gives back what it holds, as any worker does that is asked to end."""
        super().close()
        Mailbox.objects.update(reader=None, reader_until=None)

    def finish(self) -> None:
        """Leases end, and a healthy worker works for two hours: by then it has looked again at whatever waits."""
        self.sink.come_to_rest()
        self.time_passes()
        self.read_and_work()
        self.run_for(hours=2)
        self.close()
        self.sink.come_to_rest()

    def read_and_work(self) -> None:
        """A new worker with a new reader settles everything at this moment."""
        self.close()
        self.worker = Worker(now=lambda: self.now, reads_mailboxes=False)
        self.settle()


def turn_and_read(worker: Worker, now: Callable[[], datetime], rounds: int) -> None:
    """What the processes of a worker do, one after the other in this thread: the order is the same each time."""
    readers = {
        mailbox_id: MailboxReader(mailbox_id, now, on_read)
        for mailbox_id in Mailbox.objects.filter(is_on=True).values_list("pk", flat=True)
    }
    for _ in range(rounds):
        is_busy = worker.turn()
        reports = [reader.read_once() for reader in readers.values()]
        if not is_busy and not any(report and report.stored for report in reports):
            break
    worker.close()
    for reader in readers.values():
        reader.close()
