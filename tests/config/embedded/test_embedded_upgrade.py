"""Do data that another major version made come over, with the two commands that the refusal names?"""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from caseloop.config.embedded import EmbeddedPostgres, EmbeddedPostgresError
from caseloop.config.embedded.account import account_for
from caseloop.config.embedded.binaries import find_binaries
from tests.config.embedded.trial import ask, tell


@pytest.fixture
def old_dir(new_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of PostgreSQL 16, which the wheel still holds; it knew no builtin locale provider."""
    try:
        find_binaries(account_for(new_dir / "cluster"), 16)
    except EmbeddedPostgresError:
        pytest.skip("the wheel holds no older version any more")
    monkeypatch.setattr("caseloop.config.embedded.cluster._LOCALE", ("--locale=C",))
    with EmbeddedPostgres(new_dir, durable=False, major=16) as old:
        tell(old.url(), "CREATE TABLE kept AS SELECT 'ÄRGER' AS what")
        old.create_database("a second one")
        tell(old.url("a second one"), "CREATE TABLE kept AS SELECT 2 AS what")
    monkeypatch.undo()
    return new_dir


def test_the_two_commands_of_the_refusal_upgrade_every_database(old_dir: Path, place: Path) -> None:
    with pytest.raises(EmbeddedPostgresError, match="PostgreSQL 16 made the data") as refusal:
        EmbeddedPostgres(old_dir).start()

    for line in re.findall(r"^ +python (.*)$", str(refusal.value), re.MULTILINE):
        subprocess.run([sys.executable, *shlex.split(line)], check=True, cwd=place)

    with EmbeddedPostgres(old_dir, durable=False) as postgres:
        assert ask(postgres.url(), "SELECT what ILIKE 'ärger' FROM kept") is True
        assert ask(postgres.url("a second one"), "SELECT what FROM kept") == 2
        assert ask(postgres.url(), "SHOW server_version_num") >= "180000"
    assert (old_dir / "cluster-16" / "PG_VERSION").exists()


def test_a_backup_that_cannot_be_read_changes_nothing(old_dir: Path, place: Path) -> None:
    (place / "backup").mkdir()
    (place / "backup" / "caseloop.dump").write_text("torn")
    command = [
        sys.executable,
        "-m",
        "caseloop.config.embedded",
        "restore",
        str(old_dir),
        str(place / "backup"),
    ]

    done = subprocess.run(command, capture_output=True, text=True)

    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "pg_restore" in done.stderr
    with EmbeddedPostgres(old_dir, durable=False, major=16) as old:
        assert ask(old.url(), "SELECT what FROM kept") == "ÄRGER"


@pytest.mark.parametrize("command", ["dump", "restore"])
def test_a_command_that_finds_nothing_to_do_says_so(place: Path, command: str) -> None:
    arguments = ["-m", "caseloop.config.embedded", command, str(place / "data"), str(place / "backup")]

    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True)

    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "There is no" in done.stderr


def test_data_of_a_newer_version_need_the_newer_caseloop(data_dir: Path) -> None:
    (data_dir / "cluster" / "PG_VERSION").write_text("19\n")

    with pytest.raises(EmbeddedPostgresError, match=r"PostgreSQL 19 made .* use the Caseloop that made them"):
        EmbeddedPostgres(data_dir).start()
