"""A page in headless Chromium, spoken to by the DevTools protocol.

As a program it takes a picture of a page, whole:

    python browser.py PAGE PICTURE.png [WIDTH] [light|dark|print]
"""

import base64
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

import websocket

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


class Page:
    """One tab. `messages` has what went to the console or failed, `requests` what was asked for."""

    def __init__(self, address):
        self.socket = websocket.create_connection(address, timeout=60, suppress_origin=True)
        self.number = 0
        self.messages, self.requests, self.loaded = [], [], False
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method, **parameters):
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self.socket.recv())
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.take(answer)

    def take(self, event):
        method, parameters = event.get("method"), event.get("params", {})
        if method == "Page.loadEventFired":
            self.loaded = True
        elif method in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"):
            self.messages.append(parameters)
        elif method == "Network.requestWillBeSent":
            self.requests.append(parameters["request"]["url"])

    def open(self, path, width, scheme="light"):
        self.messages, self.requests, self.loaded = [], [], False
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1,
            mobile=width < 600,
        )
        media = "print" if scheme == "print" else "screen"
        colours = "dark" if scheme == "dark" else "light"
        self.call(
            "Emulation.setEmulatedMedia", media=media,
            features=[{"name": "prefers-color-scheme", "value": colours}],
        )
        is_address = str(path).startswith("http://")
        url = path if is_address else pathlib.Path(path).resolve().as_uri()
        self.call("Page.navigate", url=url)
        while not self.loaded:
            self.take(json.loads(self.socket.recv()))

    def evaluate(self, expression):
        answer = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def picture(self):
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
        data = self.call("Page.captureScreenshot", clip=clip, captureBeyondViewport=True)["data"]
        return base64.b64decode(data)


@contextlib.contextmanager
def page():
    """A fresh Chromium, ended with the block."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        options = ["--headless=new", "--remote-debugging-port=0", f"--user-data-dir={profile}"]
        options += ["--no-first-run", "--disable-gpu", "--disable-extensions", "--hide-scrollbars"]
        if os.geteuid() == 0:
            options.append("--no-sandbox")
        chromium = subprocess.Popen(
            [CHROMIUM, *options, "about:blank"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            yield Page(address(pathlib.Path(profile) / "DevToolsActivePort"))
        finally:
            chromium.terminate()
            chromium.wait()


def address(file):
    for _ in range(600):
        with contextlib.suppress(OSError, IndexError, ValueError):
            port = int(file.read_text().split("\n")[0])
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list") as answer:
                return [tab for tab in json.load(answer) if tab["type"] == "page"][0][
                    "webSocketDebuggerUrl"
                ]
        time.sleep(0.1)
    raise RuntimeError("Chromium did not come up in a minute")


if __name__ == "__main__":
    with page() as tab:
        width = int(sys.argv[3]) if len(sys.argv) > 3 else 1280
        tab.open(sys.argv[1], width, sys.argv[4] if len(sys.argv) > 4 else "light")
        pathlib.Path(sys.argv[2]).write_bytes(tab.picture())
