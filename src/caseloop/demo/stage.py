"""Which processes run while the demo plays? PostgreSQL and a mail system of its own, web, and a worker."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import socket
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cryptography.fernet import Fernet

from caseloop.config import serve
from caseloop.config.embedded import EmbeddedPostgres
from caseloop.config.supervisor import Child, Supervisor
from caseloop.demo.cast import MAILBOX, the_cast
from caseloop.demo.mail_store import home_of
from caseloop.demo.mail_system import AcceptedMail, MailSystem

HOST = "127.0.0.1"
DATABASE = "caseloop_demo"
PORTS_TO_TRY = 50
READY_WITHIN = 60.0
RESTARTS_AT_MOST = 3
KEPT_SETTINGS = ("CASELOOP_LOG_LEVEL",)


class StageError(Exception):
    """The demo cannot start or go on; the sentence says why and what would help."""


@dataclass(slots=True)
class Stage:
    """What the demo plays on. `clock` is set by whoever moves the demo's time."""

    folder: Path
    port: int
    forward_to: tuple[str, int] | None
    mailbox_password: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    customers_password: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    mail: MailSystem = field(init=False)
    supervisor: Supervisor = field(default_factory=lambda: Supervisor([]))

    def __post_init__(self) -> None:
        logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd warns of a name that only itself uses
        passwords = {each.address: self.customers_password for each in the_cast().all_customers}
        self.mail = MailSystem(
            {**passwords, MAILBOX: self.mailbox_password},
            clock=lambda: self.clock(),
            hostname="mail.contoso.example",
            forward_to=self.forward_to,
            forwards=is_to_customers,
            keeps_sent_copies=True,
        )

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.port}"

    @contextlib.contextmanager
    def database(self) -> Iterator[None]:
        """A PostgreSQL with nothing in it, which this process and its children are told to use; gone afterwards."""
        postgres = EmbeddedPostgres(self.folder / "postgres", durable=False)
        postgres.destroy()
        try:
            postgres.start()
            postgres.create_database(DATABASE)
            _settle_environment(_environment(postgres.url(DATABASE), self.folder, self.address))
            yield
        finally:
            postgres.destroy()

    @contextlib.contextmanager
    def processes(self) -> Iterator[None]:
        """Web and worker as children, started again when they end; their output goes to files in the folder."""
        environment = dict(os.environ)
        web, worker = serve.web(HOST, self.port, environment), serve.worker(environment)
        self.supervisor.children = [_apart(web, self.folder), _apart(worker, self.folder)]
        keeper = threading.Thread(target=self._keep_running, name="keeper", daemon=True)
        keeper.start()
        try:
            yield
        finally:
            self.supervisor.stop.set()
            keeper.join()
            self.supervisor.end()

    def check(self) -> None:
        """Raises `StageError` when web or worker ended again and again."""
        for child in self.supervisor.children:
            if child.ended > RESTARTS_AT_MOST:
                raise StageError(f"The {child.name} ended {child.ended} times. Its output is in {child.log}.")

    def wait_for_web(self) -> None:
        """Until the sign-in page answers; raises `StageError` when it doesn't."""
        ends_at = time.monotonic() + READY_WITHIN
        problem = ""
        while time.monotonic() < ends_at:
            self.check()
            try:
                with urllib.request.urlopen(f"{self.address}/sign-in", timeout=10):  # noqa: S310 - our own server
                    return
            except OSError as error:
                problem = str(error)
                time.sleep(0.1)
        raise StageError(f"The web server does not answer at {self.address} ({problem}). See {self.folder}/web.log.")

    def _keep_running(self) -> None:
        while not self.supervisor.stop.is_set():
            self.supervisor.look()
            self.supervisor.stop.wait(0.2)


def is_to_customers(mail: AcceptedMail) -> bool:
    """Whether Caseloop sent it to somebody else: not a customer's mail, nor a mail to its own mailbox (spec 3.3 d)."""
    return home_of(mail.envelope_from) == MAILBOX and any(home_of(to) != MAILBOX for to in mail.recipients)


@contextlib.contextmanager
def reserved_port(wanted: int) -> Iterator[int]:
    """The port itself, or the next free one after it, kept from other demos; raises `StageError` when none is near.

    The web server shares its port with whoever allows that, so a second one would not notice: we hold the place.
    """
    for port in range(wanted, min(wanted + PORTS_TO_TRY, 65536)):
        if _is_taken(port):
            continue
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as place:
            place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            place.bind((HOST, port))
            yield port
        return
    raise StageError(f"The ports from {wanted} on are taken. Name another one: caseloop demo --port 9000")


def _is_taken(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
    return False


def _environment(url: str, folder: Path, address: str) -> dict[str, str]:
    """Nothing of a real installation's settings reaches the demo, least of all its database or mailbox."""
    own = {name: value for name, value in os.environ.items() if _is_harmless(name)}
    return {
        **own,
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "caseloop.config.settings",
        "CASELOOP_DEMO": "1",
        "CASELOOP_DATA_DIR": str(folder),
        "CASELOOP_PUBLIC_URL": address,
        "CASELOOP_SECRET_KEY": secrets.token_urlsafe(50),
        "CASELOOP_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "PYTHONSAFEPATH": "1",  # whatever lies in the folder where the command is given
    }


def _is_harmless(name: str) -> bool:
    return name in KEPT_SETTINGS or not name.startswith(("CASELOOP_", "DATABASE_URL", "PG"))


def _settle_environment(wanted: Mapping[str, str]) -> None:
    for name in list(os.environ):
        if name not in wanted:
            del os.environ[name]
    os.environ.update(wanted)


def _apart(child: Child, folder: Path) -> Child:
    """Out of reach of Ctrl-C, which is for this process, and out of the way of what it prints."""
    child.log = folder / f"{child.name}.log"
    child.log.write_bytes(b"")
    return child
