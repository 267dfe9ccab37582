"""Does the embedded PostgreSQL start again after whatever ended it, and say clearly why when it cannot?"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from caseloop.config.embedded import EmbeddedPostgres, EmbeddedPostgresError, attach
from caseloop.config.embedded.account import account_for
from caseloop.config.embedded.failure import explain
from tests.config.embedded.trial import (
    IS_ROOT,
    NOBODY,
    Supervisor,
    ask,
    eventually,
    has_ended,
    python_of_nobody,
    server_pid,
    some_process_of_the_servers_user,
    tell,
)


def pretend_that_a_crashed_server_had(pid: int, data_dir: Path) -> None:
    """A pid file as a server leaves it that had no time to remove it."""
    account = account_for(data_dir / "cluster")
    path = data_dir / "cluster" / "postmaster.pid"
    path.write_text(f"{pid}\n{data_dir}/cluster\n1700000000\n5432\n/tmp/gone\n\n  5439488  32768\nready   \n")
    path.chmod(0o600)
    account.give(path)


def starts(data_dir: Path) -> bool:
    with EmbeddedPostgres(data_dir, durable=False) as postgres:
        return bool(ask(postgres.url(), "SELECT 1") == 1)


def test_a_stale_pid_file_of_nobody(data_dir: Path) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    pretend_that_a_crashed_server_had(gone.pid, data_dir)

    assert attach(data_dir) is None
    assert starts(data_dir)


def test_a_stale_pid_file_whose_number_another_program_has_now(data_dir: Path) -> None:
    other = some_process_of_the_servers_user(data_dir, ["sleep", "60"])
    pretend_that_a_crashed_server_had(other.pid, data_dir)

    assert attach(data_dir) is None
    assert starts(data_dir)
    assert other.poll() is None
    other.kill()
    other.wait()


def test_a_stale_pid_file_whose_number_another_postgresql_has_now(data_dir: Path, place: Path) -> None:
    with EmbeddedPostgres(place / "other", durable=False) as other:
        pretend_that_a_crashed_server_had(server_pid(place / "other"), data_dir)

        assert attach(data_dir) is None
        assert starts(data_dir)
        assert ask(other.url(), "SELECT 1") == 1


def test_a_stale_pid_file_of_a_zombie(data_dir: Path) -> None:
    zombie = some_process_of_the_servers_user(data_dir, ["true"])
    assert eventually(lambda: has_ended(zombie.pid))
    pretend_that_a_crashed_server_had(zombie.pid, data_dir)

    assert attach(data_dir) is None
    assert starts(data_dir)
    zombie.wait()


def test_a_killed_server_is_noticed_and_starts_again_with_all_that_was_committed(data_dir: Path) -> None:
    postgres = EmbeddedPostgres(data_dir)
    postgres.start()
    tell(postgres.url(), "CREATE TABLE kept AS SELECT 42 AS answer")
    with psycopg.connect(postgres.url()) as somebody_still_connected:
        os.kill(server_pid(data_dir), signal.SIGKILL)
        assert eventually(lambda: not postgres.is_running())
        assert attach(data_dir) is None

        postgres.start()

        assert ask(postgres.url(), "SELECT answer FROM kept") == 42
        with pytest.raises(psycopg.OperationalError):
            somebody_still_connected.execute("SELECT 1")
    postgres.stop()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_server_ends_with_its_supervisor(data_dir: Path, number: signal.Signals) -> None:
    supervisor = Supervisor(data_dir)
    assert supervisor.url()
    server = server_pid(data_dir)

    supervisor.process.send_signal(number)
    supervisor.process.communicate(timeout=60)

    assert eventually(lambda: has_ended(server))
    assert starts(data_dir)


def test_a_forked_child_that_lives_on_does_not_hide_the_end_of_the_supervisor(data_dir: Path) -> None:
    supervisor = Supervisor(data_dir, child=True)
    assert supervisor.url()
    server = server_pid(data_dir)

    supervisor.kill()

    assert eventually(lambda: has_ended(server))
    assert starts(data_dir)


def test_a_start_waits_for_processes_that_still_use_the_files_of_a_killed_server(data_dir: Path) -> None:
    postgres = EmbeddedPostgres(data_dir)
    postgres.start()
    with psycopg.connect(postgres.url()) as busy:
        os.kill(busy.info.backend_pid, signal.SIGSTOP)
        server = server_pid(data_dir)
        os.kill(server, signal.SIGKILL)
        assert eventually(lambda: not postgres.is_running())
        go_on = threading.Timer(0.7, os.kill, (busy.info.backend_pid, signal.SIGCONT))
        go_on.start()

        postgres.start()

        assert not go_on.is_alive()
        assert "is still in use" in (data_dir / "postgres.log").read_text()
        assert ask(postgres.url(), "SELECT 1") == 1
    postgres.stop()


def test_the_next_start_may_come_while_the_last_server_is_still_ending(data_dir: Path) -> None:
    supervisor = Supervisor(data_dir)
    assert supervisor.url()

    supervisor.kill()

    assert starts(data_dir)


def test_an_orphan_whose_watchdog_was_killed_too_does_not_block_the_next_start(data_dir: Path) -> None:
    supervisor = Supervisor(data_dir)
    url = supervisor.url()
    tell(url, "CREATE TABLE kept AS SELECT 42 AS answer")
    orphan = server_pid(data_dir)
    os.kill(watchdog_of(orphan), signal.SIGKILL)
    supervisor.kill()
    assert ask(url, "SELECT 1") == 1

    with EmbeddedPostgres(data_dir, durable=False) as postgres:
        assert has_ended(orphan)
        assert ask(postgres.url(), "SELECT answer FROM kept") == 42


def watchdog_of(server: int) -> int:
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        words = path.read_bytes().split(b"\0") if path.exists() else []
        if b"caseloop-watchdog" in words and str(server).encode() in words:
            return int(path.parent.name)
    raise AssertionError("no watchdog")


def test_a_server_that_is_not_ready_in_time_is_stopped_again(data_dir: Path) -> None:
    settings, never_ready = data_dir / "cluster" / "postgresql.conf", data_dir / "cluster" / "standby.signal"
    as_made = settings.read_bytes()
    settings.write_bytes(as_made + b"\nhot_standby = off\n")
    never_ready.touch(mode=0o600)
    os.chown(never_ready, settings.stat().st_uid, settings.stat().st_gid)

    with pytest.raises(EmbeddedPostgresError, match=r"not ready after .* read its log"):
        EmbeddedPostgres(data_dir, start_limit_seconds=1).start()

    never_ready.unlink()
    settings.write_bytes(as_made)
    assert starts(data_dir)


def test_a_broken_configuration_is_quoted(data_dir: Path) -> None:
    with open(data_dir / "cluster" / "postgresql.conf", "a") as file:
        file.write("\nshared_buffers = many\n")

    with pytest.raises(
        EmbeddedPostgresError, match=r"PostgreSQL says: .*invalid value for parameter \"shared_buffers\""
    ):
        EmbeddedPostgres(data_dir).start()


def test_a_folder_that_is_no_cluster_is_left_alone(new_dir: Path) -> None:
    (new_dir / "cluster").mkdir(parents=True)
    (new_dir / "cluster" / "thesis.txt").write_text("chapter one")

    with pytest.raises(EmbeddedPostgresError, match="not a PostgreSQL data folder"):
        EmbeddedPostgres(new_dir).start()

    assert (new_dir / "cluster" / "thesis.txt").read_text() == "chapter one"
    (new_dir / "cluster").rename(new_dir / "thesis")


def test_a_cluster_that_is_gone_is_missed_and_not_replaced_by_an_empty_one(new_dir: Path) -> None:
    new_dir.mkdir()
    (new_dir / "cluster").symlink_to("/nonexistent/cluster-1")

    with pytest.raises(EmbeddedPostgresError, match="lay in /nonexistent/cluster-1, and that folder is gone"):
        EmbeddedPostgres(new_dir).start()

    (new_dir / "cluster").unlink()


def test_missing_programs_are_named_with_a_way_out(new_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("caseloop.config.embedded.binaries.importlib.util.find_spec", lambda name: None)

    with pytest.raises(EmbeddedPostgresError, match=r"programs of PostgreSQL 18 are missing.*DATABASE_URL"):
        EmbeddedPostgres(new_dir).start()


def test_a_folder_that_may_not_be_written_is_named(place: Path) -> None:
    place.chmod(0o555)

    as_whom = NOBODY if IS_ROOT else []
    starter = Supervisor(place / "data", *as_whom, python=python_of_nobody() if IS_ROOT else sys.executable)

    assert f"The data folder {place}/data cannot be used" in starter.end()
    place.chmod(0o711)


@pytest.fixture
def small_disk(place: Path) -> Iterator[Path]:
    disk = place / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=80m,mode=0711", "tmpfs", str(disk)]
    if not IS_ROOT or subprocess.run(command, capture_output=True).returncode != 0:
        pytest.skip("a small disk needs root who may mount")
    yield disk
    EmbeddedPostgres(disk / "data").destroy()
    subprocess.run(["umount", str(disk)], check=True)


def fill(disk: Path) -> Path:
    filler = disk / "filler"
    with open(filler, "wb", buffering=0) as file:
        try:
            while file.write(bytes(65536)) == 65536:
                pass
        except OSError:
            return filler
    return filler


def test_a_full_disk_is_named_and_space_mends_it(small_disk: Path, pristine: Path) -> None:
    subprocess.run(["cp", "-a", str(pristine), str(small_disk / "data")], check=True)
    filler = fill(small_disk)

    with pytest.raises(EmbeddedPostgresError, match=r"disk of .* is full.*free some space and start again"):
        EmbeddedPostgres(small_disk / "data").start()

    silent = ""  # the log lies on the same disk
    assert "is full: free some space" in explain("The database did not start", silent, small_disk)
    filler.unlink()
    assert starts(small_disk / "data")


def test_a_disk_that_fills_during_the_first_start_leaves_nothing_half_made(small_disk: Path) -> None:
    filler = small_disk / "filler"
    filler.write_bytes(bytes(50 * 1024 * 1024))

    with pytest.raises(EmbeddedPostgresError, match=r"disk of .* is full.*No space left on device"):
        EmbeddedPostgres(small_disk / "data").start()

    assert not (small_disk / "data" / "cluster").exists()
    filler.unlink()
    assert starts(small_disk / "data")


@pytest.mark.parametrize(
    ("log", "sentence"),
    [
        (
            'FATAL:  could not write to file "pg_wal/xlogtemp.7": No space left on device',
            "is full: free some space",
        ),
        ('FATAL:  could not open file "global/pg_control": Permission denied', "mend its permissions"),
        (
            "LOG:  starting PostgreSQL 18.4\nFATAL:  odd\nLOG:  database system is shut down",
            "PostgreSQL says: FATAL:  odd",
        ),
        ("", "It gave no reason."),
    ],
)
def test_what_postgresql_wrote_becomes_a_sentence_that_says_what_to_do(tmp_path: Path, log: str, sentence: str) -> None:
    assert sentence in explain("The database did not start", log, tmp_path)
