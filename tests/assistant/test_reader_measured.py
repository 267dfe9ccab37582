"""How well does the built-in reader do on labeled replies? Set CASELOOP_REPLIES to a JSONL file of them.

Each line holds id, language, last_agent_message, body, headers, received, label, resume_on. The bounds are those below which
nobody should trust it: what it calls favorable must be, and trouble must not be called favorable.
"""

import json
import os
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from caseloop.assistant.builtin.reader import BuiltinReader
from caseloop.assistant.interfaces import AutomaticKind, ReplyInput
from caseloop.domain.facts import Label
from caseloop.reading.read import read_mail

FILE = os.environ.get("CASELOOP_REPLIES", "")
pytestmark = pytest.mark.skipif(not FILE, reason="CASELOOP_REPLIES names no file of labeled replies")


def read(reply):
    received_on = datetime.fromisoformat(reply["received"]).date()
    headers = "".join(
        f"{name}: {value}\r\n" for name, value in reply["headers"].items() if name.lower() != "content-type"
    )
    raw = f"From: customer@example.org\r\n{headers}Content-Type: text/plain; charset=utf-8\r\n\r\n{reply['body']}"
    mail = read_mail(raw.encode(), received_on)
    is_report = "report" in reply["headers"].get("Content-Type", "")
    is_machine = mail.kind != "reply" or is_report
    return BuiltinReader().read(
        ReplyInput(
            new_text=mail.new_text,
            received_on=received_on,
            subject=reply["subject"],
            last_our_mail=reply["last_agent_message"],
            automatic_kind=AutomaticKind(mail.automatic_kind or "gone") if is_machine else None,
        )
    )


def test_favorable_can_be_trusted_and_most_of_the_rest_is_found():
    replies = [json.loads(line) for line in Path(FILE).read_text("utf-8").splitlines() if line]
    found = Counter((reply["label"], str(read(reply).label)) for reply in replies)
    called = {label: sum(found[one, label] for one in map(str, Label)) for label in map(str, Label)}
    trouble = ("negative", "question", "information")
    taken_for_content = sum(found[label, "favorable"] for label in trouble)
    f1 = [
        2 * found[label, label] / max(1, called[label] + sum(found[label, other] for other in map(str, Label)))
        for label in map(str, Label)
    ]
    print(sorted(found.items()), "macro-F1", sum(f1) / len(f1))
    assert taken_for_content <= 0.01 * sum(count for (label, _), count in found.items() if label in trouble)
    assert found["favorable", "favorable"] >= 0.97 * called["favorable"]
    assert sum(f1) / len(f1) >= 0.70
