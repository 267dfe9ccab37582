"""How does a worker do several things side by side? Each in a lane: one thing done over and over in a thread.

Lanes know nothing of each other but news: who has made work for another lane tells it. What two lanes do at once, two
workers do at once as well, so the tables keep them apart. An error that nobody planned ends all lanes.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import InterfaceError, OperationalError, close_old_connections, connection

log = logging.getLogger(__name__)

LINGER = 30.0
"""So many seconds without news a lane that waits for them keeps its database connection."""


@dataclass(slots=True)
class Lane:
    """`work` says whether there was anything to do; if not, it is asked again at the next news, and every `looks_every`
    seconds unless that is None. A lost database is waited for; `at_end` is called in the lane's own thread.
    """

    name: str
    work: Callable[[], bool]
    stop: threading.Event
    looks_every: float | None = None
    database_again_after: float = 2.0
    at_end: Callable[[], object] = lambda: None
    news: threading.Event = field(default_factory=threading.Event)
    failure: BaseException | None = None
    _thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)

    def start(self) -> Lane:
        """Begin; with work at once, not only at the first news."""
        self._thread.start()
        return self

    def wake(self) -> None:
        """There is news: work, or the end."""
        self.news.set()

    def join(self, seconds: float) -> bool:
        """Wait for its end; False when it takes longer."""
        self._thread.join(max(0.0, seconds))
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            while not self.stop.is_set():
                self._once()
            self.at_end()
        except BaseException as error:  # noqa: BLE001 - whoever runs the lanes raises it
            self.failure = error
            self.stop.set()
        finally:
            connection.close()

    def _once(self) -> None:
        try:
            close_old_connections()
            if not self.work():
                self._rest()
        except (OperationalError, InterfaceError) as error:
            log.warning("the database cannot be reached: %s", error)
            connection.close()
            self.stop.wait(self.database_again_after)

    def _rest(self) -> None:
        has_news = self.news.wait(LINGER if self.looks_every is None else self.looks_every)
        if not has_news and self.looks_every is None:
            connection.close()
        self.news.clear()
