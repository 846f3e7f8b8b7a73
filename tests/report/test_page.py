"""The page opens offline, escapes what it is given, and says what it cannot tell."""

import json
import re
from html.parser import HTMLParser

import pytest
from plotly.offline import get_plotlyjs

from report import synthetic
from tacoma.report import page
from tacoma.report.figures import FIGURES

VOID = {"meta", "link", "br", "img", "hr", "input"}


class Outline(HTMLParser):
    """Collects ids, links and addresses, and checks that tags close in order."""

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.links, self.addresses, self.faults = [], [], [], [], []

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if "id" in found:
            self.ids.append(found["id"])
        if tag == "a":
            self.links.append(found["href"])
        self.addresses += [v for k, v in attrs if k in ("src", "href", "action", "data", "srcset")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)


@pytest.fixture(scope="module")
def html():
    return page.render(synthetic.run(minutes=60, events=1500))


@pytest.fixture(scope="module")
def own(html):
    """The page without the library that is part of it."""
    return html.replace(get_plotlyjs(), "")


@pytest.fixture(scope="module")
def outline(own):
    parser = Outline()
    parser.feed(own)
    parser.close()
    return parser


def test_the_page_is_well_formed(outline):
    """Every tag closes in order, and ids are unique."""
    assert outline.faults == []
    assert outline.open == []
    assert len(outline.ids) == len(set(outline.ids))


def test_the_page_asks_no_server(html, own, outline):
    """No address leads out of the page, and the browser is told to refuse any that did."""
    assert [a for a in outline.addresses if not a.startswith(("#", "data:"))] == []
    assert "://" not in own
    assert "@import" not in own
    assert "url(" not in own
    assert "default-src 'none'" in html
    assert 'plotlyServerURL: ""' in own
    assert '"sendChartToCloud"' in own


def test_the_library_is_there_once(html):
    """plotly.js is inlined exactly once, and the whole stays under seven megabytes."""
    assert html.count(get_plotlyjs()) == 1
    assert len(html.encode()) < 7_000_000


def test_navigation_reaches_every_section(outline):
    """Each link of the navigation has its target, and each figure its link."""
    targets = {link.removeprefix("#") for link in outline.links}
    assert targets <= set(outline.ids)
    assert {entry.key for entry in FIGURES} <= targets


def test_text_is_escaped(own):
    """Markup in a title or a source is shown, not obeyed."""
    assert "<script>alert" not in own
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in own
    assert "A made-up evening &lt;with&gt; markup &amp; more" in own


def test_figures_cannot_close_their_script(own):
    """The JSON of the figures holds no tag, whatever labels say, and parses."""
    run = synthetic.run(minutes=40, events=50)
    run.tables["faults"] = run.tables["faults"].with_columns(
        label=run.tables["faults"]["label"] + "</script><b>"
    )
    text = page.render(run).replace(get_plotlyjs(), "")
    found = re.search(r'id="figures-data">(.*?)</script>', text, re.DOTALL)
    figures = json.loads(found[1])
    assert "<" not in found[1]
    assert "timeline" in figures
    assert "&lt;/script&gt;" in figures["timeline"]["layout"]["annotations"][0]["text"]


@pytest.mark.parametrize(
    "part",
    [
        "What this run cannot tell you",
        "Money and positions conserved in 3,600 of 3,600 steps",
        "tacoma run synthetic --seed 7 --accounts 100000",
        "0123456789abcdef" * 4,
        '<span class="badge fact">fact</span>',
        '<span class="badge assumption">assumption</span>',
        "one draw, seed 7",
    ],
)
def test_the_page_says_how_far_to_trust_it(own, part):
    """Limits, conservation, provenance, seed, hash and command are on the page."""
    assert part in own


def test_figures_come_before_tables(own):
    """The headline is first, then the limits, the figures, and the tables of numbers last."""
    places = [own.index(f'id="{key}"') for key in ("headline", "limits", "timeline", "control")]
    places.append(own.index('id="numbers"'))
    assert places == sorted(places)


def test_a_broken_run_is_not_sealed():
    """A run whose ledger did not balance says so in the place of the seal."""
    run = synthetic.run(minutes=2, events=10)
    run.conserved = False
    assert 'class="seal bad">Money or positions were NOT conserved' in page.render(run)


@pytest.mark.parametrize("run", [synthetic.run(minutes=3, calm=True), synthetic.empty()])
def test_a_run_without_events_has_a_page(run):
    """Where nothing happened, the page says so and is whole."""
    text = page.render(run).replace(get_plotlyjs(), "")
    assert "Nothing happened" in text
    assert text.endswith("</html>")


def test_equal_runs_give_equal_pages():
    """The page is a function of the run alone: no clock, no random ids."""
    first, second = (page.render(synthetic.run(minutes=3, events=100)) for _ in range(2))
    assert first == second
