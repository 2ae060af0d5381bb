"""The player in a real browser that can reach nobody: controls, keys, what it shows, and how it fits a screen."""

import json

import pytest
from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

from tests.site.conftest import look

PATIENCE = 60  # seconds after which a condition that never came is a failure
OVERLAPS = """
  const found = [];
  for (const player of document.querySelectorAll("trace-player")) {
    const words = [...player.querySelectorAll(".tp-diagram .tp-word, .tp-diagram .tp-number")];
    const boxes = words.map((word) => [word.textContent, word.getBoundingClientRect()]);
    boxes.forEach(([one, a], index) => boxes.slice(index + 1).forEach(([other, b]) => {
      const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (wide > 0 && high > 4) found.push(`${player.story.data.scenario}: ${one} / ${other}`);
    }));
  }
  return found;
"""  # a line of text is some four pixels higher than its letters
OUTSIDE = """
  const found = [];
  for (const svg of document.querySelectorAll(".tp-diagram")) {
    const edge = svg.getBoundingClientRect();
    for (const word of svg.querySelectorAll("text")) {
      const box = word.getBoundingClientRect();
      const inside = box.left >= edge.left - 1 && box.right <= edge.right + 1 && box.bottom <= edge.bottom + 1;
      if (!inside) found.push(word.textContent);
    }
  }
  return found;
"""


class Player:
    """One player on the page, as a reader uses it."""

    def __init__(self, browser, story: str) -> None:
        self.browser = browser
        self.root = browser.find_element(By.CSS_SELECTOR, f"#story-{story} trace-player")
        browser.execute_script("arguments[0].closest('figure').scrollIntoView()", self.root)

    def find(self, selector: str):
        return self.root.find_element(By.CSS_SELECTOR, selector)

    def press(self, label: str) -> None:
        self.find(f'button[aria-label="{label}"]').click()

    def keys(self, *keys: str) -> None:
        self.find(".tp-field").send_keys(*keys)

    @property
    def position(self) -> int:
        return int(self.root.get_attribute("data-position"))

    @property
    def length(self) -> int:
        return int(self.find(".tp-scrub").get_attribute("max"))

    def text(self, selector: str) -> str:
        return self.find(selector).text

    def card(self, node: str) -> str:
        cards = self.root.find_elements(By.CSS_SELECTOR, ".tp-node")
        return next(card.text for card in cards if card.find_element(By.TAG_NAME, "strong").text == node)

    def until(self, condition) -> None:
        WebDriverWait(self.browser, PATIENCE, poll_frequency=0.05).until(lambda _: condition())


@pytest.fixture
def page(browser, address):
    browser.get(address + "two-phase-commit.html")
    return browser


@pytest.fixture
def player(page) -> Player:
    return Player(page, "commits")


def test_step_and_back_move_by_one_and_stop_at_the_ends(player):
    player.press("Step back")
    assert player.position == 0
    player.press("Step")
    player.press("Step")
    assert player.position == 2
    player.press("Step back")
    assert player.position == 1
    player.press("Last")
    player.press("Step")
    assert player.position == player.length == 15
    player.press("First")
    assert player.position == 0


def test_a_step_shows_its_narration_what_happened_and_what_changed(player):
    player.press("Step")
    player.press("Step")
    assert player.text(".tp-caption:not(.tp-unseen)").startswith("Phase 1, the transaction inquiry")
    assert "deliver coordinator → p1 VoteRequest(T1)" in player.text(".tp-fact")
    assert "vote: Execute, or refuse." in player.text(".tp-fact")
    assert "READY was INIT" in player.card("p1")
    assert "□ Prepared(tx=T1, undo=old, redo=T1)" in player.card("p1")
    player.press("Step")
    assert "■ Prepared(tx=T1, undo=old, redo=T1)" in player.card("p1")
    assert "was INIT" not in player.card("p1")


def test_play_goes_on_by_itself_until_it_is_paused(player):
    Select(player.find(".tp-speed")).select_by_value("4")
    player.press("Play")
    player.until(lambda: player.position >= 2)
    player.press("Pause")
    assert player.find('button[aria-label="Play"]')
    assert player.browser.execute_script("return arguments[0].timer", player.root) is None


def test_play_ends_with_the_story_and_then_begins_anew(player):
    Select(player.find(".tp-speed")).select_by_value("4")
    player.keys(Keys.END, Keys.ARROW_LEFT)
    player.press("Play")
    player.until(lambda: player.position == player.length)
    assert player.find('button[aria-label="Play"]')
    player.press("Play")
    player.until(lambda: 0 < player.position < player.length)
    player.press("Pause")


def test_the_slider_scrubs(player):
    slider = player.find(".tp-scrub")
    ActionChains(player.browser).move_to_element(slider).click().perform()
    assert abs(player.position - player.length / 2) <= 1
    assert player.text(".tp-count") == f"{player.position} / {player.length}"


def test_keys_step_jump_and_play_wherever_in_the_player_the_focus_is(player):
    for place in (".tp-field", ".tp-scrub", ".tp-do-step"):
        control = player.find(place)
        control.send_keys(Keys.HOME)
        assert player.position == 0
        control.send_keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_LEFT)
        assert player.position == 2
        control.send_keys(Keys.END)
        assert player.position == player.length
    player.keys(Keys.SPACE)
    player.until(lambda: 0 < player.position < player.length)
    player.keys(Keys.SPACE)
    assert player.find('button[aria-label="Play"]')


def test_keys_elsewhere_on_the_page_are_left_alone(player):
    player.browser.find_element(By.TAG_NAME, "body").send_keys(Keys.ARROW_RIGHT, Keys.END)
    assert player.position == 0


def test_a_click_on_a_row_goes_to_its_step(player):
    number = player.find(".tp-diagram .tp-number:nth-of-type(1)")
    ActionChains(player.browser).move_to_element(number).click().perform()
    assert player.position == 1


def test_players_do_not_disturb_each_other(page):
    one, other = Player(page, "commits"), Player(page, "ack-lost")
    one.keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    other.keys(Keys.ARROW_RIGHT)
    assert (one.position, other.position) == (2, 1)
    ids = page.execute_script("return [...document.querySelectorAll('[id]')].map((element) => element.id)")
    assert len(ids) == len(set(ids))


def test_a_node_that_is_down_says_so_and_keeps_only_its_journal(page):
    player = Player(page, "coordinator-crashes-after-one")
    crash = next(step for step, frame in enumerate(frames(player), 1) if frame["verb"] == "crash")
    player.browser.execute_script("arguments[0].go(arguments[1])", player.root, crash)
    card = player.card("coordinator")
    assert "✗ down" in card
    assert "■ Commit(T1)" in card
    assert "votes" not in card


def frames(player: Player) -> list[dict]:
    return player.browser.execute_script("return arguments[0].story.frames", player.root)


def test_what_is_ahead_stands_back_and_what_is_on_its_way_is_dashed(player):
    player.keys(Keys.ARROW_RIGHT)
    classes = [arrow.get_attribute("class") for arrow in player.root.find_elements(By.CSS_SELECTOR, ".tp-arrow")]
    assert sum("tp-flying" in each for each in classes) == 2
    assert sum("tp-future" in each for each in classes) == len(classes) - 2


def test_invariants_hold_until_one_is_refuted_and_then_the_witness_stays(player):
    assert player.text(".tp-alarm") == "✓ AC1, AC2, AC3, AC4, LOCKS hold"
    player.browser.execute_script(
        """const data = JSON.parse(arguments[0].querySelector("script").textContent);
           data.frames[2].violations.push("AC1 (all who decide decide alike): refuted, p1 decided Commit(T1)");
           arguments[0].querySelector("script").textContent = JSON.stringify(data);
           const copy = document.createElement("trace-player");
           copy.append(arguments[0].querySelector("script").cloneNode(true), document.createElement("details"));
           arguments[0].replaceWith(copy);""",
        player.root,
    )
    broken = Player(player.browser, "commits")
    broken.keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    assert broken.text(".tp-alarm").startswith("✓")
    broken.keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    assert broken.text(".tp-alarm") == "✗ Step 3: AC1 (all who decide decide alike): refuted, p1 decided Commit(T1)"


@pytest.mark.parametrize("width", [1280, 800, 390])
def test_labels_never_collide_nor_leave_the_drawing_nor_widen_the_page(page, width):
    look(page, width=width)
    page.refresh()
    assert page.execute_script(OVERLAPS) == []
    assert page.execute_script(OUTSIDE) == []
    assert page.execute_script("return document.scrollingElement.scrollWidth") <= width


def test_the_drawing_follows_the_size_of_the_window(player):
    player.keys(Keys.ARROW_RIGHT)
    wide = player.find(".tp-diagram").size["width"]
    look(player.browser, width=700)
    player.until(lambda: player.find(".tp-diagram").size["width"] != wide)
    assert player.position == 1


def test_every_control_and_picture_has_a_name_for_those_who_cannot_see_it(page):
    nameless = """
      const controls = "trace-player :is(button, input, select, svg[role], [tabindex])";
      const unnamed = [...document.querySelectorAll(controls)].filter((element) => !element.getAttribute("aria-label"));
      return unnamed.map((element) => element.outerHTML);"""
    assert page.execute_script(nameless) == []
    player = Player(page, "commits")
    player.keys(Keys.ARROW_RIGHT)
    assert player.find(".tp-scrub").get_attribute("aria-valuetext") == "1 of 15: submit coordinator Begin(T1)"
    assert player.find(".tp-words").get_attribute("aria-live") == "polite"
    player.find("summary").click()
    assert "deliver p1 -> coordinator Yes(T1)" in player.text(".story-text pre")


@pytest.mark.parametrize("scheme", ["default", "slate"])
def test_it_is_legible_in_both_palettes(browser, address, scheme):
    look(browser, prefers_color_scheme="dark" if scheme == "slate" else "light")
    browser.get(address + "index.html")
    browser.execute_script("localStorage.clear()")
    browser.refresh()
    assert browser.find_element(By.TAG_NAME, "body").get_attribute("data-md-color-scheme") == scheme
    assert contrast(browser, ".tp-diagram .tp-word") >= 7
    assert contrast(browser, ".tp-legend") >= 4.5
    assert contrast(browser, ".tp-alarm p") >= 4.5


def contrast(browser, selector: str) -> float:
    """The contrast ratio (WCAG 2.1) of an element's ink against the page, as the browser paints both."""
    colours = """
      const paint = (colour) => {
        const context = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d");
        context.fillStyle = colour;
        context.fillRect(0, 0, 1, 1);
        return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
      };
      const element = document.querySelector(arguments[0]), style = getComputedStyle(element);
      return [paint(element instanceof SVGElement ? style.fill : style.color),
              paint(getComputedStyle(document.body).backgroundColor)];"""
    lightness = sorted(luminance(colour) for colour in browser.execute_script(colours, selector))
    return (lightness[1] + 0.05) / (lightness[0] + 0.05)


def luminance(colour: list[int]) -> float:
    parts = [part / 255 for part in colour]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(("wish", "seconds"), [("reduce", 0.0), ("no-preference", 0.18)])
def test_nothing_moves_for_whoever_asks_for_less_motion(browser, address, wish, seconds):
    look(browser, prefers_reduced_motion=wish)
    browser.get(address + "index.html")
    moving = "return getComputedStyle(document.querySelector('.tp-arrow')).transitionDuration"
    assert float(browser.execute_script(moving).removesuffix("s")) == seconds


def test_the_pages_also_open_as_files(browser, site):
    browser.get((site / "two-phase-commit.html").as_uri())
    player = Player(browser, "commits")
    player.keys(Keys.ARROW_RIGHT, Keys.END)
    assert player.position == player.length


@pytest.mark.parametrize("opened_as", ["http", "file"])
def test_search_finds_a_section(browser, address, site, opened_as):
    browser.get(address + "index.html" if opened_as == "http" else (site / "index.html").as_uri())
    browser.find_element(By.CSS_SELECTOR, "input.md-search__input").send_keys("presumed abort")
    found = ".md-search-result__item a[href*='two-phase-commit.html']"
    WebDriverWait(browser, PATIENCE).until(lambda _: browser.find_elements(By.CSS_SELECTOR, found))


def test_search_knows_the_prose_and_not_the_traces(site):
    index = json.loads((site / "search" / "search_index.json").read_text("utf-8"))
    texts = [entry["text"] for entry in index["docs"]]
    assert any("commit point" in text for text in texts)
    assert not any("consensus-lab trace 1" in text for text in texts)


BEGUN = """
  const data = structuredClone(arguments[0].story.data);
  const first = data.frames.find((frame) => frame.sent.length);
  data.sent = first.sent.splice(0, 1); // as if it had been sent when all were switched on
  const story = new ConsensusLab.Story(data);
  const diagram = new ConsensusLab.Diagram(story, 600, (text) => 7 * text.length);
  const arrow = story.arrows.find((each) => each.id === data.sent[0].id);
  return [story.arrows.length, arguments[0].story.arrows.length, arrow.sent, diagram.svg.querySelector(".tp-way")
    .getAttribute("d")];
"""


def test_what_is_sent_before_the_first_step_leaves_at_the_top_of_its_lane(player):
    drawn, shipped, row, path = player.browser.execute_script(BEGUN, player.root)
    assert (drawn, row) == (shipped, -1), "no message is forgotten"
    assert path.split("H")[0].endswith(" 2"), "above the first row"
