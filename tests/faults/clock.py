"""What time is it for every process of a fault test? A clock in shared memory that the test moves, and nobody else."""

from __future__ import annotations

import mmap
import struct
from datetime import UTC, datetime, timedelta

TICK = timedelta(milliseconds=1)
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


class SharedClock:
    """The same time (UTC) in this process and in all that it forks. Each look takes a millisecond, so that what
    happens later is later; a run with one process under test is the same each time."""

    def __init__(self, set_to: datetime) -> None:
        self._memory = mmap.mmap(-1, 8)
        self.jump(set_to)

    def now(self) -> datetime:
        """The present time, a millisecond later than it was."""
        moment = self.standing() + TICK
        self.jump(moment)
        return moment

    def standing(self) -> datetime:
        """The present time, without taking any."""
        (microseconds,) = struct.unpack("q", self._memory[:8])
        return EPOCH + timedelta(microseconds=microseconds)

    def jump(self, moment: datetime) -> None:
        """Set it for all processes."""
        self._memory[:8] = struct.pack("q", (moment - EPOCH) // timedelta(microseconds=1))
