"""
The dashboard in a browser: headless Chromium, driven by chromedriver.

`.ci/run` installs Debian's chromium and chromium-driver where they are missing. Where
there is neither, these tests are skipped and say so.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mockserver.tests.client import Client, Server

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver")

pytestmark = [
    pytest.mark.skipif(not (BROWSER and DRIVER), reason="there is no chromium or no chromedriver here"),
    pytest.mark.xdist_group("browser"),
]

WITHIN = 15
"""Seconds in which something must appear: on a machine with nothing else to do it takes a tenth of one."""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    made = Server("trackbot", "--quiet")
    yield made
    made.close()


@pytest.fixture(scope="module")
def driver() -> Iterator[Any]:
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = str(BROWSER)
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    made = webdriver.Chrome(options=options, service=Service(str(DRIVER), log_output=os.devnull))
    yield made
    made.quit()


class Page:
    """One browser on one server, in plain words."""

    def __init__(self, driver: Any, server: Server) -> None:
        self.driver = driver
        self.api = Client(server.url)
        self.size(1280, 800)

    def size(self, width: int, height: int) -> None:
        """Be a screen of that size."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def scheme(self, name: str) -> None:
        """Prefer dark or light."""
        said = {"features": [{"name": "prefers-color-scheme", "value": name}]}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", said)

    def open(self, path: str) -> Page:
        """Go to *path*."""
        self.driver.get(self.api.url + path)
        return self

    def all(self, selector: str) -> list[Any]:
        """Return what fits *selector*."""
        return list(self.driver.find_elements("css selector", selector))

    def one(self, selector: str, text: str = "") -> Any:
        """Return the first that fits *selector* and has *text* in it, as soon as there is one."""
        return self.until(
            lambda: next((one for one in self.all(selector) if text in one.text), None), selector
        )

    def until(self, wanted: Callable[[], Any], what: str = "") -> Any:
        """Return what *wanted* gives, as soon as it gives something."""
        from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
        from selenium.webdriver.support.ui import WebDriverWait

        waiting = WebDriverWait(
            self.driver, WITHIN, 0.05, ignored_exceptions=[StaleElementReferenceException, WebDriverException]
        )
        return waiting.until(lambda _: wanted(), f"{what} at {self.driver.current_url}")

    def errors(self) -> list[str]:
        """Return what the browser has complained of since the last time."""
        return [one["message"] for one in self.driver.get_log("browser") if one["level"] != "INFO"]


@pytest.fixture
def page(driver: Any, server: Server) -> Iterator[Page]:
    """A browser at a fresh world; at the end it must have had nothing to complain of."""
    made = Page(driver, server)
    made.open("/__admin/static/icon.svg")
    driver.delete_all_cookies()
    made.api.reset()
    made.scheme("light")
    made.errors()
    yield made
    assert made.errors() == []


def press(page: Page, *keys: str) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    ActionChains(page.driver).send_keys(*keys).perform()


def test_a_request_appears(page: Page):
    """What another program sends stands in the list without a reload, and can be opened."""
    page.open("/__admin/")
    page.one("#live[data-state=live]")
    page.driver.execute_script("window.stays = true")
    page.api.get("/api/camp/link.json?id=twelve&x=<script>document.title='hacked'</script>")
    row = page.one("#rows tr", "/api/camp/link.json")
    assert "400" in row.text
    assert page.driver.execute_script("return window.stays") is True
    assert page.one("#announce").get_attribute("textContent") == "One new request"
    row.find_element("css selector", "a").click()
    page.one("h1", "link.json")
    assert "type: integer" in page.one(".line.meant").text
    assert page.driver.title.startswith("GET /api/camp/link.json")


def test_paused(page: Page):
    """A list that is read does not move under the reader's eyes."""
    page.open("/__admin/")
    page.one("#live[data-state=live]")
    page.one("#pause").click()
    page.api.get("/api/camp/list.json")
    page.one("#live[data-state=paused]")
    page.one("#pause").click()
    page.one("#rows tr", "/api/camp/list.json")


def test_arming_an_example(page: Page):
    """An example that is armed answers the next request of an app that knows nothing of it."""
    page.open("/__admin/ui/apis/trackbot/operation?id=addCampaign")
    row = page.one("section tr", "nochat")
    row.find_element("css selector", "button").click()
    page.one(".armed", "example=nochat")
    made = page.api.post("/api/camp/add.json", form={"bot": 7, "chat": -1001234567999})
    assert made.json() == {"status": "error", "error": "nochat"}
    page.driver.refresh()
    page.one("h1", "/api/camp/add.json")
    assert page.all(".armed") == []


def test_editing_state(page: Page):
    """A row that breaks its contract is refused in place, what was typed still there; a good one is saved."""
    page.open("/__admin/ui/state")
    page.one("a", "campaigns").click()
    page.one("td a", "13").click()
    area = page.one("textarea")
    row = json.loads(area.get_attribute("value"))
    fill = "arguments[0].value = arguments[1]"
    page.driver.execute_script(fill, area, json.dumps({**row, "status": 9}))
    page.one("button.primary").click()
    assert "/status" in page.one(".refused").text
    assert json.loads(page.one("textarea").get_attribute("value"))["status"] == 9
    page.driver.execute_script(fill, page.one("textarea"), json.dumps({**row, "status": 1}))
    page.one("button.primary").click()
    page.one(".notice", "Saved")
    assert page.api.get("/__admin/state/trackbot/campaigns/13").json()["status"] == 1


def test_keyboard_alone(page: Page):
    """The first Tab offers to skip the navigation; a link is reached, seen and followed without a mouse."""
    from selenium.webdriver.common.keys import Keys

    page.open("/__admin/")
    page.one("h1", "Requests")
    press(page, Keys.TAB)
    active = page.driver.switch_to.active_element
    assert active.text == "Skip to content"
    assert active.rect["y"] >= 0
    press(page, Keys.ENTER)
    assert page.driver.execute_script("return document.activeElement.id") == "main"
    page.open("/__admin/")
    for _ in range(5):
        press(page, Keys.TAB)
    active = page.driver.switch_to.active_element
    outline = page.driver.execute_script("return getComputedStyle(arguments[0]).outlineStyle", active)
    assert outline == "solid"
    assert active.text == "State"
    press(page, Keys.ENTER)
    page.one("h1", "State")


PATHS = (
    "/__admin/", "/__admin/ui/apis", "/__admin/ui/apis/trackbot", "/__admin/ui/stubs", "/__admin/ui/bench",
    "/__admin/ui/apis/trackbot/operation?id=editCampaign", "/__admin/ui/state", "/__admin/ui/sessions",
    "/__admin/ui/state/rows?api=trackbot&collection=campaigns", "/__admin/ui/webhooks?event=trackbot+wait",
    "/__admin/ui/state/row?api=trackbot&collection=campaigns&key=12", "/__admin/docs", "/__admin/ui/replay",
)  # fmt: skip

CONTRAST = """
function light(rgb) {
  const [r, g, b] = rgb.map(v => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; });
  return .2126 * r + .7152 * g + .0722 * b;
}
const canvas = document.createElement("canvas"); canvas.width = canvas.height = 1;
const context = canvas.getContext("2d", { willReadFrequently: true });
function paint(colours) {
  context.clearRect(0, 0, 1, 1);
  for (const colour of colours) { context.fillStyle = colour; context.fillRect(0, 0, 1, 1); }
  return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
}
const poor = [];
for (const one of document.querySelectorAll("body *")) {
  const own = [...one.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
  if (!own || !one.offsetParent) continue;
  if (one.closest(".unseen, .skip, script, noscript, svg, option, optgroup")) continue;
  const grounds = [];
  for (let at = one; at; at = at.parentElement) grounds.unshift(getComputedStyle(at).backgroundColor);
  const ground = paint(grounds), text = paint([...grounds, getComputedStyle(one).color]);
  const [high, low] = [light(text), light(ground)].sort((a, b) => b - a);
  const ratio = (high + .05) / (low + .05);
  const said = one.textContent.trim().slice(0, 30);
  if (ratio < 4.5) poor.push([one.tagName, one.className, said, ratio.toFixed(2)].join(" "));
}
return poor;
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_can_be_read(page: Page, scheme: str):
    """In both colour schemes text stands out (WCAG 2.2, 1.4.3); at 375 pixels nothing is cut off."""
    page.api.get("/api/camp/link.json?id=twelve&long=" + "x" * 200)
    page.api.post("/__admin/webhooks/trigger", json={"event": "approve"})
    ident = page.api.get("/__admin/requests").json()["requests"][0]["id"]
    good = page.api.get("/api/camp/get.json?id=12").headers["Mock-Id"]
    page.scheme(scheme)
    shown = [f"/__admin/ui/requests/{one}" for one in (ident, good)]
    shown += [f"/__admin/ui/replay?id={good}", "/__admin/ui/replay?id=none"]
    for path in (*PATHS, *shown, "/__admin/ui/webhooks/deliveries/dlv_1"):
        page.size(1280, 800)
        page.open(path)
        page.one("h1")
        assert page.driver.execute_script(CONTRAST) == [], path
        page.size(375, 760)
        wide = page.driver.execute_script("return document.documentElement.scrollWidth")
        assert wide <= 375, path


def test_an_answer_again(page: Page):
    """From a request to what was sent, byte for byte, whatever has happened since."""
    ident = page.api.get("/api/camp/link.json?id=12").headers["Mock-Id"]
    page.api.delete("/__admin/state/trackbot")
    page.open(f"/__admin/ui/requests/{ident}")
    page.one("section p a", "replay").click()
    page.one("h1", "Replay & bundle")
    assert "t.me/mytrackbot" in page.one("pre[aria-label='Body of the answer']").text
    assert page.one("input[name=id]").get_attribute("value") == ident


def test_every_field_has_a_name(page: Page):
    """A screen reader can say what each field, button and table is for."""
    unnamed = """
      const bad = [];
      for (const one of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
        if (!one.labels.length && !one.getAttribute("aria-label")) bad.push(one.outerHTML);
      }
      for (const one of document.querySelectorAll("button, a")) {
        if (!one.textContent.trim()) bad.push(one.outerHTML);
      }
      for (const tag of ["h1", "main", "nav"]) if (document.querySelectorAll(tag).length !== 1) bad.push(tag);
      return bad;
    """
    for path in PATHS:
        page.open(path)
        page.one("h1")
        assert page.driver.execute_script(unnamed) == [], path


def test_the_narrow_menu(page: Page):
    """On a telephone the navigation opens from a button that says whether it is open."""
    page.size(375, 760)
    page.open("/__admin/")
    button = page.one("button.menu")
    assert not page.one("nav ul li a", "").is_displayed()
    button.click()
    assert button.get_attribute("aria-expanded") == "true"
    page.one("nav a", "Webhooks").click()
    page.one("h1", "Webhooks")


def test_docs_try_it_out(page: Page):
    """The documentation sends a request to this very server, with nothing from the network."""
    page.open("/__admin/docs/trackbot")
    page.one("#operations-campaigns-listCampaigns button.opblock-summary-control").click()
    page.one("#operations-campaigns-listCampaigns button.execute").click()
    page.one("#operations-campaigns-listCampaigns .live-responses-table .response-col_status", "200")
    entry = page.until(
        lambda: page.api.get("/__admin/requests").json()["requests"], "the request in the journal"
    )[0]
    assert entry["request"]["url"] == "/trackbot/api/camp/list.json"
    loaded = page.driver.execute_script(
        "return performance.getEntriesByType('resource').map(one => one.name)"
    )
    assert all(one.startswith((page.api.url, "data:", "blob:")) for one in loaded)


def test_a_full_journal_is_listed_by_the_page(page: Page):
    """With a thousand requests the list shows the last hundred of them."""
    for _ in range(1_000):
        page.api.get("/api/camp/list.json")
    page.open("/__admin/")
    page.one("#rows tr")
    assert len(page.all("#rows tr")) <= 101
