"""The command line: what is wrong is one sentence and an exit code, and changes nothing."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from caseloop.accounts.models import Role, User
from caseloop.administration.models import GlobalSettings
from caseloop.cases.models import Case
from caseloop.cli import main
from caseloop.followups.models import Rule
from tests import factories


def as_process(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "caseloop", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"DATABASE_URL": "mysql://localhost/cases"}, "DATABASE_URL must look like postgresql://"),
        ({"DATABASE_URL": "postgresql://localhost"}, "DATABASE_URL names no database"),
        ({"CASELOOP_DEMO": "perhaps"}, "CASELOOP_DEMO is 'perhaps'. Use one of: 1, 0"),
    ],
)
def test_a_wrong_setting_at_the_start_is_one_sentence(environment: dict[str, str], said: str) -> None:
    done = as_process("check", **environment)
    assert done.returncode == 1
    assert done.stderr.startswith(f"caseloop: {said}")
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_database_that_does_not_answer_is_told_with_what_to_do() -> None:
    done = as_process("check", DATABASE_URL="postgresql://127.0.0.1:1/nowhere")
    assert done.returncode == 1
    assert "The database cannot be reached" in done.stdout
    assert "Check DATABASE_URL" in done.stdout


def test_without_a_verb_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "demo" in capsys.readouterr().out


@pytest.mark.django_db
def test_a_bad_file_changes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    factories.user("mira", Role.ADMINISTRATOR)
    broken = tmp_path / "rules.yaml"
    broken.write_text("rules: [", encoding="utf-8")
    assert main(["rules", "apply", str(broken), "--as", "mira"]) == 1
    assert "rules.yaml, line 1" in capsys.readouterr().err
    assert not Rule.objects.exists()

    bad = tmp_path / "cases.csv"
    bad.write_text("title,addresses\nGrinder,nobody\n", encoding="utf-8")
    assert main(["cases", "import", str(bad)]) == 1
    assert "line 2: “nobody” is no mail address" in capsys.readouterr().err
    assert main(["cases", "import", str(tmp_path / "missing.csv")]) == 1
    assert "missing.csv" in capsys.readouterr().err
    assert not Case.objects.exists()


@pytest.mark.django_db
def test_sending_is_switched_by_those_who_may(monday: datetime, capsys: pytest.CaptureFixture[str]) -> None:
    factories.user("mira", Role.ADMINISTRATOR)
    factories.user("jonas", Role.MANAGER)
    factories.user("sofia")
    assert main(["sending", "on", "--as", "sofia"]) == 1
    assert "Only managers and administrators" in capsys.readouterr().err
    assert main(["sending", "on", "--as", "jonas"]) == 0
    assert "Nothing is sent because nobody has gone live" in capsys.readouterr().out
    assert main(["sending", "live", "--as", "jonas"]) == 1
    assert "Only an administrator decides" in capsys.readouterr().err
    assert main(["sending", "live", "--as", "mira"]) == 0
    assert GlobalSettings.current().is_live
    assert main(["sending", "safe", "--only-to", "not an address", "--as", "mira"]) == 1
    assert "“not an address” is no mail address" in capsys.readouterr().err
    assert main(["sending", "stop", "--as", "jonas"]) == 0
    assert "all sending is stopped" in capsys.readouterr().out


@pytest.mark.django_db
def test_the_first_user_is_made_with_a_password_that_is_long_enough(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    password = tmp_path / "password"
    password.write_text("short", encoding="utf-8")
    assert main(["user", "mira", "--role", "system_administrator", "--password-file", str(password)]) == 1
    assert "too short" in capsys.readouterr().err
    assert not User.objects.filter(username="mira").exists()
    password.write_text("correct horse battery staple", encoding="utf-8")
    assert main(["user", "mira", "--role", "system_administrator", "--password-file", str(password)]) == 0
    assert User.objects.get(username="mira").check_password("correct horse battery staple")


def test_a_mail_is_inspected_without_a_database(tmp_path: Path) -> None:
    mail = tmp_path / "mail.eml"
    mail.write_bytes(
        b"From: a@b.example\r\nSubject: Re: CAS-01042-K7\r\nMessage-ID: <1@b.example>\r\n\r\nIt works.\r\n"
    )
    done = as_process("mail", "inspect", str(mail), "--json", DATABASE_URL="")
    assert done.returncode == 0, done.stderr
    assert '"kind": "reply"' in done.stdout
    assert '"new_text": "It works."' in done.stdout


def test_a_port_that_is_taken_is_said_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = as_process("serve", "--all", "--port", port, CASELOOP_DATA_DIR=str(tmp_path / "data"), DATABASE_URL="")
    assert done.returncode == 1
    assert f"Nothing can be served at 127.0.0.1:{port}" in done.stderr
    assert not (tmp_path / "data").exists()
