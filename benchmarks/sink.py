"""Which mails arrived? An aiosmtpd server in a process of its own that takes every mail and remembers what it took."""

from __future__ import annotations

import re
import socket
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from benchmarks.processes import Line, Part

HOST = "127.0.0.1"
SAMPLES = 200
_MESSAGE_ID = re.compile(rb"^Message-ID:[ \t]*(<[^>\r\n]+>)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Arrived:
    """How many mails came in, and how many different ones by Message-ID."""

    mails: int
    different: int


@dataclass(slots=True)
class Sink:
    """The sink as whoever measures sees it."""

    port: int
    _part: Part

    def arrived(self) -> Arrived:
        """What came in since it was asked last."""
        mails, different = self._part.ask("arrived")
        return Arrived(mails, different)

    def samples(self) -> list[bytes]:
        """Some of the mails that were counted last, byte for byte."""
        return [bytes.fromhex(mail) for mail in self._part.ask("samples")]

    def cpu_seconds(self) -> float:
        """What its process has used so far."""
        return float(self._part.ask("cpu"))


@contextmanager
def sink() -> Iterator[Sink]:
    """A sink on loopback."""
    with Part("benchmarks.sink:serve") as part:
        yield Sink(int(part.ask("go")), part)


def serve(line: Line) -> None:
    """The process itself: it answers one line with one line, and ends with its standard input."""
    from aiosmtpd.controller import Controller

    raws: list[bytes] = []
    samples: deque[bytes] = deque(maxlen=SAMPLES)

    class Handler:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
            raws.append(envelope.original_content)
            return "250 2.0.0 OK"

    controller = Controller(Handler(), hostname=HOST, port=_free_port())
    controller.start()
    line.wait()
    line.say(controller.port)
    for question in line.questions():
        if question == "arrived":
            ids = {found[1] for found in map(_MESSAGE_ID.search, raws) if found}
            line.say([len(raws), len(ids)])
            samples.extend(raws)
            raws.clear()
        elif question == "cpu":
            line.say(time.process_time())
        else:
            line.say([raw.hex() for raw in samples])
    controller.stop()


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as found:
        return int(found.getsockname()[1])
