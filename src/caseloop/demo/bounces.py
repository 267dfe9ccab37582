"""What does a mail server write back when it can't deliver a mail? (RFC 3464)"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime


@dataclass(frozen=True)
class Bounce:
    """How an address fails: its status code (RFC 3463), what the remote server says, and how soon."""

    status: str = "5.1.1"
    text: str = "The email account that you tried to reach does not exist"
    after: timedelta = timedelta(seconds=0.05)

    @property
    def is_permanent(self) -> bool:
        return self.status.startswith("5")

    @property
    def diagnostic(self) -> str:
        """The remote server's reply, as the notification quotes it."""
        return f"smtp; {'550' if self.is_permanent else '451'} {self.status} {self.text}"


def delivery_status_notification(
    bounce: Bounce, *, failed_recipient: str, sent_back_to: str, original: bytes, host: str, at: datetime
) -> bytes:
    """The notification about one recipient, quoting the original's headers; `at` is an aware datetime."""
    boundary = f"=_{at:%Y%m%d%H%M%S%f}/{host}"
    subject = "Undelivered Mail Returned to Sender" if bounce.is_permanent else "Delayed Mail (still being retried)"
    sentence = (
        "Your message could not be delivered to the recipient below. No further attempt is made."
        if bounce.is_permanent
        else "Your message has not been delivered yet to the recipient below. You need not send it again."
    )
    lines = [
        f"From: MAILER-DAEMON@{host} (Mail Delivery System)",
        f"To: {sent_back_to}",
        f"Subject: {subject}",
        f"Date: {format_datetime(at)}",
        f"Message-ID: <{at:%Y%m%d%H%M%S%f}.dsn.{secrets.token_hex(4)}@{host}>",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/report; report-type=delivery-status; boundary="{boundary}"',
        "",
        "This is a MIME-encapsulated message.",
        "",
        f"--{boundary}",
        "Content-Description: Notification",
        "Content-Type: text/plain; charset=us-ascii",
        "",
        f"This is the mail system at host {host}.",
        "",
        sentence,
        "",
        f"<{failed_recipient}>: {bounce.diagnostic.partition('; ')[2]}",
        "",
        f"--{boundary}",
        "Content-Description: Delivery report",
        "Content-Type: message/delivery-status",
        "",
        f"Reporting-MTA: dns; {host}",
        f"Arrival-Date: {format_datetime(at)}",
        "",
        f"Final-Recipient: rfc822; {failed_recipient}",
        f"Original-Recipient: rfc822;{failed_recipient}",
        f"Action: {'failed' if bounce.is_permanent else 'delayed'}",
        f"Status: {bounce.status}",
        f"Remote-MTA: dns; mx.{failed_recipient.rpartition('@')[2]}",
        f"Diagnostic-Code: {bounce.diagnostic}",
        "",
        f"--{boundary}",
        "Content-Description: Undelivered Message Headers",
        "Content-Type: text/rfc822-headers",
        "",
        "",
    ]
    head = original.partition(b"\r\n\r\n")[0]
    return "\r\n".join(lines).encode() + head + f"\r\n\r\n--{boundary}--\r\n".encode()
