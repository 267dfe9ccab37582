"""Is every mail taken apart, whatever is wrong with it?"""

import base64

import pytest

from caseloop.reading.decoding import decode_text
from caseloop.reading.headers import addresses_of, header_text, message_ids
from caseloop.reading.mime import MAX_PARTS
from caseloop.reading.parse import parse_mail
from tests.reading.mails import mail, multipart


def test_the_header_of_a_usual_mail_is_read() -> None:
    raw = mail(
        "Hi", In_Reply_To="<a@x>", References="<r1@x>\n <r2@x>", Cc='"Ruiz, Jo" <JO@customer.example>, b@x.example'
    )

    parsed = parse_mail(raw)

    assert parsed.message_id == "<answer-1@customer.example>"
    assert parsed.in_reply_to == ("<a@x>",)
    assert parsed.references == ("<r1@x>", "<r2@x>")
    assert parsed.from_ is not None
    assert (parsed.from_.name, parsed.from_.address) == ("Ana Ruiz", "ana@customer.example")
    assert [(cc.name, cc.address) for cc in parsed.cc] == [("Ruiz, Jo", "jo@customer.example"), ("", "b@x.example")]
    assert parsed.date is not None
    assert parsed.date.isoformat() == "2026-03-03T09:00:00+00:00"
    assert parsed.text.strip() == "Hi"
    assert not parsed.is_unreadable


@pytest.mark.parametrize(
    "raw,text",
    [
        (b"=?utf-8?Q?Caf=C3=A9?=", "Café"),
        (b"=?utf-8?B?Q2Fmw6k=?= =?utf-8?Q?_bar?=", "Café bar"),
        (b"=?utf-8?B?Q2Fmww==?=\n =?utf-8?B?qSBiYXI=?=", "Café bar"),
        (b"=?x-gbk?B?xOO6ww==?=", "你好"),
        (b"=?unknown-nonsense?Q?Caf=C3=A9?=", "Café"),
        ("Café".encode(), "Café"),
        ("Café".encode("latin-1"), "Café"),
        (b"=?utf-8?Q?broken", "=?utf-8?Q?broken"),
        (b"folded\n  line", "folded line"),
    ],
)
def test_a_header_is_decoded_as_it_was_meant(raw: bytes, text: str) -> None:
    assert header_text(raw) == text


@pytest.mark.parametrize(
    "value,addresses",
    [
        ("unlisted-recipients:; (no To-header on input)", []),
        ("Team: a@x.example, B <b@x.example>;", ["a@x.example", "b@x.example"]),
        ('"a@fake.example" <real@x.example>', ["real@x.example"]),
        ("MAILER-DAEMON <>", []),
        ('"unclosed <a@x.example>, b@x.example', ["a@x.example", "b@x.example"]),
        ("a@x.example; b@x.example", ["a@x.example", "b@x.example"]),
        ("", []),
    ],
)
def test_addresses_are_found_in_nonsense(value: str, addresses: list[str]) -> None:
    assert [found.address for found in addresses_of(value)] == addresses


def test_outlooks_message_id_in_square_brackets_is_kept() -> None:
    assert message_ids("<[dd32]@microsoft.example>") == ("<[dd32]@microsoft.example>",)


@pytest.mark.parametrize(
    "data,charset,text",
    [
        ("Grüße".encode("latin-1"), "us-ascii", "Grüße"),
        ("Grüße".encode(), "us-ascii", "Grüße"),
        ("Grüße".encode("latin-1"), "utf-8", "Grüße"),
        ("你好".encode("gb18030"), "gb2312", "你好"),
        ("こんにちは".encode("iso2022_jp"), None, "こんにちは"),
        ("“Hi”".encode("cp1252"), "iso-8859-1", "“Hi”"),
        (b"a\x00b\rc\r\nd", "utf-8", "ab\nc\nd"),
        (b"abc", "", "abc"),
        (b"abc", "charset=us-ascii", "abc"),
        (b"abc-", "punycode", "abc-"),
        (b"YWJj", "base64", "YWJj"),
    ],
)
def test_bytes_become_text_whatever_charset_they_claim(data: bytes, charset: str | None, text: str) -> None:
    assert decode_text(data, charset) == text


def test_plain_text_is_preferred_to_html() -> None:
    content_type, body = multipart("multipart/alternative", ("text/plain", "plain"), ("text/html", "<p>html</p>"))

    assert parse_mail(mail(body, content_type=content_type)).text.strip() == "plain"


def test_html_is_read_where_the_plain_part_is_empty() -> None:
    content_type, body = multipart("multipart/alternative", ("text/plain", " "), ("text/html", "<p>html</p>"))

    assert parse_mail(mail(body, content_type=content_type)).text.strip() == "html"


def test_files_are_listed_not_read_as_text() -> None:
    content_type, body = multipart(
        "multipart/mixed",
        ("text/plain", "See the log."),
        ('text/plain; name="log.txt"\nContent-Disposition: attachment; filename="log.txt"', "ERROR 7"),
        ("image/png\nContent-ID: <logo>\nContent-Transfer-Encoding: base64", base64.b64encode(b"png").decode()),
    )

    parsed = parse_mail(mail(body, content_type=content_type))

    assert parsed.text.strip() == "See the log."
    assert [(file.filename, file.content_type, file.is_inline) for file in parsed.attachments] == [
        ("log.txt", "text/plain", False),
        (None, "image/png", True),
    ]
    assert parsed.attachments[1].content() == b"png"


@pytest.mark.parametrize(
    "disposition,name",
    [
        ("attachment; filename*=utf-8''f%C3%BCr.txt", "für.txt"),
        ("attachment; filename*0=long; filename*1=name.txt", "longname.txt"),
        ('attachment; filename="=?utf-8?Q?f=C3=BCr.txt?="', "für.txt"),
        ('attachment; filename="a\\"b.txt"', 'a"b.txt'),
    ],
)
def test_a_file_name_is_decoded(disposition: str, name: str) -> None:
    content_type, body = multipart("multipart/mixed", (f"text/csv\nContent-Disposition: {disposition}", "x"))

    assert parse_mail(mail(body, content_type=content_type)).attachments[0].filename == name


@pytest.mark.parametrize(
    "raw",
    [
        b"From: a@x.example\r\rHello\r",
        b"From: a@x.example\r\r\n\r\r\nHello",
        b"From sender Tue Mar  3 10:00:00 2026\nFrom: a@x.example\n\nHello",
        b"\n\nFrom: a@x.example\n\nHello",
        b"From: a@x.example\nHello",
        b"From: a@x.example\nContent-Type: text\n\nHello",
        b"From: a@x.example\nContent-Type: multipart/mixed\n\nHello",
        b"From: a@x.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nHello",
        b"From: a@x.example\nContent-Type: multipart/mixed; boundary=wrong\n\n--x\nContent-Type: text/plain\n\nHello\n--x--",
        b"From: a@x.example\nContent-Transfer-Encoding: base64\n\nSGVsbG8",
        b"From: a@x.example\nContent-Transfer-Encoding: 7-bit\n\nHello",
        b"From: a@x.example\nContent-Transfer-Encoding: quoted-printable\n\nHel=\nlo",
        b"From: a@x.example\nFrom: b@x.example\nSubject: one\nSubject: two\n\nHello",
    ],
)
def test_a_damaged_mail_keeps_its_sender_and_text(raw: bytes) -> None:
    parsed = parse_mail(raw)

    assert parsed.from_ is not None
    assert parsed.from_.address == "a@x.example"
    assert parsed.text.strip() == "Hello"


def test_what_stays_unread_is_said() -> None:
    many = "".join("--b\n\nx\n" for _ in range(MAX_PARTS + 10))

    assert parse_mail(b"").is_unreadable
    assert parse_mail(mail(many, content_type="multipart/mixed; boundary=b")).unreadable_because == (
        f"more than {MAX_PARTS} parts",
    )
    assert parse_mail(mail("x", content_type="application/pkcs7-mime; smime-type=enveloped-data")).is_unreadable


def test_deep_nesting_ends() -> None:
    body = "x"
    for level in range(200):
        body = f"Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n{body}\n--b{level}--\n"

    parsed = parse_mail(f"From: a@x.example\n{body}".encode())

    assert any("nested" in reason for reason in parsed.unreadable_because)
