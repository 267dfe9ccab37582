"""Where do customers' mails lie, and when did ours arrive? SMTP and IMAP in a process of their own, from the demo."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.processes import KEY, Line, Part

SUPPORT = "support@contoso.example"
PASSWORD = "loopback"


@dataclass(slots=True)
class MailPlace:
    """Both servers as whoever measures sees them."""

    smtp_port: int
    imap_port: int
    _part: Part

    def deliver(self, raw: bytes) -> float:
        """Put a mail into our mailbox, as if from outside; the moment (`time.time()`) when it lay there."""
        return float(self._part.ask(raw.hex()))

    def arrived(self) -> dict[str, float]:
        """When a mail came in for each address, at first."""
        return dict(self._part.ask("arrived"))


@contextmanager
def mail_place() -> Iterator[MailPlace]:
    """Both servers on loopback."""
    with Part("benchmarks.mail_place:serve") as part:
        smtp_port, imap_port = part.ask("go")
        yield MailPlace(smtp_port, imap_port, part)


def serve(line: Line) -> None:
    """The process itself: it answers one line with one line, and ends with its standard input."""
    from caseloop.demo.mail_system import MailSystem

    with MailSystem({SUPPORT: PASSWORD}) as mail:
        line.wait()
        line.say([mail.smtp_port, mail.imap_port])
        for question in line.questions():
            if question == "arrived":
                arrived: dict[str, float] = {}
                for accepted in list(mail.accepted):
                    for address in accepted.recipients:
                        arrived.setdefault(address, accepted.at.timestamp())
                line.say(arrived)
            else:
                mail.deliver(bytes.fromhex(question), SUPPORT)
                line.say(time.time())


def connect(database_url: str, place: MailPlace) -> None:
    """Tell the mailbox of this database where its servers are."""
    import psycopg
    from cryptography.fernet import Fernet

    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "UPDATE mail_mailbox SET smtp_port = %s, imap_port = %s, username = %s, secret = %s",
            [place.smtp_port, place.imap_port, SUPPORT, Fernet(KEY).encrypt(PASSWORD.encode())],
        )
