"""Is the database itself in trouble, whatever was asked of it?"""

from __future__ import annotations

from django.db import InterfaceError, OperationalError, connection

IN_TROUBLE = ("08", "53", "57P", "58")
"""Classes of SQLSTATE: no connection, no room (disk, memory), shut down by somebody, an error of the system."""


def is_in_trouble(error: BaseException) -> bool:
    """Whether this error says that the database is gone, has no room left, or is being stopped.

    A deadlock or a statement that cannot be run says no such thing: that is about what was asked.
    """
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    state = getattr(error.__cause__, "sqlstate", None) or ""
    return state.startswith(IN_TROUBLE) or not connection.is_usable()
