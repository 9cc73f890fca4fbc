"""Reports: every seed is shown, no figure flatters, and the page needs nothing but itself."""

from __future__ import annotations

import math
import re
import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from starfree.errors import BadInput, MissingDependency
from starfree.learning.results import LENGTHS_OF_PREFIXES, MASS, BinResult, Hypothesis, Point, Record, Run
from starfree.learning.store import Store
from starfree.learning.theory import theory
from starfree.reports import Report, pictures, report
from starfree.reports.colours import LOOKS, OTHER, contrast, shade
from starfree.reports.numbers import interval, percent, spread
from starfree.reports.page import page
from starfree.reports.pictures import MOST, accuracy_picture, left_out
from starfree.reports.published import published_beside, published_curve, published_figures
from starfree.reports.summary import Cell, Share, sections
from starfree.reports.view import view

LANGUAGES = {  # how well the fake models do, from 0 to 1
    "@tomita_4": 1.0, "@tomita_7": 0.97, "@ab_d_bc": 0.98, "@d_2": 0.99, "@flip_flop": 0.8,
    "@parity": 0.0, "@aa_star": 0.02, "@dyck_1": 0.3,
}  # fmt: skip
MODELS = {
    ("mamba", 1): 1.0,
    ("mamba", 2): 1.0,
    ("mamba-signed", 1): 0.9,
    ("lstm", 1): 0.95,
    ("transformer", 2): 0.5,
}
BINS = ((1, 50), (51, 100), (451, 500))


def fake_run(language: str, model: str, layers: int, seed: int, **config: object) -> Run:
    """Return a run that nobody made."""
    settings = {
        "learning_rate": 3e-3,
        "steps": 4000,
        "bins": [list(each) for each in BINS],
        "seed": seed,
        **config,
    }
    name = f"{language}/{model}/{layers}/{seed}/{sorted(config.items())}"
    return Run(
        name, language, "predict", model, layers, 32, 9312, settings, seed, "finished", 3000, 2800, 31.0,
        {"torch": "2.13.0", "numpy": "2.4"}, "f" * 40, "2026-01-01T00:00:00+00:00",
    )  # fmt: skip


def fake_bins(run: Run, skill: float, rng: np.random.Generator, words: int = 1000) -> list[BinResult]:
    """Return results that were drawn at random, worse for longer words."""
    found = []
    for number, (lo, hi) in enumerate(BINS):
        share = min(1.0, max(0.0, skill ** (1 + 0.8 * number) + rng.normal(0, 0.03) * (skill < 1)))
        positions = words * ((lo + hi) // 2 + 1)
        wrong = round(positions * (1 - share) * 0.04)
        simple = {
            name: {"words": round(words * part), "positions": positions // 2, "end": positions // 2}
            for name, part in (("majority", 0.0), ("lookup_1", 0.08), ("lookup_4", 0.31 / (number + 1)))
        }  # fmt: skip
        right = round(words * share)
        found.append(
            BinResult(
                run.id, number, lo, hi, words, right, positions, positions - wrong, positions - wrong // 2,
                {"baselines": simple},
            )
        )  # fmt: skip
    return found


def fake_curve(run: Run, skill: float, rng: np.random.Generator) -> list[Point]:
    found = []
    for step in range(200, 3001, 200):
        share = min(1.0, skill * (1 - math.exp(-step / 600)) + rng.uniform(0, 0.02))
        found.append(
            Point(run.id, step, 0.7 * math.exp(-step / 700) + 0.01, 3e-3, round(1000 * share), 1000, share)
        )
    return found


def fill(folder: Path, *, languages: Sequence[str] = tuple(LANGUAGES), seeds: int = 5) -> Store:
    """Fill a store with results that were made up, and say so in every page that is made of it."""
    store, rng = Store.open(folder), np.random.default_rng(7)
    for language in languages:
        skill = LANGUAGES[language]
        for (model, layers), talent in MODELS.items():
            solved = language == "@parity" and model != "mamba"
            for seed in range(seeds):
                run = fake_run(language, model, layers, seed)
                able = 0.97 if solved and seed % 2 else skill * talent
                if (language, model, layers, seed) == ("@parity", "mamba", 2, 1):
                    run = replace(run, status="nan", steps=600)
                    store.add(
                        run,
                        (),
                        [
                            Point(run.id, 200, 0.7, 3e-3, 0, 1000, 0.1),
                            Point(run.id, 600, math.nan, 3e-3, 0, 1000, 0.0),
                        ],
                    )
                    continue
                store.add(run, fake_bins(run, able, rng), fake_curve(run, able, rng))
    for note in ({"init": "built"}, {"shuffled": True}):
        run = fake_run("@parity", "mamba-signed", 1, 0, **note)
        store.add(
            run, fake_bins(run, float("init" in note), rng), fake_curve(run, float("init" in note), rng)
        )
    return store


HYPOTHESES = (
    Hypothesis(
        "Star-free languages hold at ten times the length of training.",
        True,
        "median 98.9% on tomita_4 (made up)",
    ),
    Hypothesis(
        "Parity is not learned with gates in [0,1]: at most 1% at ten times.", False, "1.4% (made up)"
    ),
    Hypothesis("Signed gates solve parity in at least one seed.", None, "not run"),
)
TITLE = "MADE-UP DATA: a report to look at"


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Report:
    folder = tmp_path_factory.mktemp("runs")
    fill(folder, languages=("@tomita_4", "@parity", "@dyck_1"), seeds=3)
    return report(folder, hypotheses=HYPOTHESES, title=TITLE)


class Tree(HTMLParser):
    """Reads a page, which must be well nested, and keeps what its tests look at."""

    VOID = frozenset({"meta", "link", "br", "img", "hr", "input", "path", "use"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.words.append(" ".join(data.split()))


def test_page_needs_nothing_else(made: Report) -> None:
    text = made.page.read_text()
    tree = Tree(text)
    assert not {"script", "link", "img", "iframe", "object"} & {tag for tag, _ in tree.tags}
    for _, attributes in tree.tags:
        for name, value in attributes.items():
            if name in ("href", "xlink:href", "src"):
                assert value is not None
                assert value.startswith("#")
    outside = re.findall(r"(?:https?:)?//[\w.]+", re.sub(r'xmlns(:\w+)?="[^"]*"', "", text))
    assert outside == []
    assert "url(" not in re.sub(r"url\(#", "", text)
    assert "@import" not in text


def test_names_in_a_page_are_its_own(made: Report) -> None:
    text = made.page.read_text()
    names = [attributes["id"] for _, attributes in Tree(text).tags if "id" in attributes]
    assert len(names) == len(set(names))
    asked = set(re.findall(r'(?:href="|url\()#([\w.-]+)', text))
    assert asked <= set(names)
    assert len(asked) > 10
    for picture in re.findall(r"<svg.*?</svg>", text, flags=re.DOTALL):
        ElementTree.fromstring(picture)


def test_every_seed_is_shown(made: Report) -> None:
    words = set(Tree(made.page.read_text()).words)
    records = Store.open(made.page.parent).runs()
    assert made.runs == len(records) == 3 * 5 * 3 + 2
    measured = [each for record in records for each in record.bins]
    assert len(measured) == 3 * (len(records) - 1)
    for each in measured:
        assert f"{each.words_right} / {each.words}" in words
    text = made.page.read_text()
    # In the picture of a language's accuracy every seed has a mark in every bin.
    parity = next(section for section in sections(records) if section.language == "@parity")
    seen = [sum(len(series.cell(bin).shares) for series in parity.plain) for bin in range(3)]  # type: ignore[union-attr]
    assert seen == [14, 14, 14]
    part = text[text.index('id="parity') :]
    picture = part[
        part.index("Accuracy of every seed") : part.index("</svg>", part.index("Accuracy of every seed"))
    ]
    markers = re.findall(
        r'<use xlink:href="#\w+" x="[\d.]+" y="[\d.]+" style="fill: #\w+; stroke: #(\w+)', picture
    )
    colours = {look.colour for look in LOOKS.values()}
    assert sum(f"#{colour}" in colours for colour in markers) == 3 * 14
    hollow = re.findall(r"<use [^>]*fill-opacity: 0; stroke: #000000", picture)
    assert len(hollow) == 3  # published for lengths 51 to 100: two depths of Mamba, and a transformer


def test_says_what_was_lost_and_what_theory_says(made: Report) -> None:
    for text in (" ".join(Tree(made.page.read_text()).words), made.table.read_text()):
        assert "mamba 2 layers, seed 1: ended as “nan” after 600 updates" in text
        assert TITLE in text
        assert "mamba-signed 1 layer, built weights" in text
        assert "mamba-signed 1 layer, shuffled labels" in text
        assert "reading v goes round a cycle of 2 states" in text
        for each in HYPOTHESES:
            assert each.text in text
            assert each.outcome in text
        assert "ours " in text  # parity is published for the lengths 51 to 100
    table = made.table.read_text()
    assert re.search(r"\| parity \(length 451–500, 1,000 words\) \| [\d.]+ \(cannot\) \|", table)
    heat = made.page.read_text().split('<table class="heat">')[1].split("</table>")[0]
    assert "built weights" not in heat


def check_markdown(text: str) -> int:
    """Look that all lines of each table have as many cells; return the number of tables."""
    blocks = re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE)
    for block in blocks:
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}) == 1
    return len(blocks)


def test_markdown_tables_are_even(made: Report) -> None:
    assert check_markdown(made.table.read_text()) > 10


def test_equal_results_give_equal_reports(made: Report, tmp_path: Path) -> None:
    again = report(made.page.parent, tmp_path / "other.html", hypotheses=HYPOTHESES, title=TITLE)
    assert (again.page.name, again.table.name) == ("other.html", "other.md")
    assert again.page.read_bytes() == made.page.read_bytes()
    assert again.table.read_bytes() == made.table.read_bytes()
    assert again.to_json()["hypotheses"][1]["outcome"] == "failed"


def test_what_others_write_is_text(tmp_path: Path) -> None:
    store, rng = Store.open(tmp_path), np.random.default_rng(1)
    for language, model in (("a|<b>*", "my.models:make|x"), ("a*b", "mamba"), ("(<b>", "gru")):
        run = replace(fake_run(language, model, 1, 0), versions={"<i>torch</i>": "2"})
        bins = [
            replace(each, extra={"baselines": {"<u>": {"words": 3}}}) for each in fake_bins(run, 0.5, rng)
        ]
        store.add(run, bins, fake_curve(run, 0.5, rng))
    made = report(tmp_path, hypotheses=[Hypothesis(text="<script>x", held=None, evidence="a | b\n# c")])
    text = made.page.read_text()
    Tree(text)
    assert not re.search("<script|<b>\\*|<i>torch|<u>", text)
    assert "No verdict" in text
    assert "&lt;" in made.table.read_text()
    assert not re.search("^# c", made.table.read_text(), flags=re.MULTILINE)
    check_markdown(made.table.read_text())


def test_no_figure_flatters() -> None:
    rng = np.random.default_rng(11)
    cases = [(int(right), int(n)) for n in rng.integers(1, 30_000, 500) for right in (0, 1, n // 2, n - 1, n)]
    for right, n in cases:
        written = percent(right / n)
        assert (written == "100") == (right == n)
        assert (written == "0") == (right == 0)
        assert abs(float(written) - 100 * right / n) <= 0.05 + 1e-9
        low, high = map(float, interval(Share(0, right, n)).split("–"))
        exact = Share(0, right, n).interval
        assert low <= 100 * exact[0] + 1e-9
        assert high >= 100 * exact[1] - 1e-9
        assert low <= 100 * right / n <= high


def test_the_middle_is_a_run() -> None:
    rng = np.random.default_rng(12)
    for size in range(1, 8):
        rights = [int(right) for right in rng.integers(0, 100, size)]
        cell = Cell(tuple(Share(seed, right, 100) for seed, right in enumerate(rights)))
        assert cell.middle.right == statistics.median_low(rights)
        assert (cell.low.right, cell.high.right) == (min(rights), max(rights))
    assert spread(Cell((Share(0, 5, 10),))) == ""
    assert spread(Cell((Share(0, 5, 10), Share(1, 10, 10)))) == "50.0–100"


def records_of(choices: dict[float, tuple[float, float]]) -> Iterator[Record]:
    """Yield runs by learning rate, of some accuracy on the validation words and in the bins."""
    rng = np.random.default_rng(3)
    for rate, (validation, skill) in choices.items():
        for seed in range(3):
            run = fake_run("@parity", "mamba", 1, seed, learning_rate=rate)
            last = Point(run.id, 2800, 0.1, rate, round(1000 * validation) + seed, 1000, validation)
            yield Record(run, 1, tuple(fake_bins(run, skill, rng)), (last, replace(last, step=3000)))


def test_settings_are_chosen_by_validation_alone() -> None:
    (section,) = sections(records_of({1e-2: (0.5, 1.0), 1e-3: (0.9, 0.2), 1e-4: (0.8, 0.9)}))
    assert [series.settings["learning_rate"] for series in section.series] == [1e-3]
    assert sorted(series.settings["learning_rate"] for series in section.others) == [1e-4, 1e-2]
    assert [len(series.records) for series in (*section.series, *section.others)] == [3, 3, 3]


def test_all_settings_are_shown(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    for record in records_of({1e-2: (0.5, 1.0), 1e-3: (0.9, 0.2)}):
        store.add(record.run, record.bins, record.curve)
    text = " ".join(Tree(report(tmp_path).page.read_text()).words)
    assert "Every setting that was tried" in text
    assert "learning rate 0.01" in text
    assert "validation: 90.1% of words" in text


def test_bins_of_other_lengths_are_other_sections() -> None:
    records = list(records_of({1e-3: (0.9, 0.2)}))
    other = replace(records[0], bins=tuple(replace(each, hi=each.hi + 1) for each in records[0].bins))
    assert [section.bins[0] for section in sections([*records, other])] == [(1, 50), (1, 51)]


def test_measures_of_some_tasks(tmp_path: Path) -> None:
    store, rng = Store.open(tmp_path), np.random.default_rng(4)
    run = fake_run("@flip_flop", "mamba", 1, 0)
    bins = [
        replace(each, extra={"measures": {"reads": {"right": 99, "n": 100}}})
        for each in fake_bins(run, 1, rng)
    ]
    store.add(run, bins, fake_curve(run, 1, rng))
    assert sections(store.runs())[0].measures == ("words", "positions", "end", "reads")
    assert "Reads right, %" in report(tmp_path).table.read_text()


def test_theory_of_models_that_share_a_family() -> None:
    found = theory("@dyck_1", ["lstm", "gru", "mamba", "transformer", "my.models:make"])
    assert found.group == "not regular"
    assert [found.answer(model) for model in ("lstm", "gru", "mamba")] == ["can", "cannot", "can"]
    assert found.answer("transformer") == "cannot / open"
    assert found.answer("my.models:make") == ""
    parity = theory("@parity", ["mamba", "mamba-signed", "deltanet", "deltanet-negative", "lstm", "s4d"])
    assert list(map(parity.answer, parity.predictions)) == ["cannot", "can", "cannot", "can", "can", "cannot"]
    assert theory("@no_such_language", ["mamba"]).predictions == {}


def test_published_figures() -> None:
    found = published_figures("@anbn", "mamba", 2)
    assert [(each.accuracy, each.lo, each.hi) for each in found] == [
        (100, 4, 200),
        (9.4, 202, 400),
        (0, 400, 600),
    ]
    assert published_figures("@tomita_6", "transformer-sin", 4) != ()
    assert published_figures("(aa)*", "mamba", 1) == published_figures("@parity", "lstm", 1) == ()


def test_published_figures_beside_runs_like_theirs(tmp_path: Path) -> None:
    store, rng = Store.open(tmp_path), np.random.default_rng(2)
    reading = {"source": "ffl", "steps": 100_000}
    run = fake_run("@flip_flop", "mamba", 1, 0, **reading)
    titles = ("512, p = 0.8", "512, p = 0.98", "1024, p = 0.8")
    bins = [
        replace(each, lo=size, hi=size, extra={"name": title})
        for each, title, size in zip(fake_bins(run, 1, rng), titles, (512, 512, 1024), strict=True)
    ]
    store.add(run, bins, fake_curve(run, 1, rng))
    nested = fake_run("@bounded_dyck_8_10", "mamba", 2, 0, learning_rate=1e-3, source="nested")
    nested = replace(nested, width=20)
    bins = [
        replace(each, lo=lo, hi=hi, extra={"measures": {MASS: {"right": 98, "n": 100}}})
        for each, (lo, hi) in zip(fake_bins(nested, 1, rng), ((1, 700), (701, 1400)), strict=False)
    ]
    store.add(nested, bins, fake_curve(nested, 1, rng))
    by_language = {section.language: section for section in sections(store.runs())}
    (flip,) = by_language["@flip_flop"].plain
    assert [each.title for each in published_beside("@flip_flop", flip, "words")] == list(titles[:2])
    found = [each.accuracy for each in published_beside("@flip_flop", flip, "words")]
    assert found == pytest.approx([98.0, 58.6])
    assert published_curve("@flip_flop", flip)[-1][0] <= 100_000
    (dyck,) = by_language["@bounded_dyck_8_10"].plain
    assert [each.accuracy for each in published_beside("@bounded_dyck_8_10", dyck, MASS)] == [99.05, 97.61]
    assert published_beside("@bounded_dyck_8_10", dyck, "words") == ()
    made = report(tmp_path)
    text = made.table.read_text()
    assert "published, length 512, p = 0.98" in text
    assert "99.05; ours −1.0 points" in text
    assert "97.61; ours +0.4 points" in text
    assert "the dotted line the published run" in made.page.read_text()


def test_errors_by_length_of_prefix(tmp_path: Path) -> None:
    store, rng = Store.open(tmp_path), np.random.default_rng(2)
    run = fake_run("@parity", "mamba", 1, 0)
    bins = [
        replace(each, extra={LENGTHS_OF_PREFIXES: [[0, 0, 5, 5], [4, 6, 7, 9]]})
        for each in fake_bins(run, 1, rng)
    ]
    store.add(run, bins, fake_curve(run, 1, rng))
    (series,) = sections(store.runs())[0].plain
    assert [(at, share.right, share.n) for at, share in series.by_length()[0]] == [(0, 5, 5), (5, 7, 9)]


SIGHTS = {  # what normal, protanope and deuteranope eyes make of linear light: Machado et al. 2009
    "normal": np.eye(3),
    "protan": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
}


def lab(colour: str, sight: np.ndarray) -> np.ndarray:
    light = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    light = np.where(light <= 0.04045, light / 12.92, ((light + 0.055) / 1.055) ** 2.4)
    matrix = [[0.41246, 0.35758, 0.18044], [0.21267, 0.71515, 0.07218], [0.01933, 0.11919, 0.95030]]
    x, y, z = np.cbrt(np.array(matrix) @ np.clip(sight @ light, 0.0001, 1) / [0.95047, 1, 1.08883])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("sight", SIGHTS)
def test_colours_are_told_apart(sight: str) -> None:
    looks = [*LOOKS.values(), OTHER]
    assert len({look.mark for look in looks}) == len(looks)  # also without colour
    colours = [lab(look.colour, SIGHTS[sight]) for look in LOOKS.values()]
    least = min(float(np.linalg.norm(one - other)) for i, one in enumerate(colours) for other in colours[:i])
    assert least > 8  # 2 is just seen side by side


def test_text_is_read_on_every_shade() -> None:
    assert min(contrast(*shade(share / 1000)) for share in range(1001)) >= 4.5
    assert min(contrast(look.colour, "#ffffff") for look in LOOKS.values()) >= 2.4


def test_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadInput, match="holds no results"):
        report(tmp_path)
    store = Store.open(tmp_path)
    with pytest.raises(BadInput, match="holds no runs yet"):
        report(tmp_path)
    run = fake_run("@parity", "mamba", 1, 0)
    store.add(run, fake_bins(run, 1, np.random.default_rng(0)))
    (tmp_path / "file").touch()
    with pytest.raises(BadInput, match="cannot be written"):
        report(tmp_path, tmp_path / "file" / "below")
    for library in ("matplotlib", "jinja2"):
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, library, None)
            with pytest.raises(MissingDependency, match=r"pip install 'starfree\[learn\]'"):
                report(tmp_path)


def test_of_very_many_seeds_some_are_drawn(tmp_path: Path) -> None:
    records, rng = [], np.random.default_rng(6)
    for seed in range(3 * MOST):
        run = fake_run("@parity", "mamba", 1, seed)
        records.append(Record(run, 1, tuple(fake_bins(run, 0.8, rng)), tuple(fake_curve(run, 0.8, rng))))
    (few,), (many,) = sections(records[:MOST]), sections(records)
    assert (left_out(few), left_out(many)) == (False, True)
    for section in (few, many):
        picture = accuracy_picture(section)
        marks = re.findall(r"<use[^>]*href", picture)
        assert len(BINS) * MOST <= len(marks) < len(BINS) * (MOST + 10)  # ticks have marks too
    shown = view(records, (), "many")
    text = page(shown)
    assert f"Of more than {MOST} seeds {MOST} are drawn" in text
    assert f"{3 * MOST} seeds from 0 to {3 * MOST - 1}" in text
    assert f"Of more than {MOST}" not in page(view(records[:MOST], (), "few"))


def test_equal_marks_stand_side_by_side() -> None:
    """In the places of a slow search that compares each mark with all before it."""

    class Axes:
        def plot(self, places: list[float], heights: list[float], *_: object, **__: object) -> None:
            self.drawn = list(zip(places, heights, strict=True))

    (section,) = sections(records_of({1e-3: (0.9, 0.2)}))
    rng = np.random.default_rng(8)
    for size in (1, 5, 60):
        heights, axes = rng.uniform(0, 40, size).tolist(), Axes()
        pictures._dots(axes, 0.0, heights, section.series[0], 1.0)  # type: ignore[arg-type]
        placed: list[tuple[float, int]] = []
        for height in sorted(heights):
            shift = 0
            while any(abs(height - other) < 3.5 and shift == taken for other, taken in placed):
                shift = -shift if shift > 0 else -shift + 1
            placed.append((height, shift))
        apart = min(0.22, 0.45 / max([1, *(abs(shift) for _, shift in placed)]))
        assert axes.drawn == [(apart * shift, height) for height, shift in placed]
        assert max(abs(place) for place, _ in axes.drawn) <= 0.45


def test_one_run_is_written_about_in_the_singular(tmp_path: Path) -> None:
    run = fake_run("@parity", "mamba", 1, 4)
    Store.open(tmp_path).add(run, fake_bins(run, 1, np.random.default_rng(0)))
    assert "1 run, 1 of them finished, on 1 language; seed 4;" in report(tmp_path).page.read_text()


def test_what_was_not_run_is_said(tmp_path: Path) -> None:
    store, rng = Store.open(tmp_path), np.random.default_rng(1)
    for language, model in (("@parity", "mamba"), ("@tomita_4", "lstm")):
        run = fake_run(language, model, 1, 0)
        store.add(run, fake_bins(run, 0.5, rng))
    assert report(tmp_path).page.read_text().count('<td class="none">not run</td>') == 2


def test_one_directory_is_made_for_a_page(tmp_path: Path) -> None:
    run = fake_run("@parity", "mamba", 1, 0)
    Store.open(tmp_path).add(run, fake_bins(run, 1, np.random.default_rng(0)))
    assert report(tmp_path, tmp_path / "new" / "page.html").page.exists()
    with pytest.raises(BadInput, match=r"there is no directory .*absent"):
        report(tmp_path, tmp_path / "absent" / "new" / "page.html")
    assert not (tmp_path / "absent").exists()


def test_a_store_of_lost_runs_only(tmp_path: Path) -> None:
    Store.open(tmp_path).add(replace(fake_run("@parity", "mamba", 1, 0), status="nan"))
    assert "ended as “nan”" in report(tmp_path).page.read_text()
