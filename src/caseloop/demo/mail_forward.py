"""Where else does each accepted mail go, so that anyone can count them from outside?"""

import queue
import smtplib
import threading

from caseloop.demo.smtp_server import AcceptedMail

ATTEMPTS = 3


class Forward:
    """Hands mails to another SMTP server, in order, in its own thread; `failed` are those it couldn't."""

    def __init__(self, host: str, port: int) -> None:
        self.failed: list[tuple[AcceptedMail, str]] = []
        self._address = (host, port)
        self._waiting: queue.SimpleQueue[AcceptedMail | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._send_all, name="mail-forward", daemon=True)
        self._connection: smtplib.SMTP | None = None

    def start(self) -> None:
        self._thread.start()

    def add(self, mail: AcceptedMail) -> None:
        """Forward this mail soon; never waits."""
        self._waiting.put(mail)

    def stop(self, seconds: float = 30.0) -> None:
        """Send what waits, for at most so many seconds."""
        if self._thread.is_alive():
            self._waiting.put(None)
            self._thread.join(seconds)

    def _send_all(self) -> None:
        while (mail := self._waiting.get()) is not None:
            self._send(mail)
        self._hang_up()

    def _send(self, mail: AcceptedMail) -> None:
        reason = ""
        for _ in range(ATTEMPTS):
            try:
                if self._connection is None:
                    self._connection = smtplib.SMTP(*self._address, local_hostname="mail.localhost", timeout=10)
                self._connection.sendmail(mail.envelope_from, list(mail.recipients), mail.raw)
                return
            except (OSError, smtplib.SMTPException) as error:
                reason = str(error)
                self._hang_up()
        self.failed.append((mail, reason))

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
