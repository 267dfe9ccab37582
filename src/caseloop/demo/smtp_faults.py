"""What is the embedded mail system told to do wrong when it takes a mail, and at which step?"""

import threading
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class Step(StrEnum):
    """The steps of handing a mail over, in order (RFC 5321 section 3.3). Up to AUTH no address is known: use `*`."""

    CONNECT = "connect"
    """Instead of the greeting."""
    EHLO = "ehlo"
    AUTH = "auth"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    CONTENT = "content"
    """While the content comes in, before its final dot."""
    FINAL_DOT = "final dot"


@dataclass(frozen=True)
class Refuse:
    """Answer with this code and text."""

    code: int
    text: str


@dataclass(frozen=True)
class Cut:
    """End the connection without an answer; after the final dot the mail may be `delivered` all the same."""

    delivered: bool = False


@dataclass(frozen=True)
class Delay:
    """Wait so many seconds, then go on as usual."""

    seconds: float


Fault: TypeAlias = Refuse | Cut | Delay


@dataclass
class _Planned:
    fault: Fault
    times_left: int | None


class SmtpFaults:
    """Faults by step and address, `*` for any; safe to change from another thread while mails come in."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._planned: dict[tuple[Step, str], _Planned] = {}

    def plan(self, step: Step, address: str, fault: Fault, times: int | None = None) -> None:
        """Show the fault for this address at this step, the given number of times or until cleared."""
        with self._lock:
            self._planned[step, address.lower()] = _Planned(fault, times)

    def clear(self, address: str | None = None) -> None:
        """Behave again: for one address, or for all."""
        with self._lock:
            for key in list(self._planned):
                if address is None or key[1] == address.lower():
                    del self._planned[key]

    def due(self, step: Step, *addresses: str) -> Fault | None:
        """The fault to show now for one of these addresses, counted as shown."""
        with self._lock:
            for address in (*addresses, "*"):
                planned = self._planned.get((step, address.lower()))
                if planned is not None:
                    return self._show(step, address, planned)
        return None

    def _show(self, step: Step, address: str, planned: _Planned) -> Fault:
        if planned.times_left is not None:
            planned.times_left -= 1
            if planned.times_left <= 0:
                del self._planned[step, address.lower()]
        return planned.fault
