"""The pages in a real Chromium: accessibility, width, requests, cookies, keyboard, no scripts.

Each template is looked at twice so that every two of template, language, colours and width meet;
with RAADGRAAF_TORTURE=1 in all eight combinations.
"""

import itertools
import os
import re
import shutil
import threading
from collections.abc import Iterator, Sequence

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from raadgraaf.config import Settings
from raadgraaf.server import create_app
from raadgraaf.workers import WorkerPool

CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]

ARGUMENTS = (
    "--no-sandbox",  # tests may run as root
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
)
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice")
COMMITMENT = "/doc/toezegging/gm0299/naheffingsaanslagen"
PAGES = {
    "home": "/",
    "list": "/toezeggingen",
    "list of partners": "/partners?partnerKind=partner-shelter",
    "list without anything": "/toezeggingen?q=onbestaanbaar",
    "search": "/zoeken?q=huiselik+geweld",
    "commitment": COMMITMENT,
    "vision": "/doc/document/arnhem-achterhoek/regiovisie-2024-2028",
    "graph": "/doc/graph/bron/gm0299-toezeggingenlijst",
    "questions": "/zoekvragen",
    "question": "/zoekvragen/overdue-on-day?asOf=2024-02-20",
    "sparql": "/sparql?query=SELECT+*+%7B+%3Fs+%3Fp+%3Fo+%7D+LIMIT+3",
    "definitions": "/def",
    "dataset": "/dataset",
    "profile": "/profiel",
    "quality": "/kwaliteit",
    "prose": "/hulp",
    "error": "/none",
}
LANGUAGES, COLOURS, WIDTHS = ("", "/en"), ("light", "dark"), (320, 1200)

Form = tuple[str, str, int]


def forms() -> Iterator[object]:
    """Yield each template with the forms in which it is looked at."""
    every = list(itertools.product(LANGUAGES, COLOURS, WIDTHS))
    for number, name in enumerate(PAGES):
        # A form and its opposite: each value meets each template, and over four templates
        # each two values of different kinds meet.
        pair = [every[number % 4], every[7 - number % 4]]
        for form in every if os.environ.get("RAADGRAAF_TORTURE") else pair:
            yield pytest.param(name, form, id="-".join(map(str, (name, *form))).replace("/", ""))


class Silent(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture(scope="module")
def address(service: WorkerPool, settings: Settings) -> Iterator[str]:
    app = create_app(service, settings)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Silent)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield browser
        browser.close()


def opened(browser: Browser, address: str, path: str, form: Form) -> tuple[Page, Sequence[str]]:
    """Return a page that was opened in one form, and the addresses that it asked for."""
    twin, colours, width = form
    context: BrowserContext = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=colours
    )
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{address}{twin}{path}")
    return page, asked


@pytest.mark.parametrize(("name", "form"), list(forms()))
def test_a_page_is_accessible_fits_and_asks_nobody_else(
    browser: Browser, address: str, name: str, form: Form
) -> None:
    page, asked = opened(browser, address, PAGES[name], form)
    found = Axe().run(page, options={"runOnly": list(RULES)})
    wrong = [
        (each["id"], [node["html"][:200] for node in each["nodes"]])
        for each in found.response["violations"]
    ]
    assert wrong == []
    assert len(found.response["passes"]) > 10
    size = page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert size[0] <= size[1]
    assert [each for each in asked if not each.startswith(address)] == []
    assert page.context.cookies() == []
    page.context.close()


def test_the_main_tasks_work_without_scripts(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/")
    page.get_by_label("Zoek in alles").fill("naheffingsaanslagn")
    page.get_by_role("banner").get_by_role("button", name="Zoek").click()
    page.get_by_role("link", name="Oorzaak van het hoge aantal naheffingsaanslagen").first.click()
    assert "/doc/" in page.url
    page.goto(f"{address}/toezeggingen")
    page.get_by_label("Status").select_option("fulfilled")
    page.get_by_role("button", name="Toon").click()
    assert re.search(r"status=fulfilled", page.url)
    assert page.get_by_role("status").inner_text().startswith("2 ")
    context.close()


def test_the_keyboard_reaches_the_content_and_the_search(browser: Browser, address: str) -> None:
    page, _ = opened(browser, address, "/toezeggingen", ("", "light", 1200))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Naar de inhoud"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "inhoud"
    page.get_by_label("Zoek in alles").focus()
    page.keyboard.type("parkeren")
    page.keyboard.press("Enter")
    page.wait_for_url("**/zoeken?q=parkeren")
    assert page.get_by_role("heading", level=1).inner_text() == "Zoek"
    page.context.close()


def test_at_320_pixels_the_status_of_each_line_is_in_sight(browser: Browser, address: str) -> None:
    page, _ = opened(browser, address, "/toezeggingen", ("", "light", 320))
    badges = page.locator("td .badge")
    assert badges.count() == 8
    for number in range(badges.count()):
        box = badges.nth(number).bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 320
    assert page.get_by_role("row").count() > 8
    page.context.close()
