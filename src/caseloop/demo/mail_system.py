"""How does mail travel where there is no mail provider? Real SMTP and IMAP servers on loopback.

Every address has a mailbox, made when the first mail for it comes in. Addresses with a password can sign in
and read theirs by IMAP. What SMTP took is in `accepted`, counted apart from what Caseloop says about itself.
Both servers run in one thread, and can be told to fail.
"""

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Callable, Coroutine, Mapping
from datetime import UTC, datetime
from email import message_from_bytes
from email.utils import parseaddr
from typing import Any, Self, TypeVar

from caseloop.demo.bounces import Bounce, delivery_status_notification
from caseloop.demo.imap_server import ImapFaults, ImapServer
from caseloop.demo.mail_forward import Forward
from caseloop.demo.mail_store import MailStore
from caseloop.demo.smtp_faults import Cut, Delay, Refuse, SmtpFaults, Step
from caseloop.demo.smtp_server import AcceptedMail, SmtpServer

__all__ = ["AcceptedMail", "Bounce", "MailSystem", "Step"]

Result = TypeVar("Result")


def _utc_now() -> datetime:
    return datetime.now(UTC)


class MailSystem:
    """SMTP and IMAP on 127.0.0.1 for these accounts (address to password); a context, or start and stop."""

    def __init__(
        self,
        accounts: Mapping[str, str],
        *,
        smtp_port: int = 0,
        imap_port: int = 0,
        clock: Callable[[], datetime] = _utc_now,
        hostname: str = "mail.localhost",
        forward_to: tuple[str, int] | None = None,
        forwards: Callable[[AcceptedMail], bool] = lambda mail: True,
        keeps_sent_copies: bool = False,
        smtp_requires_login: bool = False,
        smtp_understands_utf8: bool = True,
        smtp_offers_pipelining: bool = False,
        max_mail_bytes: int = 33_554_432,
        tls: ssl.SSLContext | None = None,
        tls_from_start: bool = False,
    ) -> None:
        self.accounts = dict(accounts)
        self.smtp_port = smtp_port
        self.imap_port = imap_port
        self.accepted: list[AcceptedMail] = []
        self.imap_faults = ImapFaults()
        self.smtp_faults = SmtpFaults()
        self.store = MailStore(clock)
        self.forward = Forward(*forward_to) if forward_to else None
        self._forwards = forwards
        self._bounces: dict[str, Bounce] = {}
        self._lost: set[str] = set()
        self._clock = clock
        self._hostname = hostname
        self._keeps_sent_copies = keeps_sent_copies
        self._imap = ImapServer(self.store, self.accounts, self.imap_faults, tls, tls_from_start=tls_from_start)
        self._smtp = SmtpServer(
            self._accept,
            clock,
            self.smtp_faults,
            self._imap.logs_in,
            hostname=hostname,
            requires_login=smtp_requires_login,
            tls=tls,
            tls_from_start=tls_from_start,
            max_bytes=max_mail_bytes,
            understands_utf8=smtp_understands_utf8,
            offers_pipelining=smtp_offers_pipelining,
        )
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> Self:
        """Start both servers and fill in their ports; raises `OSError` when a given port is taken."""
        loop = self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=loop.run_forever, name="mail-system", daemon=True)
        self._thread.start()
        try:
            self.start_smtp()
            self.start_imap()
        except OSError:
            self.stop()
            raise
        if self.forward:
            self.forward.start()
        return self

    def stop(self) -> None:
        """Stop both servers, and wait until what is to be forwarded has gone; mails stay readable here."""
        if self._loop is None or self._thread is None:
            return
        self.stop_smtp()
        self.stop_imap()
        if self.forward:
            self.forward.stop()
        self._run(_cancel_what_is_left())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._loop = self._thread = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *failure: object) -> None:
        self.stop()

    def start_smtp(self) -> None:
        """Take mail again, on the same port as before."""
        self._run(self._smtp.start(self.smtp_port))
        self.smtp_port = self._smtp.port

    def stop_smtp(self) -> None:
        """Be gone as an SMTP server: connections are cut, new ones refused; IMAP goes on."""
        self._run(self._smtp.stop())

    def start_imap(self) -> None:
        """Serve the mailboxes again, on the same port as before."""
        self._run(self._imap.start(self.imap_port))
        self.imap_port = self._imap.port

    def stop_imap(self) -> None:
        """Be gone as an IMAP server: connections are cut, new ones refused; mails still arrive by SMTP."""
        self._run(self._imap.stop())

    def hang_up_smtp(self) -> None:
        """End idle SMTP connections with 421, as providers do; new ones are taken."""
        self._run(self._smtp.hang_up())

    def deliver(self, raw: bytes, to: str, folder: str = "INBOX") -> int:
        """Put a mail into a mailbox as if from outside, and return its UID; a missing folder is made."""
        return self.store.add(to, raw, folder)

    def messages(self, address: str, folder: str = "INBOX") -> list[bytes]:
        """The mails in a mailbox, oldest first, as they arrived."""
        return self.store.raw_mails(address, folder)

    def wait_for_messages(self, address: str, count: int, folder: str = "INBOX", seconds: float = 10.0) -> list[bytes]:
        """Wait until the mailbox holds so many mails; raises `TimeoutError` when it doesn't in time."""
        if not self.store.wait_for(lambda: len(self.messages(address, folder)) >= count, seconds):
            found = len(self.messages(address, folder))
            raise TimeoutError(f"{folder} of {address} holds {found} mails after {seconds} s, not {count}")
        return self.messages(address, folder)

    def wait_for_accepted(self, count: int, seconds: float = 10.0) -> list[AcceptedMail]:
        """Wait until SMTP took so many mails since the start; raises `TimeoutError` when it doesn't in time."""
        if not self.store.wait_for(lambda: len(self.accepted) >= count, seconds):
            raise TimeoutError(f"{len(self.accepted)} mails were accepted after {seconds} s, not {count}")
        return list(self.accepted)

    def refuse(self, address: str, code: int, text: str, step: Step = Step.RCPT, times: int | None = None) -> None:
        """Refuse mails to this address (`*`: any) at this step; at `Step.MAIL` those from it."""
        self.smtp_faults.plan(step, address, Refuse(code, text), times)

    def cut(self, address: str, step: Step, *, delivered: bool = False, times: int | None = None) -> None:
        """End the connection at this step; with `delivered` the mail arrives, though nobody says so."""
        self.smtp_faults.plan(step, address, Cut(delivered), times)

    def delay(self, address: str, seconds: float, step: Step, times: int | None = None) -> None:
        """Take so many seconds for the answer at this step."""
        self.smtp_faults.plan(step, address, Delay(seconds), times)

    def bounce(self, address: str, bounce: Bounce | None = None) -> None:
        """Take mails to the address, then send a delivery status notification back to the envelope sender."""
        self._bounces[address.lower()] = bounce or Bounce()

    def lose(self, address: str) -> None:
        """Mail for this address is accepted and never arrives, as with a dead MX behind a relay."""
        self._lost.add(address.lower())

    def behave(self, address: str | None = None) -> None:
        """Forget the refusals, cuts, delays and bounces of one address, or of all."""
        self.smtp_faults.clear(address)
        for bouncing in [address.lower()] if address else list(self._bounces):
            self._bounces.pop(bouncing, None)

    def renumber_folder(self, address: str, folder: str = "INBOX") -> int:
        """Change a folder's UIDVALIDITY, number its mails anew and cut connections, as after a restore."""
        uidvalidity = self.store.renumber_folder(address, folder)
        self._run(self._imap.cut_connections())
        return uidvalidity

    def _accept(self, mail: AcceptedMail) -> None:
        self.accepted.append(mail)
        self.store.ask_again()
        for recipient in mail.recipients:
            if recipient.lower() in self._lost:
                continue
            bounce = self._bounces.get(recipient.lower())
            if bounce is None:
                self.store.add(recipient, mail.raw)
            elif self._loop is not None and mail.envelope_from:
                self._loop.call_later(bounce.after.total_seconds(), self._send_back, bounce, recipient, mail)
        if self._keeps_sent_copies and (sender := _from_address(mail.raw)):
            self.store.add(sender, mail.raw, "Sent", ["\\Seen"])
        if self.forward and self._forwards(mail):
            self.forward.add(mail)

    def _send_back(self, bounce: Bounce, recipient: str, mail: AcceptedMail) -> None:
        notification = delivery_status_notification(
            bounce,
            failed_recipient=recipient,
            sent_back_to=mail.envelope_from,
            original=mail.raw,
            host=self._hostname,
            at=self._clock(),
        )
        self.store.add(mail.envelope_from, notification)

    def _run(self, work: Coroutine[Any, Any, Result]) -> Result:
        if self._loop is None:
            work.close()
            raise RuntimeError("The mail system isn't running: call start() first.")
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)


def _from_address(raw: bytes) -> str:
    return parseaddr(str(message_from_bytes(raw.partition(b"\r\n\r\n")[0]).get("From", "")))[1]


async def _cancel_what_is_left() -> None:
    left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in left:
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.gather(*left, return_exceptions=True)
