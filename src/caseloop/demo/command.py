"""`caseloop demo`: the Contoso Coffee story on this machine, then by hand; with `--once` only the story."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, TextIO

from platformdirs import user_data_path

from caseloop.config import env
from caseloop.config.embedded import EmbeddedPostgresError
from caseloop.demo.cast import PASSWORD, Acts, the_cast
from caseloop.demo.stage import Stage, StageError, reserved_port

if TYPE_CHECKING:
    from caseloop.demo.endings import Ending

ENDS_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
TWIST = "CASELOOP_DEMO_TWIST"
"""Makes a customer act otherwise than the story says, to try its check: `full:silent=favorable`."""


def run(once: bool, as_json: bool, smtp: str | None, port: int) -> int:
    """Play the story; returns 0, or 1 when it could not be played or a case did not end as the story says.

    Without `once` it goes on by hand until Ctrl-C, and returns 0 then.
    """
    told = sys.stderr if as_json else sys.stdout
    try:
        with _ends_on_signals():
            _reads_any_letters(sys.stdout, sys.stderr)
            return _play(Wanted.of(once, as_json, smtp, port), Printer(told))
    except (StageError, EmbeddedPostgresError, env.BadSetting) as error:
        print(f"caseloop: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("The demo has ended.", file=told)
        return 130 if once else 0
    except BrokenPipeError:  # nobody reads on
        sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115 - until this process ends
        return 1


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for, checked."""

    once: bool
    as_json: bool
    forward_to: tuple[str, int] | None
    port: int
    folder: Path
    twists: dict[str, Acts]

    @classmethod
    def of(cls, once: bool, as_json: bool, smtp: str | None, port: int) -> Wanted:
        """Raises `StageError` for what cannot be."""
        if as_json and not once:
            raise StageError("--json is for the summary at the end, so it needs --once.")
        if not 1 <= port <= 65535:
            raise StageError(f"--port is {port}. Use a number from 1 to 65535.")
        data = env.path("CASELOOP_DATA_DIR", user_data_path("caseloop", appauthor=False))
        folder = Path(os.path.abspath(data)) / "demo"
        return cls(once, as_json, _reachable(smtp) if smtp else None, port, folder, _twists())


@dataclass(frozen=True, slots=True)
class Printer:
    """Lines for whoever watches, each at once."""

    to: TextIO

    def __call__(self, line: str = "") -> None:
        print(line, file=self.to, flush=True)


def _play(wanted: Wanted, say: Printer) -> int:
    with ExitStack() as open_ones:
        stage = Stage(wanted.folder, open_ones.enter_context(reserved_port(wanted.port)), wanted.forward_to)
        if stage.port != wanted.port:
            say(f"Port {wanted.port} is taken, so the pages of this demo are at port {stage.port}.")
        say("Starting a database, a mail system, the web server and a worker …")
        open_ones.enter_context(_taken(stage.database))
        import django

        django.setup()
        from caseloop.demo.playing import Playing

        open_ones.enter_context(stage.mail)
        playing = Playing(stage, wanted.twists, say, is_watched=not wanted.once)
        playing.prepare()
        open_ones.enter_context(stage.processes())
        stage.wait_for_web()
        _welcome(stage, say)
        found = playing.play()
        _summary(found, say)
        code = 1 if any(ending.problems for ending in found) else 0
        if not wanted.once:
            playing.go_on_by_hand()
    code = max(code, _forwarding(stage))
    if wanted.as_json:
        print(json.dumps({"cases": [ending.to_json() for ending in found]}, ensure_ascii=False, indent=2), flush=True)
    return code


@contextmanager
def _taken(database: Callable[[], object]) -> Iterator[None]:
    """Says it in the demo's words when another one runs."""
    try:
        context = database()
        with context:  # type: ignore[attr-defined]
            yield
    except EmbeddedPostgresError as error:
        if "already runs the database" not in str(error):
            raise
        raise StageError(
            "Another demo of yours is running, and there is room for one. End it with Ctrl-C, or start this one with"
            " its own folder: CASELOOP_DATA_DIR=some/folder caseloop demo"
        ) from error


def _welcome(stage: Stage, say: Printer) -> None:
    say()
    say(f"Caseloop is at {stage.address} — sign in with the password {PASSWORD} as")
    for colleague in the_cast().colleagues:
        say(f"  {colleague.username:<6} {colleague.name}, {colleague.role.replace('_', ' ').replace('csr', 'CSR')}")
    say(f"The customer's mailbox is at {stage.address}/demo/mailbox")
    say()


def _summary(found: list[Ending], say: Printer) -> None:
    say()
    say(f"{'level':<8} {'customer':<14} {'ended as':<21} {'mails':<6} {'resolved by':<31} case")
    for ending in found:
        who = ending.resolved_by if ending.resolved and ending.resolved_by else "–"
        row = f"{ending.level:<8} {ending.customer:<14} {ending.outcome:<21} {ending.agent_mails:<6} {who:<31}"
        say(f"{row} {ending.title}")
    say()
    broken = [ending for ending in found if ending.problems]
    for ending in broken:
        whose = f"“{ending.title}” ({ending.level}, {ending.customer})"
        say(f"Not as the story says: {whose}: {'; '.join(ending.problems)}.")
    if not broken:
        say(f"All {len(found)} cases ended as the story says.")


def _forwarding(stage: Stage) -> int:
    """1, and a sentence, when mails could not be handed on to the server that was to count them."""
    forward = stage.mail.forward
    if forward is None or not forward.failed:
        return 0
    reason = forward.failed[0][1]
    print(f"caseloop: {len(forward.failed)} mails could not be handed on by --smtp: {reason}", file=sys.stderr)
    return 1


def _reachable(smtp: str) -> tuple[str, int]:
    host, _, port = smtp.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or not 1 <= int(port) <= 65535:
        raise StageError(f"--smtp is {smtp!r}. Name a mail server as HOST:PORT, such as localhost:1025.")
    address = (host.strip("[]"), int(port))
    try:
        socket.create_connection(address, timeout=10).close()
    except OSError as error:
        raise StageError(f"No mail server takes mail at {smtp} ({error}). Start it first, or name another.") from error
    return address


def _twists() -> dict[str, Acts]:
    """The twist of the environment, if there is one."""
    twist = env.text(TWIST)
    if not twist:
        return {}
    whose, _, acts = twist.partition("=")
    roles = {f"{each.level}:{each.acts}" for each in the_cast().customers}
    if whose not in roles or acts not in list(Acts):
        raise StageError(f"{TWIST} is {twist!r}. Use LEVEL:CUSTOMER=ACTS, such as full:silent=favorable.")
    return {whose: Acts(acts)}


def _reads_any_letters(*streams: TextIO) -> None:
    """Customers have names in many scripts; a terminal that cannot show them gets question marks."""
    for stream in streams:
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


@contextmanager
def _ends_on_signals() -> Iterator[None]:
    """The first signal ends the demo in good order; a second one does not disturb that."""

    def end(number: int, frame: FrameType | None) -> None:
        for each in ENDS_ON:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    former = {each: signal.signal(each, end) for each in ENDS_ON}
    try:
        yield
    finally:
        for each, handler in former.items():
            signal.signal(each, handler)
