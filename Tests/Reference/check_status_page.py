"""Looks at the status page of a running coordinator in a real browser.

    python check_status_page.py ADDRESS PROCESS [PICTURE_FOLDER]
    python check_status_page.py ADDRESS --begins WORKER COMMAND ...

Opens the page in Chromium at the widths of a desk and of a phone, light and dark: nothing on the console,
no request but to where it came from, nothing to scroll sideways, and no finding of axe-core. Without a
script it says the same. With it, figures grow and are those of status.json, with nothing loaded again; a
script of a stranger does not run. Then ends the coordinator (PROCESS) and waits until the page says that
it does not answer, and still shows the last state. Prints what was seen, and fails at the first that is
not so.

With --begins it opens the page of a coordinator that waits for workers, starts one, and waits until the
page shows the first certificates by itself.
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import urllib.request

import axe_core_python

import browser
from check_report import clopper_pearson, same_interval


def main(address, process, pictures):
    axe = (pathlib.Path(axe_core_python.__file__).parent / "axe.min.js").read_text()
    with browser.page() as tab:
        without_script(tab, address)
        for width in (1280, 390):
            for scheme in ("light", "dark"):
                tab.open(address, width, scheme)
                check_behaviour(tab, address, f"{width} {scheme}", width, axe)
                if pictures:
                    name = f"status-{width}-{scheme}.png"
                    (pathlib.Path(pictures) / name).write_bytes(tab.picture())
        agreed = check_figures(tab, address) + check_bands(tab, address)
        check_stranger(tab)
        check_silence(tab, int(process), pictures)
    print(f"{agreed} texts agree; no finding of axe-core; the page outlives its coordinator")


def begins(address, command):
    with browser.page() as tab:
        tab.open(address, 1280)
        assert shown(tab, "state") == "Waiting for workers", shown(tab, "state")
        worker = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        try:
            deadline = time.time() + 90
            while not tab.evaluate("document.querySelectorAll('#c1-radii tbody tr').length"):
                assert time.time() < deadline, "the page does not show the first certificates"
                time.sleep(0.2)
            assert shown(tab, "state") == "Running", shown(tab, "state")
            # The page is what it should be now: nothing is loaded again.
            tab.evaluate("window.isTheSame = true")
            time.sleep(5)
            assert tab.evaluate("window.isTheSame"), "the page was loaded again"
        finally:
            worker.kill()
            worker.wait()
    print("the page began by itself")


def check_behaviour(tab, address, where, width, axe):
    tab.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    wide = tab.evaluate("document.documentElement.scrollWidth") - width
    assert wide <= 0, f"{where}: {wide} pixels too wide"
    found = tab.evaluate(axe + ";axe.run({resultTypes: ['violations']}).then(r => r.violations)")
    sentences = [f"{v['id']}: {v['help']}: {v['nodes'][0]['html'][:200]}" for v in found]
    assert not found, f"{where}: {sentences}"
    assert not tab.messages, f"{where}: {tab.messages}"
    others = {url for url in tab.requests if not url.startswith("data:")}
    assert others <= {address, address + "status.json"}, f"{where}: {others}"


def without_script(tab, address):
    tab.call("Emulation.setScriptExecutionDisabled", value=True)
    tab.open(address, 1280)
    document = tab.call("DOM.getDocument", depth=-1)["root"]
    body = tab.call("DOM.getOuterHTML", nodeId=document["nodeId"])["outerHTML"]
    tab.call("Emulation.setScriptExecutionDisabled", value=False)
    assert "samples a second" in body and "Load the page again" in body, "nothing without a script"
    assert tab.requests == [address] or tab.requests == [address, "data:,"], tab.requests


def ask(address):
    with urllib.request.urlopen(address + "status.json") as answer:
        return json.load(answer)


def check_figures(tab, address):
    """The texts of a moment are those of status.json at that moment, and later ones are larger."""
    tab.evaluate("window.isTheSame = true")
    first = number(shown(tab, "c1-tile0-detail"))
    deadline = time.time() + 60
    while number(shown(tab, "c1-tile0-detail")) <= first:
        assert time.time() < deadline, "the figures do not grow"
        time.sleep(0.2)
    # The page and the answer are of the same moment, or of two that follow one another: then try again.
    while True:
        texts = ask(address)["page"]["texts"]
        on_page = {place: shown(tab, place) for place in texts}
        if on_page["time"] == texts["time"]:
            break
        assert time.time() < deadline, "page and status.json are never of the same moment"
        time.sleep(0.1)
    assert on_page == texts, (on_page, texts)
    assert tab.evaluate("window.isTheSame"), "the page was loaded again"
    rows = tab.evaluate("document.querySelectorAll('#c1-workers tbody tr').length")
    assert rows == len(ask(address)["campaigns"][0]["workers"]), rows
    return len(texts)


def check_bands(tab, address):
    """Every band is Clopper and Pearson's, by SciPy, rounded outwards."""
    outcomes = ask(address)["campaigns"][0]["outcomes"]
    assert outcomes["records"] == outcomes["labelled"] > 0 and len(outcomes["radii"]) > 3
    for line in outcomes["radii"]:
        for part in ("certified", "correct"):
            low, high = clopper_pearson(line[part], outcomes["records"])
            shown_low, shown_high = line[part + "Band"]
            assert low - 2e-6 < shown_low <= low + 1e-9, (line, low)
            assert high - 1e-9 <= shown_high < high + 2e-6, (line, high)
    # One text of the page, whatever moment it is of: its band belongs to its counts.
    band, detail = tab.evaluate(
        "['c1-tile4-band', 'c1-tile4-detail'].map(i => document.getElementById(i).textContent)"
    )
    right, records = [number(text) for text in detail.split("of the first")]
    same_interval(band.removeprefix("95 % band"), *clopper_pearson(right, records))
    return 2 * len(outcomes["radii"]) + 1


def check_stranger(tab):
    """What somebody brought into the page would not run, nor speak to others."""
    tab.evaluate(
        "const s = document.createElement('script'); s.textContent = 'window.stranger = 1';"
        "document.body.append(s); document.body.insertAdjacentHTML('beforeend',"
        "'<img src=x onerror=\"window.stranger = 2\">')"
    )
    time.sleep(0.5)
    assert tab.evaluate("window.stranger") is None, "a script of a stranger ran"
    spoke = tab.evaluate("fetch('http://127.0.0.1:9/').then(() => 'yes', e => e.name)")
    blocked = [m for m in tab.messages if "Content Security Policy" in json.dumps(m)]
    assert spoke == "TypeError" and len(blocked) >= 2, tab.messages


def check_silence(tab, process, pictures):
    os.kill(process, signal.SIGINT)
    deadline = time.time() + 60
    while "has not answered" not in shown(tab, "silence"):
        assert time.time() < deadline, "the page does not say that the coordinator is gone"
        time.sleep(0.2)
    assert not tab.evaluate("document.getElementById('silence').hidden")
    assert number(shown(tab, "c1-tile0-detail")) > 0
    if pictures:
        (pathlib.Path(pictures) / "status-silent.png").write_bytes(tab.picture())


def shown(tab, place):
    return tab.evaluate(f"document.getElementById('{place}').textContent")


def number(text):
    return int(text.replace("\u202f", "").split()[0])


if __name__ == "__main__" and sys.argv[2] == "--begins":
    begins(sys.argv[1], sys.argv[3:])
elif __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else None)
