"""A browser, and Caseloop served on loopback at a Monday morning. Without Chromium these tests say so and skip."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import datetime

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from caseloop.accounts.models import User
from tests import shipped_rows

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="Chromium is not installed: apt-get install chromium"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright has a loop of its own in this thread
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(autouse=True)
def shipped(live_server: LiveServer) -> None:
    shipped_rows.put_back()


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, at_monday: datetime) -> Iterator[Page]:
    """A desktop page whose addresses begin at the server; anything wrong with scripts or policies fails the test."""
    context = browser.new_context(base_url=live_server.url, viewport={"width": 1366, "height": 900})
    opened = context.new_page()
    wrong: list[str] = []
    opened.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    yield opened
    context.close()
    refused_on_purpose = ("status of 403", "status of 404", "status of 409", "status of 422")
    assert [each for each in wrong if not any(words in each for words in refused_on_purpose)] == []


@pytest.fixture
def signed_in(page: Page, sofia: User) -> Page:
    """Sofia's browser."""
    sign_in(page, "sofia")
    return page


def sign_in(page: Page, name: str) -> None:
    page.goto("/sign-in")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/cases*")
