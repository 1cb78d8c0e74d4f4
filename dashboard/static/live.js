// Pages without a map learn here that the data has changed; where there is a map, its own stream tells Python.
// One stream a browser, as in map/stream.js: whoever holds the lock keeps it and passes revisions on.
const LIVE_LOCK = "onemap-stream", LIVE_LOOK_MS = 200, LIVE_AGAIN_MS = 5000, LIVE_MOST_REST = 8;
const LIVE_LOST = "lost"; // what a map that listens shows as a broken connection

function startLive(tell) {
  const channel = "BroadcastChannel" in window ? new BroadcastChannel(LIVE_LOCK) : null;
  if (!channel || !navigator.locks) return; // the page looks every few seconds by itself
  let newest = 0, toldAt = 0, tellFrom = 0, rest = 1, askedAt = null; // the revision on the page when Python was told

  function lead() {
    return new Promise(() => { // kept for as long as the tab lives: the lock goes with it
      open();
    });
  }

  function open() {
    const source = new EventSource("/onemap/stream");
    const pass = (event) => {
      newest = Number(JSON.parse(event.data).revision); // lower than before where a backup was restored
      channel.postMessage(newest);
    };
    source.addEventListener("revision", pass);
    source.addEventListener("alive", pass);
    source.addEventListener("error", () => {
      channel.postMessage(LIVE_LOST);
      if (source.readyState === EventSource.CLOSED) setTimeout(open, LIVE_AGAIN_MS); // else it tries again by itself
    });
  }

  function look() {
    const sign = document.querySelector("[data-live-revision]");
    if (!sign) return;
    const now = performance.now(), shown = Number(sign.getAttribute("data-live-revision"));
    if (askedAt !== null && shown !== askedAt) { // a second change is asked for at once, many more and more seldom
      tellFrom = toldAt + rest * (now - toldAt);
      askedAt = null;
    }
    if (newest <= shown || now < tellFrom || isTyping() || isRunning()) return;
    if (document.querySelector(".st-key-om-map iframe")) return;
    rest = now > toldAt + LIVE_AGAIN_MS ? 1 : Math.min(2 * rest, LIVE_MOST_REST);
    toldAt = now;
    tellFrom = now + LIVE_AGAIN_MS;
    askedAt = shown;
    tell(newest);
  }

  channel.onmessage = (event) => { if (typeof event.data === "number") newest = event.data; };
  navigator.locks.request(LIVE_LOCK, lead);
  setInterval(look, LIVE_LOOK_MS);
}

function isTyping() {
  return /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName || "");
}

function isRunning() {
  const app = document.querySelector("[data-test-script-state]");
  return Boolean(app) && app.getAttribute("data-test-script-state") !== "notRunning";
}
