"""Does the embedded PostgreSQL start and stop, wherever it lies and whatever surrounds it?"""

import os
import stat
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg
import pytest

from caseloop.config.embedded import EmbeddedPostgres, EmbeddedPostgresError, attach
from tests.config.embedded.trial import Supervisor, ask, has_ended, server_pid, tell


def socket_folder(url: str) -> Path:
    return Path(unquote(urlsplit(url).hostname or ""))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_starts_from_nothing_with_a_database_that_knows_capital_umlauts(new_dir: Path) -> None:
    with EmbeddedPostgres(new_dir) as postgres:
        assert ask(postgres.url(), "SELECT 'ÄRGER' ILIKE 'ärger'") is True
        assert ask(postgres.url(), "SELECT current_database() || ' ' || current_user") == "caseloop caseloop"
        assert ask(postgres.url(), "SHOW server_encoding") == "UTF8"
        assert ask(postgres.url(), "SHOW shared_buffers") == "256MB"
        assert ask(postgres.url(), "SHOW max_connections") == "100"
        assert ask(postgres.url(), "SHOW server_version_num") >= "180000"


@pytest.mark.parametrize("locale", ["C", "xx_YY.UTF-8"])
def test_the_locale_and_postgresql_settings_around_us_make_no_difference(
    new_dir: Path, monkeypatch: pytest.MonkeyPatch, locale: str
) -> None:
    for name in ("LC_ALL", "LANG", "LC_CTYPE"):
        monkeypatch.setenv(name, locale)
    for name in ("PGDATA", "PGHOST", "PGPORT", "PGUSER", "PGOPTIONS"):
        monkeypatch.setenv(name, "9")

    with EmbeddedPostgres(new_dir, durable=False) as postgres:
        postgres.create_database("more")
        url = postgres.url("more")

        monkeypatch.delenv("PGOPTIONS")
        assert ask(url, "SELECT 'ÄRGER' ILIKE 'ärger'") is True
        assert ask(url, "SELECT datlocale FROM pg_database WHERE datname = 'more'") == "C.UTF-8"


@pytest.mark.parametrize("name", ["with a space, 'quotes' and ümläute", "/".join(["long" * 15] * 4)])
def test_the_data_folder_may_have_any_path(place: Path, name: str) -> None:
    with EmbeddedPostgres(place / name, durable=False) as postgres:
        assert ask(postgres.url(), "SELECT 1") == 1
        assert attach(place / name) == postgres.url()
        assert len(str(socket_folder(postgres.url()))) < 90


def test_a_long_or_odd_temporary_folder_does_not_matter(
    data_dir: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = place / ("Long and odd " * 10)
    odd.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(odd))

    with EmbeddedPostgres(data_dir, durable=False) as postgres:
        assert ask(postgres.url(), "SELECT 1") == 1


def test_data_outlive_a_restart(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as postgres:
        tell(postgres.url(), "CREATE TABLE kept AS SELECT 'still here' AS what")

    with EmbeddedPostgres(data_dir) as postgres:
        assert ask(postgres.url(), "SELECT what FROM kept") == "still here"


def test_nothing_in_the_folder_is_open_to_other_users(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, durable=False) as postgres:
        folder = socket_folder(postgres.url())

        assert [mode(data_dir / name) for name in ("password", "connection.json", "postgres.log", "lock")] == [
            0o600
        ] * 4
        assert (mode(folder), mode(postgres.cluster_directory())) == (0o700, 0o700)
        assert ask(postgres.url(), "SHOW listen_addresses") == ""
        assert ask(postgres.url(), "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False

    assert not folder.exists()
    assert not (data_dir / "connection.json").exists()


@pytest.mark.parametrize("user", ["caseloop", "postgres"])
def test_nobody_comes_in_without_the_password(postgres: EmbeddedPostgres, user: str) -> None:
    folder = socket_folder(postgres.url())

    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(host=str(folder), user=user, password="guessed", dbname="caseloop")


def test_statements_and_values_of_customers_stay_out_of_the_log(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, durable=False) as postgres:
        tell(postgres.url(), "CREATE TABLE people (email text UNIQUE)")
        for _twice in range(2):
            with pytest.raises(psycopg.Error) if _twice else psycopg.connect(postgres.url()):
                tell(postgres.url(), "INSERT INTO people VALUES ('ana@contoso.example')")

    log = (data_dir / "postgres.log").read_text()
    assert "duplicate key" in log
    assert "contoso" not in log


def test_a_stopped_server_has_no_address(data_dir: Path) -> None:
    postgres = EmbeddedPostgres(data_dir, durable=False)

    with pytest.raises(EmbeddedPostgresError, match="start it first"):
        postgres.url()
    assert attach(data_dir) is None
    assert attach(data_dir / "missing") is None
    assert not postgres.is_running()


def test_stopping_and_starting_twice_is_harmless(data_dir: Path) -> None:
    postgres = EmbeddedPostgres(data_dir, durable=False)
    postgres.start()
    first = server_pid(data_dir)
    postgres.start()

    assert server_pid(data_dir) == first
    postgres.stop()
    postgres.stop()
    assert has_ended(first)


def test_tests_may_give_up_durability_and_nobody_else_does(data_dir: Path) -> None:
    seen = []
    for durable in (True, False):
        with EmbeddedPostgres(data_dir, durable=durable) as postgres:
            seen.append([ask(postgres.url(), f"SHOW {name}") for name in ("fsync", "synchronous_commit")])

    assert seen == [["on", "on"], ["off", "off"]]


def test_databases_are_made_once_whatever_their_name(postgres: EmbeddedPostgres) -> None:
    name = 'dbname=odd "name" it\'s \\ ä'
    for _twice in range(2):
        postgres.create_database(name)

    assert ask(postgres.url(name), "SELECT current_database()") == name
    assert postgres.list_databases() == ["caseloop", name]


@pytest.mark.parametrize("name", ["", "ä" * 32, "a\0b"])
def test_a_name_that_postgresql_would_cut_is_refused(postgres: EmbeddedPostgres, name: str) -> None:
    with pytest.raises(EmbeddedPostgresError, match="1 to 63 bytes"):
        postgres.create_database(name)


def test_other_processes_connect_but_cannot_start_it_a_second_time(postgres: EmbeddedPostgres) -> None:
    second = Supervisor(postgres.data_dir)

    refusal = second.end()

    assert f"Process {os.getpid()} already runs the database of {postgres.data_dir}" in refusal
    assert ask(attach(postgres.data_dir) or "", "SELECT 1") == 1


def test_of_several_starters_at_once_one_runs_the_server(new_dir: Path) -> None:
    starters = [Supervisor(new_dir) for _ in range(3)]
    urls = [starter.url() for starter in starters]

    running = [url for url in urls if url]
    assert len(running) == 1
    assert ask(running[0], "SELECT 1") == 1
    said = [starter.end() for starter in starters]
    assert sorted("already runs the database" in text for text in said) == [False, True, True]


def test_a_forked_child_does_not_stop_the_server(data_dir: Path) -> None:
    postgres = EmbeddedPostgres(data_dir, durable=False)
    postgres.start()

    child = os.fork()
    if child == 0:
        is_right = not postgres.is_running()
        postgres.stop()
        os._exit(0 if is_right else 1)

    assert os.waitpid(child, 0)[1] == 0
    assert ask(postgres.url(), "SELECT 1") == 1
    assert attach(data_dir) is not None
    postgres.stop()


def test_an_interrupted_first_start_leaves_nothing_in_the_way(new_dir: Path) -> None:
    (new_dir / "cluster.partial" / "base").mkdir(parents=True)
    new_dir.chmod(0o711)

    with EmbeddedPostgres(new_dir, durable=False) as postgres:
        assert ask(postgres.url(), "SELECT 1") == 1
    assert not (new_dir / "cluster.partial").exists()


def test_a_lost_password_file_is_replaced(data_dir: Path) -> None:
    (data_dir / "password").unlink()

    with EmbeddedPostgres(data_dir, durable=False) as postgres:
        assert ask(postgres.url(), "SELECT 1") == 1


def test_a_socket_folder_that_was_opened_to_others_is_not_trusted(postgres: EmbeddedPostgres) -> None:
    socket_folder(postgres.url()).chmod(0o755)

    with pytest.raises(EmbeddedPostgresError, match="not private"):
        attach(postgres.data_dir)
    socket_folder(postgres.url()).chmod(0o700)


def test_destroying_leaves_foreign_files_alone(data_dir: Path) -> None:
    (data_dir / "notes.txt").write_text("mine")

    EmbeddedPostgres(data_dir).destroy()

    assert [path.name for path in data_dir.iterdir()] == ["notes.txt"]
