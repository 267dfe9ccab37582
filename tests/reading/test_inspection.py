"""Does `mail inspect` say of each file what Caseloop would read in it?"""

import json
from pathlib import Path

import pytest

from caseloop.reading.inspection import inspect_file, main
from tests.reading.mails import mail

KEYS = [
    "file",
    "kind",
    "automatic_kind",
    "permanent",
    "failed_recipient",
    "new_text",
    "message_id",
    "subject",
    "from",
    "case_number",
    "resume_on",
]


def test_every_fact_has_its_key(tmp_path: Path) -> None:
    path = tmp_path / "answer.eml"
    path.write_bytes(mail("It still leaks."))

    assert inspect_file(path) == {
        "file": str(path),
        "kind": "reply",
        "automatic_kind": None,
        "permanent": None,
        "failed_recipient": None,
        "new_text": "It still leaks.",
        "message_id": "<answer-1@customer.example>",
        "subject": "Re: Coffee machine leaks [CAS-01042-K7]",
        "from": "ana@customer.example",
        "case_number": "CAS-01042-K7",
        "resume_on": None,
    }


def test_an_absence_counts_from_the_date_of_the_mail(tmp_path: Path) -> None:
    path = tmp_path / "away.eml"
    path.write_bytes(mail("I am on holiday and back on Monday.", Subject="Automatic reply: Leak"))

    assert inspect_file(path)["resume_on"] == "2026-03-09"


def test_a_line_of_json_is_printed_for_each_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, content in (("a.eml", mail("Yes")), ("b.eml", bytes(range(256)) * 3), ("c.eml", b"")):
        (tmp_path / name).write_bytes(content)

    code = main(["--json", *(str(tmp_path / name) for name in ("a.eml", "b.eml", "c.eml"))])

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert code == 0
    assert [list(line) for line in lines] == [KEYS] * 3
    assert lines[2]["kind"] == "other"


def test_a_file_that_cannot_be_opened_is_named_and_the_rest_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.eml").write_bytes(mail("Yes"))

    code = main(["--json", str(tmp_path / "missing.eml"), str(tmp_path / "a.eml")])

    said = capsys.readouterr()
    assert code == 1
    assert "missing.eml: cannot be opened" in said.err
    assert [json.loads(line)["kind"] for line in said.out.splitlines()] == ["other", "reply"]


def test_people_get_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.eml"
    path.write_bytes(mail("It still leaks."))

    main([str(path)])

    assert capsys.readouterr().out == f"{path}: reply from ana@customer.example, case CAS-01042-K7: It still leaks.\n"
