"""Watches one page in Chromium: what crosses the wire, and when it has painted and gone quiet.

Idle is the end of the second frame after the last painting or the last response, whichever came later. A
quiet while without either confirms it, longer than the server may think in silence. Works the same for every
contestant: nothing asks the page itself.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import CDPSession, Frame, Page

POLL_S: Final = 0.05
WATCHER: Final = Path(__file__).with_name("static") / "watcher.js"


@dataclass
class Traffic:
    """Bytes of payload since the last reset, and when the last of it came (epoch seconds)."""

    websocket: int = 0
    http: int = 0
    last_at: float = 0.0
    open_requests: set[str] = field(default_factory=set)

    def reset(self) -> None:
        self.websocket = self.http = 0


class Probe:
    """Attach before the page is opened: ``Probe(page)``, then ``page.goto``."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.traffic = Traffic()
        page.add_init_script(path=WATCHER)
        self._cdp: CDPSession = page.context.new_cdp_session(page)
        self._cdp.send("Network.enable")
        self._cdp.send("HeapProfiler.enable")
        for name, handler in {
            "Network.requestWillBeSent": self._on_request,
            "Network.responseReceived": self._on_response,
            "Network.dataReceived": self._on_data,
            "Network.loadingFinished": self._on_finished,
            "Network.loadingFailed": self._on_failed,
            "Network.webSocketFrameReceived": self._on_frame,
            "Network.webSocketFrameSent": self._on_frame,
        }.items():
            self._cdp.on(name, handler)

    def _on_request(self, event: dict[str, Any]) -> None:
        if event.get("type") != "EventSource":
            self.traffic.open_requests.add(event["requestId"])

    def _on_response(self, event: dict[str, Any]) -> None:
        if event.get("response", {}).get("mimeType") == "text/event-stream":
            self.traffic.open_requests.discard(event["requestId"])
        self.traffic.last_at = time.time()

    def _on_data(self, _event: dict[str, Any]) -> None:
        self.traffic.last_at = time.time()

    def _on_finished(self, event: dict[str, Any]) -> None:
        self.traffic.open_requests.discard(event["requestId"])
        self.traffic.http += int(event.get("encodedDataLength", 0))
        self.traffic.last_at = time.time()

    def _on_failed(self, event: dict[str, Any]) -> None:
        self.traffic.open_requests.discard(event["requestId"])

    def _on_frame(self, event: dict[str, Any]) -> None:
        self.traffic.websocket += len(event["response"]["payloadData"])
        self.traffic.last_at = time.time()

    def wait_idle(self, *, map_frame: str, quiet_s: float, since: float, timeout_s: float = 120.0) -> Idle:
        """Wait until all is idle. ``map_frame`` is a part of the map frame's URL, '' for the page."""
        give_up = time.time() + timeout_s
        while time.time() < give_up:
            self.page.wait_for_timeout(POLL_S * 1000)
            settled = {frame.url: _settled_at(frame) for frame in self.page.frames}
            last = max([*settled.values(), self.traffic.last_at, since])
            if not self.traffic.open_requests and time.time() - last > quiet_s:
                on_map = [at for url, at in settled.items() if map_frame in url]
                return Idle(map_s=max([*on_map, since]) - since, page_s=last - since)
        raise TimeoutError(f"not idle after {timeout_s} s; open requests: {len(self.traffic.open_requests)}")

    def heap_bytes(self) -> int:
        """JavaScript heap in use, all frames, after collecting garbage."""
        for _ in range(3):
            self._cdp.send("HeapProfiler.collectGarbage")
            self.page.wait_for_timeout(200)
        return int(self._cdp.send("Runtime.getHeapUsage")["usedSize"])


@dataclass(frozen=True)
class Idle:
    """Seconds from the action until the map, and the whole page, had settled."""

    map_s: float
    page_s: float


def _settled_at(frame: Frame) -> float:
    try:
        stamp = frame.evaluate("() => (window.__watcher ? window.__watcher.settledAt() : 0)")
    except Exception:  # a frame that goes away while we look is not a result
        return 0.0
    return float(stamp) / 1000.0
