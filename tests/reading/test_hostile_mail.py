"""Does no mail raise, hang or fill the memory, whatever its bytes?"""

import json
import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from caseloop.reading.read import read_mail
from tests.reading.bounce_samples import PROSE
from tests.reading.mails import mail

DAY = date(2026, 3, 3)
PIECES = [
    *(mail(body, **headers) for _, headers, body, _ in PROSE[:6]),
    mail("Hi\n\nOn 3 March 2026 at 10:00, x <a@x.example> wrote:\n> Hello\n"),
    b"Content-Type: multipart/mixed; boundary=x\n",
    b"Content-Type: multipart/report; report-type=delivery-status; boundary=\"x\"\n",
    b"Content-Type: message/rfc822\n\n",
    b"Content-Type: text/html; charset=utf-7\n\n<blockquote>",
    b"Content-Transfer-Encoding: base64\n",
    b"Content-Transfer-Encoding: x-uuencode\n\nbegin 644 x\nM",
    b"Final-Recipient: rfc822;\nAction: failed\nStatus: 5\n",
    b"=?utf-8?b?", b"=?x?q?=?=", b"\n--x\n", b"--x--", b"\n\n", b"\r", b"\0", b"\xff\xfe", b"&#1;&#xD800;", b"<a@", b">>", b"> wrote:",
]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=40)), max_size=12))
def test_no_bytes_raise(pieces: list[bytes]) -> None:
    reading = read_mail(b"".join(pieces), DAY, frozenset({"a@x.example"}))

    json.dumps([reading.new_text, reading.parsed.subject]).encode("ascii")
    assert "\0" not in reading.new_text
    reading.new_text.encode("utf-8")


HEAD = b"From: a@x.example\nTo: b@x.example\nSubject: x\n"
BOUNCE = b"From: MAILER-DAEMON@x.example\nSubject: failure notice\n\n"
HTML = HEAD + b"Content-Type: text/html\n\n"
HOSTILE = {
    "quote marks": HEAD + b"\n" + b">" * 400_000,
    "quoted lines": HEAD + b"\n" + b">\n" * 150_000,
    "dashes": HEAD + b"\n" + b"-" * 400_000,
    "rules": HEAD + b"\n" + (b"-" * 70 + b"\n") * 6_000,
    "attributions": HEAD + b"\n" + b"On Mon, 1 Jan 2026 at 10:00\n" * 10_000,
    "header blocks": HEAD + b"\n" + b"From: a@x.example\n" * 20_000,
    "blanks": HEAD + b"\n" + b" " * 400_000 + b"x",
    "10,000 parts": HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 10_000,
    "nested messages": HEAD + b"Content-Type: message/rfc822\n\n" * 10_000,
    "header lines": b"X-A: b\n" * 200_000 + b"\nx",
    "long header": b"Subject: " + b"a" * 2_000_000 + b"\n\nx",
    "encoded words": b"Subject: " + b"=?utf-8?b?YQ?=" * 20_000 + b"\n\nx",
    "addresses": b"To: " + b"a@x.example, " * 50_000 + b"\n\nx",
    "open quotes": b"To: " + b'"' * 100_000 + b"\n\nx",
    "open brackets": b"From: " + b"<" * 30_000 + b"\n\nx",
    "html depth": HTML + b"<div>" * 50_000 + b"x",
    "html tables": HTML + b"<table><tr><td>" * 5_000 + b"x",
    "html comments": HTML + b"<!--" * 60_000,
    "html tags": HTML + b"<" * 300_000,
    "bounce words": BOUNCE + b"could not be delivered to <a@x.example>:\n user " * 8_000,
    "bounce address": BOUNCE + b"a." * 150_000 + b"@",
    "dates": HEAD + b"Auto-Submitted: auto-replied\n\nout of office until " + b"monday 1 of january " * 3_000,
    "punycode": HEAD + b"Content-Type: text/plain; charset=punycode\n\n" + b"a" * 300_000,
    "NUL": b"\0" * 500_000,
}  # fmt: skip


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_mail_takes_no_more_than_two_seconds(raw: bytes) -> None:
    started = time.process_time()

    read_mail(raw, DAY)

    assert time.process_time() - started < 2.0
