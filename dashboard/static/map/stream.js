/* Learns that the data has changed, and tells Python, so that map and panels move to the same moment together.
 *
 * One server-sent event stream a browser: browsers open six connections to a server at most, and every tab would
 * take one. The tab that holds a lock keeps the stream and passes revisions on to the others. Where locks are
 * missing (plain http on another machine) every tab asks for the revision every few seconds instead.
 */
(function () {
  "use strict";
  const LOCK = "onemap-stream", LOST = "lost", POLL_MS = 10000, SILENT_MS = 40000, LOOK_MS = 5000;
  const TELL_AGAIN_MS = 5000, MOST_REST = 8; // without an answer; after one, in times of what it took

  function stream() {
    const part = {};
    const channel = "BroadcastChannel" in window ? new BroadcastChannel(LOCK) : null;
    let newest = 0, toldAt = 0, tellFrom = 0, later = 0, rest = 1, asking = false, heardAt = performance.now(), leading = false;

    part.saw = (revision) => {
      if (typeof revision !== "number") return;
      newest = Math.max(newest, revision);
      if (!OneMap.applied || newest <= OneMap.state.revision) return;
      OneMap.part("status")?.newer(true);
      clearTimeout(later);
      const now = performance.now();
      if (now < tellFrom) { later = setTimeout(() => part.saw(newest), tellFrom - now); return; }
      rest = now > toldAt + TELL_AGAIN_MS ? 1 : Math.min(2 * rest, MOST_REST);
      toldAt = now;
      tellFrom = now + TELL_AGAIN_MS;
      asking = true;
      OneMap.tell({ event: "revision", revision: newest });
    };

    /* A second change soon after a first is asked for at once; many more and more seldom, and by how slow answers are. */
    part.onState = (state, changed) => {
      if (!asking || !changed.has("revision")) return;
      asking = false;
      tellFrom = toldAt + rest * (performance.now() - toldAt);
      part.saw(newest);
    };

    function heard(revision) {
      if (revision === LOST) return OneMap.part("status")?.connected(false);
      heardAt = performance.now();
      if (typeof revision === "number") newest = revision; // lower than before where a backup was restored
      OneMap.part("status")?.connected(true);
      part.saw(revision);
    }

    function lead() {
      leading = true;
      return new Promise(() => { // kept for as long as the tab lives: the lock goes with it
        open();
      });
    }

    function open() {
      const source = new EventSource(`${OneMap.config.root}/stream`);
      const pass = (revision) => {
        heard(revision);
        channel?.postMessage(revision);
      };
      const read = (event) => pass(Number(JSON.parse(event.data).revision));
      source.addEventListener("revision", read);
      source.addEventListener("alive", read);
      source.addEventListener("error", () => {
        pass(LOST);
        if (source.readyState === EventSource.CLOSED) setTimeout(open, LOOK_MS); // else it tries again by itself
      });
    }

    async function poll() {
      try {
        const response = await fetch(`${OneMap.config.root}/health`);
        heard((await response.json()).revision);
      } catch { /* looked at below: nothing has been heard */ }
    }

    if (channel) channel.onmessage = (event) => heard(event.data);
    if (navigator.locks && channel) navigator.locks.request(LOCK, lead);
    else setInterval(poll, POLL_MS);

    setInterval(() => {
      if (performance.now() - heardAt > SILENT_MS) OneMap.part("status")?.connected(false);
      part.saw(newest);
    }, LOOK_MS);

    part.debug = () => ({ newest, leading });
    return part;
  }

  OneMap.define("stream", stream);
})();
