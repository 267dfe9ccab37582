"""How is news of an IMAP server waited for, without missing what it says and without a busy loop?"""

import selectors
import time
from collections.abc import Callable, Iterable
from typing import Any

from imapclient import IMAPClient

LOOK_UP = 0.25
ONE_IDLE = 30.0
ONE_PAUSE = 5.0


def wait_for_news(client: IMAPClient, ends_at: float, until: Callable[[], bool]) -> bool:
    """Whether the open folder changed before `ends_at` (monotonic) or `until()`, by IDLE, else by NOOP.

    Each round asks by NOOP first: what the server says between two commands would else lie unread in a buffer.
    """
    while not until() and time.monotonic() < ends_at:
        _, responses = client.noop()
        if _tell_of_news(responses):
            return True
        if not client.has_capability("IDLE"):
            _pause(min(ends_at, time.monotonic() + ONE_PAUSE), until)
            continue
        client.idle()
        _wait_for_bytes(client.socket(), min(ends_at, time.monotonic() + ONE_IDLE), until)
        _, responses = client.idle_done()
        if _tell_of_news(responses):
            return True
    return False


def _tell_of_news(responses: Iterable[tuple[Any, ...]]) -> bool:
    return any(b"EXISTS" in response or b"EXPUNGE" in response for response in responses)


def _wait_for_bytes(connection: Any, ends_at: float, until: Callable[[], bool]) -> None:
    """Wait until the server begins to say something; the library then reads whole lines, which `idle_check` doesn't."""
    with selectors.DefaultSelector() as selector:
        selector.register(connection, selectors.EVENT_READ)
        while not until() and (left := ends_at - time.monotonic()) > 0:
            if _has_decrypted_bytes(connection) or selector.select(min(left, LOOK_UP)):
                return


def _has_decrypted_bytes(connection: Any) -> bool:
    pending = getattr(connection, "pending", None)
    return pending is not None and pending() > 0


def _pause(ends_at: float, until: Callable[[], bool]) -> None:
    while not until() and (left := ends_at - time.monotonic()) > 0:
        time.sleep(min(left, LOOK_UP))
