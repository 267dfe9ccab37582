"""What can come of handing one mail over to a mail server?

Only a line that was lost after the final dot leaves it unknown whether the mail was taken. Everything else is
definite: a reply of the server at any step, and any break before the final dot (RFC 5321 4.2.5, spec 4.3).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, TypeAlias


class Stage(StrEnum):
    """How far a hand-over had come, in order."""

    CONNECT = "connect"
    LOGIN = "login"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    CONTENT = "content"
    FINAL_DOT = "final dot"


class Reply(NamedTuple):
    """What the server said; `text` begins with the enhanced status code where it gave one (RFC 3463)."""

    code: int
    text: str


@dataclass(frozen=True)
class Accepted:
    """The server took the mail for every recipient but those in `refused_recipients`."""

    reply: str
    refused_recipients: Mapping[str, Reply] = field(default_factory=dict)


@dataclass(frozen=True)
class TryAgain:
    """The server has not taken the mail; a later try, with the same Message-ID, doubles nothing.

    `code` is what the server said: 4xx, or a 5xx that concerns our sign-in only; None when it said nothing.
    """

    code: int | None
    text: str
    stage: Stage
    refused_recipients: Mapping[str, Reply] = field(default_factory=dict)

    @property
    def is_about_the_server(self) -> bool:
        """Nothing is known of this mail: the server is out of reach or doesn't let us in, for every mail."""
        return self.stage in (Stage.CONNECT, Stage.LOGIN)


@dataclass(frozen=True)
class Refused:
    """The server will never take this mail (5xx); it has not gone to anyone."""

    code: int
    text: str
    stage: Stage
    refused_recipients: Mapping[str, Reply] = field(default_factory=dict)


@dataclass(frozen=True)
class Unconfirmed:
    """The line was lost after the final dot: the mail may have been taken. Never send it again by itself."""

    why: str


HandOver: TypeAlias = Accepted | TryAgain | Refused | Unconfirmed
