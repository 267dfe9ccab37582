"""The Contoso Coffee story as anybody plays it: one command, real processes, and mails that are counted from outside."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from caseloop.demo.cast import APPLICATION_USER, the_cast

SOFIA = "Sofia Marchetti-Brandenburger"
LEVELS = {"confirm": SOFIA, "full": APPLICATION_USER}
STORY = {  # customer: how the case ends, follow-ups of the agent, whether it is resolved
    "silent": ("no_response", 2, True),
    "favorable": ("customer_says_solved", 1, False),
    "negative": ("reply_to_customer", 1, False),
    "out_of_office": ("no_response", 2, True),
    "bounce": ("needs_attention", 1, False),
}


@dataclass
class Counted:
    """Takes every mail, and remembers who got it and whether a machine sent it."""

    mails: list[tuple[str, bool]] = field(default_factory=list)
    message_ids: Counter[str] = field(default_factory=Counter)

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:
        mail = message_from_bytes(envelope.content)
        self.message_ids[mail["Message-ID"]] += 1
        for recipient in envelope.rcpt_tos:
            self.mails.append((recipient, mail["Auto-Submitted"] is not None))
        return "250 OK"


@dataclass
class Played:
    """What two demos, played at the same time, came to: one as the story goes, one where a silent customer answers."""

    as_told: subprocess.CompletedProcess[str]
    twisted: subprocess.CompletedProcess[str]
    counted: Counted
    folder: Path


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """Both demos, each with a data folder of its own; the first hands its mail to a server of somebody else's."""
    folders = [tmp_path_factory.mktemp(name) for name in ("as-told", "twisted")]
    counted = Counted()
    port = a_free_port()
    controller = Controller(counted, hostname="127.0.0.1", port=port)
    controller.start()
    with (
        ended(start(folders[0], "--once", "--json", "--smtp", f"127.0.0.1:{port}")) as first,
        ended(start(folders[1], "--once", "--json", CASELOOP_DEMO_TWIST="full:silent=favorable")) as second,
    ):
        yield Played(finished(first), finished(second), counted, folders[0])
    controller.stop()


def a_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def start(folder: Path, *options: str, **environment: str) -> subprocess.Popen[str]:
    """The command in a folder of its own, as somebody who has set nothing up."""
    settings = {name: value for name, value in os.environ.items() if not name.startswith(("CASELOOP_", "DJANGO_"))}
    return subprocess.Popen(
        [sys.executable, "-m", "caseloop", "demo", *options],
        env={**settings, "CASELOOP_DATA_DIR": str(folder / "data"), **environment},
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(demo: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
    said, told = demo.communicate(timeout=170)
    return subprocess.CompletedProcess(demo.args, demo.returncode, said, told)


@contextmanager
def ended(demo: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    """However the test ends, the demo's processes do not outlive it."""
    try:
        yield demo
    finally:
        if demo.poll() is None:
            demo.terminate()
            demo.wait(20)


@pytest.mark.timeout(200)
def test_every_case_ends_as_the_story_says(played: Played) -> None:
    assert played.as_told.returncode == 0, played.as_told.stderr
    cases = json.loads(played.as_told.stdout)["cases"]
    assert {(case["level"], case["customer"]) for case in cases} == {(lvl, who) for lvl in LEVELS for who in STORY}
    for case in cases:
        outcome, agent_mails, resolved = STORY[case["customer"]]
        assert case == {
            "title": case["title"],
            "level": case["level"],
            "customer": case["customer"],
            "outcome": outcome,
            "agent_mails": agent_mails,
            "resolved": resolved,
            "resolved_by": LEVELS[case["level"]] if resolved else None,
        }
    assert len({case["title"] for case in cases}) == 10
    assert "All 10 cases ended as the story says." in played.as_told.stderr


@pytest.mark.timeout(200)
def test_the_mails_of_the_story_can_be_counted_from_outside(played: Played) -> None:
    taken = Counter(recipient for recipient, _ in played.counted.mails)
    by_machine = Counter(recipient for recipient, is_automatic in played.counted.mails if is_automatic)

    for customer in the_cast().customers:
        follow_ups = STORY[customer.acts.value][1]
        assert taken[customer.address] == 1 + follow_ups, f"Sofia's mail and the follow-ups to {customer.address}"
        assert by_machine[customer.address] == (follow_ups if customer.level == "full" else 0)
    assert set(taken) == {customer.address for customer in the_cast().customers}, "nobody else got mail"
    assert set(played.counted.message_ids.values()) == {1}, "no mail was handed over twice"


@pytest.mark.timeout(200)
def test_each_step_is_told_with_its_time(played: Played) -> None:
    told = played.as_told.stderr.splitlines()

    first = next(line for line in told if "→ Lena Vogel" in line and "follow-up 2 of 3 (full)" in line)
    answer = next(line for line in told if "Lena Vogel → Caseloop" in line and "read as favorable" in line)
    assert (first[:3], first[11:16]) == ("Wed", "09:00")
    assert (answer[:3], answer[11:16]) == ("Wed", "11:00"), "two hours later, and read at once"
    in_new_york = next(line for line in told if "→ Thomas Baker" in line and "follow-up 2" in line)
    assert (in_new_york[:3], in_new_york[11:16]) == ("Wed", "14:00"), "8:00 in New York"
    closed = next(line for line in told if "resolves" in line and "Anna Löwenherz" in line)
    assert closed.startswith("Mon"), "the wait ended on a Sunday"
    assert any("sign in with the password" in line for line in told)


@pytest.mark.timeout(200)
def test_nothing_is_left_behind_but_what_the_processes_said(played: Played) -> None:
    demo = played.folder / "data" / "demo"

    assert {path.name for path in demo.iterdir()} == {"web.log", "worker.log"}
    assert (demo / "worker.log").read_text() == ""
    assert (demo / "web.log").read_text() == ""


@pytest.mark.timeout(200)
def test_a_case_that_ends_otherwise_is_named_and_the_command_fails(played: Played) -> None:
    told = played.twisted.stderr.splitlines()

    assert played.twisted.returncode == 1
    [wrong] = [line for line in told if line.startswith("Not as the story says")]
    assert "(full, silent): it ended as customer_says_solved, not as no_response" in wrong
    assert "the mail server took 1 mails of the agent, not 2" in wrong
    assert len(json.loads(played.twisted.stdout)["cases"]) == 10


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
@pytest.mark.timeout(200)
def test_ctrl_c_ends_every_process_within_ten_seconds(tmp_path: Path) -> None:
    with ended(start(tmp_path, "--port", str(a_free_port()))) as demo:
        assert demo.stdout is not None
        welcome = next(line for line in demo.stdout if line.startswith("Caseloop is at http://127.0.0.1:"))
        running = processes_of(tmp_path)
        began = time.monotonic()

        demo.send_signal(signal.SIGINT)

        assert demo.wait(30) == 0, "going on by hand until Ctrl-C is how it is meant"
    assert time.monotonic() - began < 10
    assert welcome
    assert len(running) >= 4, "the demo, web, its worker process, and the worker that follows up"
    assert processes_of(tmp_path) == []


def processes_of(folder: Path) -> list[str]:
    """The command lines of all processes that were told to use this data folder."""
    mark = f"CASELOOP_DATA_DIR={folder}".encode()
    found = []
    for process in Path("/proc").iterdir():
        with suppress(OSError):
            if process.name.isdigit() and mark in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return found


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--json"], "--json is for the summary at the end, so it needs --once."),
        (["--once", "--smtp", "localhost"], "--smtp is 'localhost'. Name a mail server as HOST:PORT"),
        (["--once", "--smtp", "127.0.0.1:9"], "No mail server takes mail at 127.0.0.1:9"),
        (["--once", "--port", "70000"], "--port is 70000. Use a number from 1 to 65535."),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence_before_anything_starts(
    tmp_path: Path, options: list[str], sentence: str
) -> None:
    done = finished(start(tmp_path, *options))

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"caseloop: {sentence}")
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "data").exists()
