"""How fast does the machine hand mails over when nothing else is done? The measure that the whole is held against."""

from __future__ import annotations

import smtplib
import time

from benchmarks.processes import Line


def send(line: Line, *, host: str, port: int, mails: int, raws: list[str]) -> dict[str, float]:
    """A plain smtplib loop: ready bytes, over and over, one recipient each, on one kept connection."""
    ready = [bytes.fromhex(raw) for raw in raws]
    with smtplib.SMTP(host, port, local_hostname="[127.0.0.1]") as smtp:
        smtp.ehlo()
        line.wait()
        began, cpu = time.perf_counter(), time.process_time()
        for number in range(mails):
            smtp.sendmail("support@contoso.example", [f"customer{number}@company.example"], ready[number % len(ready)])
        return {"seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu}
