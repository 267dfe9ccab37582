"""Do all processes of a test run share one server, and does it end with the last of them?"""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tests.config.embedded.trial import ask, eventually
from tests.postgres import TEMPLATE, database_url, fast_folder

RUN = f"shared-{os.getpid()}"
SHARE = "import sys; from tests.postgres import database_url; print(database_url(), flush=True); sys.stdin.readline()"


def start_worker() -> "subprocess.Popen[str]":
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment["PYTEST_XDIST_TESTRUNUID"] = RUN
    root = Path(__file__).parents[3]
    command, pipe = [sys.executable, "-c", SHARE], subprocess.PIPE
    return subprocess.Popen(command, env=environment, cwd=root, text=True, stdin=pipe, stdout=pipe)


def test_workers_share_a_server_that_ends_with_the_last_of_them_even_when_that_is_killed() -> None:
    workers = [start_worker() for _ in range(3)]
    urls = {worker.stdout.readline().strip() for worker in workers if worker.stdout}
    assert len(urls) == 1
    url = urls.pop()

    workers[0].communicate("\n")
    workers[1].communicate("\n")
    assert ask(url, "SELECT 1") == 1

    workers[2].kill()
    workers[2].communicate()
    assert eventually(lambda: not (fast_folder() / f"caseloop-tests-{RUN}").exists())
    assert not Path(unquote(urlsplit(url).hostname or "")).exists()


def test_test_databases_are_copied_from_a_template_that_knows_capital_umlauts() -> None:
    template = urlsplit(database_url())._replace(path=f"/{TEMPLATE}").geturl()
    assert ask(template, "SELECT datistemplate FROM pg_database WHERE datname = current_database()") is True
    assert ask(template, "SELECT 'Ä' ILIKE 'ä'") is True
    assert ask(template, "SHOW server_encoding") == "UTF8"
