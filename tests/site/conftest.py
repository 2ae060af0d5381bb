"""The site, built once for all tests here, and a browser that can reach nothing but this machine."""

import fcntl
import functools
import http.server
import importlib.util
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from consensus_lab.site.build import build
from tests.conftest import missing, needs

FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",  # nobody else has a name
)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the built site."""
    if importlib.util.find_spec("material") is None:
        missing("needs mkdocs-material: pip install -e '.[test]'")
    target = tmp_path_factory.getbasetemp() / "site"
    if "PYTEST_XDIST_WORKER" in os.environ:  # whoever comes first builds it for all
        target = tmp_path_factory.getbasetemp().parent / "site"
    with open(target.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.exists():
            build(target)
    return target


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    """Where the site is served on loopback, such as http://127.0.0.1:40001/."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(site))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory):
    """One headless Chromium, with a profile of its own."""
    if importlib.util.find_spec("selenium") is None:
        missing("needs selenium: pip install -e '.[test]'")
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = needs("chromium")
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(needs("chromedriver")))
    yield driver
    driver.quit()


@pytest.fixture
def browser(chromium):
    """The same browser at its usual size; afterwards the console is empty, and nobody else was asked for anything."""
    look(chromium)
    drain(chromium)
    yield chromium
    complaints, requests = drain(chromium)
    assert complaints == []
    assert [url for url in requests if not url.startswith(("http://127.0.0.1:", "file:", "data:", "blob:"))] == []


def look(driver, *, width: int = 1280, height: int = 900, **features: str) -> None:
    """Set the size of the window, and media features such as prefers_color_scheme="dark"."""
    wanted = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": wanted})
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def drain(driver) -> tuple[list[str], list[str]]:
    """What the console has said since the last call, and which URLs were asked for."""
    complaints = [entry["message"] for entry in driver.get_log("browser")]
    events = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    asked = [event["params"] for event in events if event["method"] == "Network.requestWillBeSent"]
    urls = [each["request"]["url"] for each in asked if not each.get("documentURL", "").startswith("chrome:")]
    return complaints, urls
