"""What the pages say is so: their links lead somewhere, their commands exist, their settings are read."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from caseloop import cli

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
SOURCES = "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "src").rglob("*.py")))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", page.read_text("utf-8"))
    missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert missing == []


def commands() -> list[str]:
    found = []
    for page in PAGES:
        for line in page.read_text("utf-8").splitlines():
            match = re.match(r" {4}(?:\.venv/bin/)?caseloop (.+)", line)
            if match:
                found.append(match.group(1).split("  #")[0].strip())
    return sorted(set(found))


@pytest.mark.parametrize("command", commands())
def test_every_command_shown_is_one_that_caseloop_understands(command: str) -> None:
    arguments = cli._parser().parse_args(shlex.split(command))
    assert callable(arguments.verb)


def test_the_pages_show_commands() -> None:
    assert len(commands()) >= 10


@pytest.mark.parametrize(
    "setting", sorted(set(re.findall(r"`(CASELOOP_[A-Z_]+)`", (ROOT / "docs/running.md").read_text("utf-8"))))
)
def test_every_setting_shown_is_read_somewhere(setting: str) -> None:
    assert setting in SOURCES or setting.removeprefix("CASELOOP_MAILBOX_") in SOURCES


def test_every_target_shown_is_in_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    shown = {name for page in PAGES for name in re.findall(r"(?:^ {4}|`)make ([a-z]+)", page.read_text("utf-8"), re.M)}
    assert shown
    assert [name for name in sorted(shown) if not re.search(rf"^{name}:", makefile, re.M)] == []
