"""Fixtures of the browser test: a home built from the examples, the Dagster UI on it, headless Chromium."""

import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from user_interface import REPOSITORY, SCREENSHOTS, Ui, free_port, group_is_empty, wait_until

from workflowbench_dagster.homes import Home, home_for

CHROMIUM_FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"),
]
SECOND_SCRAPE = (
    "water-log.shortcut",
    "weekly-review.shortcut",
    "wifi-qr-card.shortcut",
    "workout-timer.shortcut",
)

expect.set_options(timeout=60_000)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-pictures", action="store_true", help="write docs/images anew")


def pytest_configure(config: pytest.Config) -> None:
    # Without -r, pytest keeps the reason of a skip to itself.
    config.option.reportchars += "s"


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the Chromium on this machine; none is ever downloaded."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no chromium on the PATH: install it, on Debian with `apt-get install chromium`")
    return path


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory, chromium: str) -> Path:
    """A folder for the shortcuts, the homes and the logs of this test."""
    return tmp_path_factory.mktemp("browser")


@pytest.fixture(scope="session")
def home(place: Path) -> Home:
    """The home of the examples, which came in two scrapes."""
    shortcuts = shutil.copytree(
        REPOSITORY / "examples", place / "shortcuts", ignore=shutil.ignore_patterns(*SECOND_SCRAPE)
    )
    manifest = (shortcuts / "manifest.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    first = [line for line in manifest if not line.startswith(SECOND_SCRAPE)]
    (shortcuts / "manifest.csv").write_text("".join(first), encoding="utf-8")
    _build(shortcuts, place)
    shutil.copytree(REPOSITORY / "examples", shortcuts, dirs_exist_ok=True)
    _build(shortcuts, place)
    return home_for(place / "homes", shortcuts)


@pytest.fixture(scope="session")
def ui(place: Path, home: Home) -> Iterator[Ui]:
    """The Dagster UI on the home; at the end it is interrupted, and nothing of it may be left."""
    ui = Ui(f"http://127.0.0.1:{free_port()}", home)
    command = [*_module("workflowbench_dagster.ui", place), "--port", ui.address.rpartition(":")[2]]
    with (place / "ui.log").open("wb") as log:
        server = subprocess.Popen(
            command, cwd=place, env=_environment(), stdout=log, stderr=log, start_new_session=True
        )
    try:
        wait_until(lambda: server.poll() is not None or _answers(ui.address), seconds=120)
        assert server.poll() is None, (place / "ui.log").read_text(encoding="utf-8")
        yield ui
        server.send_signal(signal.SIGINT)
        server.wait(timeout=60)
        wait_until(lambda: group_is_empty(server.pid), seconds=60)
    finally:
        if not group_is_empty(server.pid):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """Headless Chromium with a profile of its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty page, twice as sharp as usual; no request of it may leave this machine."""
    context = browser.new_context(viewport={"width": 1500, "height": 950}, device_scale_factor=2)
    context.set_default_timeout(60_000)
    page = context.new_page()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    yield page
    context.close()
    local = ("http://127.0.0.1:", "file:", "data:", "blob:")
    assert not [url for url in requests if not url.startswith(local)]


@pytest.fixture
def keep(request: pytest.FixtureRequest) -> Callable[[str, bytes], None]:
    """A function that keeps a PNG in `.test-output/screenshots`.

    With `--update-pictures`, `docs/images` gets the new version of each of its pictures, too.
    """

    def keep(name: str, png: bytes) -> None:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        (SCREENSHOTS / f"{name}.png").write_bytes(png)
        picture = REPOSITORY / "docs" / "images" / f"{name}.png"
        if request.config.getoption("update_pictures") and picture.exists():
            picture.write_bytes(png)

    return keep


def _build(shortcuts: Path, place: Path) -> None:
    command = [*_module("workflowbench_dagster.demo", place), "--shortcuts", str(shortcuts)]
    built = subprocess.run(
        command, cwd=place, env=_environment(), capture_output=True, text=True, timeout=120
    )
    assert built.returncode == 0, built.stdout + built.stderr


def _module(module: str, place: Path) -> list[str]:
    return [sys.executable, "-m", module, "--home", str(place / "homes")]


def _environment() -> dict[str, str]:
    """The environment of this process without settings of the platform."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("WORKFLOWBENCH_", "DAGSTER_"))
    }


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/server_info", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
