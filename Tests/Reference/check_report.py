"""Checks a report in a real browser against figures made from the records alone.

    python check_report.py RUN REPORT_FOLDER [THREAT_RADIUS] [--public]

Opens report.html in Chromium at the widths of a desk and of a phone, light and dark: nothing on the
console, no request but the page itself, nothing to scroll sideways, and no finding of axe-core. Then it
computes the figures again from records.jsonl with SciPy and compares them with what the page shows, with
report.md and with report.csv. Prints how many figures agree, and fails at the first that does not.
"""

import csv
import decimal
import json
import math
import pathlib
import re
import sys

import axe_core_python
from scipy.stats import beta, binom

import browser

D = decimal.Decimal
MISS = 0.05  # of each band


def main(run, folder, threat, public):
    run, folder = pathlib.Path(run), pathlib.Path(folder)
    records = [json.loads(line, parse_float=D) for line in (run / "records.jsonl").open()]
    manifest = json.loads((run / "manifest.json").read_text(), parse_float=D)
    figures = Figures(records, manifest, threat)
    axe = (pathlib.Path(axe_core_python.__file__).parent / "axe.min.js").read_text()
    with browser.page() as tab:
        for width in (1280, 390):
            for scheme in ("light", "dark"):
                tab.open(folder / "report.html", width, scheme)
                check_behaviour(tab, folder, width, scheme, axe)
        shown = Shown(tab)
    markdown = (folder / "report.md").read_text()
    agreed = compare(figures, shown, markdown, public)
    agreed += check_csv(folder, records, figures, public)
    if public:
        check_nothing_single(folder, records, manifest)
    print(f"{agreed} figures agree; nothing on the console, no request, no finding of axe-core")


def check_behaviour(tab, folder, width, scheme, axe):
    where = f"{width} {scheme}"
    tab.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    # A phone widens its window to what it shows: so it is compared with the width that was asked for.
    wide = tab.evaluate("document.documentElement.scrollWidth") - width
    assert wide <= 0, f"{where}: {wide} pixels too wide"
    tab.evaluate(axe)
    found = tab.evaluate("axe.run({resultTypes: ['violations']}).then(r => r.violations)")
    sentences = [f"{v['id']}: {v['help']}: {v['nodes'][0]['html'][:200]}" for v in found]
    assert not found, f"{where}: {sentences}"
    assert not tab.messages, f"{where}: {tab.messages}"
    page = (folder / "report.html").resolve().as_uri()
    others = [url for url in tab.requests if url != page and not url.startswith("data:")]
    assert tab.requests[0] == page and not others, f"{where}: {others}"


class Shown:
    """The texts of the page."""

    def __init__(self, tab):
        self.tiles = tab.evaluate(
            "Object.fromEntries([...document.querySelectorAll('.tile')].map(t => [t.id, "
            "[...t.children].map(c => c.textContent)]))"
        )
        self.tables = tab.evaluate(
            "Object.fromEntries([...document.querySelectorAll('table')].map(t => [t.id, "
            "[...t.tBodies[0].rows].map(r => [...r.cells].map(c => c.textContent))]))"
        )
        self.parts = tab.evaluate(
            "[...document.querySelectorAll('#parts b')].map(b => b.textContent)"
        )
        self.text = tab.evaluate("document.body.textContent")
        self.images = tab.evaluate(
            "[...document.images].map(i => i.complete && i.naturalWidth > 0)"
        )


# The figures
# -----------


def down(value, places=1):
    return decimal_text(value, places, decimal.ROUND_FLOOR)


def up(value, places=1):
    return decimal_text(value, places, decimal.ROUND_CEILING)


def decimal_text(value, places, rounding):
    return str(D(value).quantize(D(1).scaleb(-places), rounding=rounding))


def percent(part, whole, rounding=down):
    return rounding(D(100 * part) / whole) + " %" if whole else "-"


def clopper_pearson(k, n):
    low = 0.0 if k == 0 else beta.ppf(MISS / 2, k, n - k + 1)
    high = 1.0 if k == n else beta.isf(MISS / 2, k + 1, n - k)
    return low, high


def dkw(n, miss=MISS):
    return math.sqrt(math.log(2 / miss) / (2 * n))


class Figures:
    def __init__(self, records, manifest, threat):
        self.records, self.manifest = records, manifest
        self.predicts = "prediction" in manifest["plan"]["rule"]
        stopping = manifest["plan"]["stopping"] or {}
        if threat is None and "decideRadius" in stopping:
            threat = D(stopping["decideRadius"])
        self.threat = None if self.predicts else threat
        self.labelled = all(r["label"] is not None for r in records)
        alpha = float(manifest["plan"]["alpha"])
        self.most_false = int(binom.isf(0.001, len(records), alpha))
        while binom.sf(self.most_false, len(records), alpha) >= 0.001:
            self.most_false += 1
        family = manifest["plan"].get("familyWise")
        if family and float(family["alpha"]) <= 0.001:
            self.most_false = 0

    def at(self, radius):
        if self.predicts:
            covered = [r for r in self.records if r["outcome"] == "predicted"]
        else:
            covered = [
                r for r in self.records if r["outcome"] == "certified" and r["radius"] >= radius
            ]
        right = [r for r in covered if r["class"] == r["label"]]
        return len(covered), len(right), len(self.records)

    @property
    def abstained(self):
        return sum(r["outcome"] == "abstained" for r in self.records)


def same_interval(shown, low, high):
    """Rounded outwards to a tenth of a percent; SciPy's own rounding may be either side of a tenth."""
    ends = [D(x) for x in re.findall(r"[0-9.]+", shown)]
    low, high = 100 * max(0, low), 100 * min(1, high)
    assert len(ends) == 2, shown
    assert float(ends[0]) <= low + 1e-7 and low < float(ends[0]) + 0.1 + 1e-7, (shown, low)
    assert float(ends[1]) >= high - 1e-7 and high > float(ends[1]) - 0.1 - 1e-7, (shown, high)


class Agreement:
    def __init__(self):
        self.count = 0

    def equal(self, shown, expected, what):
        shown = shown.replace("\u202f", "")
        assert shown == expected, f"{what}: the page has {shown}, the records give {expected}"
        self.count += 1

    def interval(self, shown, ends, what):
        try:
            same_interval(shown, *ends)
        except AssertionError as error:
            raise AssertionError(f"{what}: {error}") from None
        self.count += 1


def compare(figures, shown, markdown, public):
    agreed = Agreement()
    if figures.predicts or figures.threat is not None:
        compare_scorecard(figures, shown, markdown, agreed)
    for name in ("radii", "scorecard-radii"):
        for row in shown.tables.get(name, []):
            compare_row(figures, row, agreed)
    for row in shown.tables.get("bands", []):
        compare_bands(figures, row, agreed)
    for row in shown.tables.get("classes", []):
        compare_class(figures, row, agreed)
    if not public:
        assert figures.predicts or shown.tables["radii"], "no curve"
        assert all(shown.images), "a picture cannot be drawn"
    samples = sum(r["selection"]["samples"] + r["estimation"]["samples"] for r in figures.records)
    agreed.equal(shown.tables["cost"][0][1], str(samples), "samples")
    bounds = dict(shown.tables["error"])
    noun = "prediction" if figures.predicts else "certificate"
    assert f"one {noun} is false: at most" in bounds
    agreed.equal(
        bounds["false ones, with probability 0.999: at most"], str(figures.most_false), "batch"
    )
    for row in shown.tables["radii"] if "radii" in shown.tables else []:
        assert re.search(re.escape(row[1]), markdown), "Markdown lacks a figure"
    return agreed.count


def compare_scorecard(figures, shown, markdown, agreed):
    covered, right, inputs = figures.at(figures.threat)
    expected = {"covered": (covered, inputs, down), "uncovered": (inputs - covered, inputs, up)}
    parts = [covered] if not figures.labelled else [right, covered - right]
    if figures.labelled:
        expected["precision"] = (right, covered, down)
        expected["wrong"] = (covered - right, inputs, up)
    assert set(shown.tiles) == set(expected), shown.tiles.keys()
    for name, (part, whole, rounding) in expected.items():
        tile = shown.tiles[name]
        agreed.equal(tile[1], percent(part, whole, rounding), name)
        assert f"{tile[0]}: {tile[1]}" in markdown, f"Markdown lacks {name}"
        if whole:
            agreed.interval(tile[3], clopper_pearson(part, whole), name)
    if not figures.predicts:
        parts.append(inputs - covered - figures.abstained)
    for text, part in zip(shown.parts, parts + [figures.abstained], strict=True):
        agreed.equal(text, str(part), "part")


def compare_row(figures, row, agreed):
    covered, right, inputs = figures.at(D(row[0]))
    agreed.equal(row[1], percent(covered, inputs), f"covered at {row[0]}")
    agreed.equal(row[-1], percent(inputs - covered, inputs, up), f"not covered at {row[0]}")
    if figures.labelled:
        agreed.equal(row[2], percent(right, inputs), f"accuracy at {row[0]}")
        agreed.equal(row[3], percent(right, covered), f"precision at {row[0]}")
        agreed.equal(row[4], percent(covered - right, inputs, up), f"wrong at {row[0]}")


def compare_bands(figures, row, agreed):
    covered, right, inputs = figures.at(D(row[0]))
    half, narrow = dkw(inputs, MISS / 2), dkw(inputs)
    agreed.interval(row[1], clopper_pearson(covered, inputs), row)
    share = covered / inputs
    agreed.interval(row[2], (share - narrow, share + narrow), row)
    if not figures.labelled:
        return
    agreed.interval(row[3], clopper_pearson(right, inputs), row)
    a, w = right / inputs, (covered - right) / inputs
    agreed.interval(row[4], (a - narrow, a + narrow), row)
    if covered:
        agreed.interval(row[5], clopper_pearson(right, covered), row)
    low_a, high_a = max(0, a - half), min(1, a + half)
    low_w, high_w = max(0, w - half), min(1, w + half)
    low = low_a / (low_a + high_w) if low_a > 0 else 0
    agreed.interval(row[6], (low, high_a / (high_a + low_w)), row)
    agreed.equal(row[7], percent(max(0, right - figures.most_false), inputs), "right and true")


def compare_class(figures, row, agreed):
    name, radius = int(row[0]), figures.threat or D(0)
    of_class = [r for r in figures.records if r["label"] == name]

    def is_covered(record):
        if figures.predicts:
            return record["outcome"] == "predicted"
        return record["outcome"] == "certified" and record["radius"] >= radius

    covered = [r for r in of_class if is_covered(r)]
    named = [r for r in figures.records if is_covered(r) and r["class"] == name]
    right = [r for r in covered if r["class"] == name]
    agreed.equal(row[1], str(len(of_class)), f"inputs of class {name}")
    agreed.equal(row[2], percent(len(covered), len(of_class)), f"covered of class {name}")
    agreed.equal(row[3], percent(len(right), len(of_class)), f"accuracy of class {name}")
    agreed.equal(row[4], str(len(named)), f"certificates of class {name}")
    agreed.equal(row[5], percent(len(right), len(named)), f"precision of class {name}")
    if named:
        agreed.interval(row[6], clopper_pearson(len(right), len(named)), f"class {name}")


# Files beside the page
# ---------------------


def check_csv(folder, records, figures, public):
    rows = list(csv.DictReader((folder / "report.csv").open(newline="")))
    assert len(rows) == len(records)
    for row, record in zip(rows, records):
        assert row["index"] == str(record["index"])
        if public:
            assert set(row) == {"index", "tier"} and row["tier"] == tier(record, figures), row
        elif record["outcome"] == "certified":
            size = math.prod(figures.manifest["model"]["inputShape"])
            radius, in_maximum = record["radius"], D(row["radius_linf"])
            assert D(row["radius_l2"]) == radius == D(row["radius_l1"])
            # Rounded down, and by no more than two units of the last place.
            assert in_maximum**2 * size <= radius**2 < (in_maximum + D("2e-12")) ** 2 * size
    return len(rows)


def tier(record, figures):
    if record["outcome"] == "abstained":
        return "abstained"
    if figures.predicts or record["radius"] >= figures.threat:
        return "covered"
    return "smaller"


def check_nothing_single(folder, records, manifest):
    """No radius of an input to four digits or more, no key and no picture in any public file."""
    threat_like = {"0.5", "0.25"}
    for name in ("report.html", "report.md", "report.csv"):
        text = (folder / name).read_text()
        assert manifest["noise"]["key"] not in text and "data:image" not in text, name
        for record in records:
            radius = str(record["radius"])[:6]
            assert radius in threat_like or float(radius) == 0 or radius not in text, (name, radius)


if __name__ == "__main__":
    options = [a for a in sys.argv[1:] if not a.startswith("--")]
    main(
        options[0], options[1], D(options[2]) if len(options) > 2 else None,
        "--public" in sys.argv,
    )
