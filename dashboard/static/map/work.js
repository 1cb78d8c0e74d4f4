/* Work under way: requests, tiles, frames. `OneMap.whenIdle()` resolves when the last answer is painted and
 * two frames have passed quietly; the thin bar at the top shows that something is being fetched.
 */
(function () {
  "use strict";
  const running = new Map();
  const work = (OneMap.work = {});

  work.begin = (name) => {
    running.set(name, (running.get(name) || 0) + 1);
    OneMap.part("status")?.busy(true);
  };
  work.end = (name) => {
    const left = (running.get(name) || 0) - 1;
    if (left > 0) running.set(name, left);
    else running.delete(name);
    if (!running.size) OneMap.part("status")?.busy(false);
  };
  work.busy = () => [...running.keys()];

  work.watch = (map) => {
    let moving = false;
    map.on("movestart zoomstart", () => { if (!moving) { moving = true; work.begin("move"); } });
    map.on("moveend", () => { if (moving) { moving = false; work.end("move"); } });
  };

  /* Runs `task` in the next frame, once however often it is asked for before. */
  work.inFrame = (name, task) => {
    let asked = false;
    return () => {
      if (asked) return;
      asked = true;
      work.begin(name);
      requestAnimationFrame(() => {
        asked = false;
        try { task(); } finally { work.end(name); }
      });
    };
  };

  OneMap.whenIdle = (quietFrames = 2) => new Promise((resolve) => {
    let quiet = 0;
    const look = () => {
      quiet = running.size ? 0 : quiet + 1;
      if (quiet > quietFrames) resolve(performance.now());
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });

  class Problem extends Error {}

  /* A channel on which only the newest request may answer: an older one is aborted and never wins. */
  OneMap.channel = (name) => {
    let latest = 0;
    let controller = null;
    const channel = {
      cancel() { latest += 1; controller?.abort(); },
      async get(url) {
        channel.cancel();
        const mine = latest;
        controller = new AbortController();
        work.begin(name);
        try {
          const response = await fetch(url, { signal: controller.signal, headers: { Accept: "application/json" } });
          const answer = await response.json().catch(() => ({}));
          if (mine !== latest) return null;
          if (!response.ok) throw new Problem((answer.problems || [`服务器没有给出数据（${response.status}）`]).join("；"));
          OneMap.part("status")?.mended(name);
          OneMap.part("stream")?.saw(answer.revision);
          return answer;
        } catch (error) {
          if (mine !== latest || error.name === "AbortError") return null;
          OneMap.part("status")?.failed(name, error instanceof Problem ? error.message : "");
          return null;
        } finally {
          work.end(name);
        }
      },
    };
    return channel;
  };

  /* A part of what stands in view, from the route of its name: asked once for a filter and the tiles of the view with
   * a margin, and again at `refresh`. `part.answer` is the newest; `part.onAnswer` is told before it is drawn. */
  OneMap.viewPart = (name, marginPx) => {
    const channel = OneMap.channel(name);
    const part = { answer: null };
    let covered = null;

    part.onState = (state, changed) => {
      if (["query", "at", "revision", "layers"].some((key) => changed.has(key))) fetchView();
    };
    part.refresh = () => { covered = null; fetchView(); };

    async function fetchView() {
      if (!OneMap.applied || !OneMap.shows(name)) { channel.cancel(); return; }
      const asking = OneMap.url("");
      if (covered?.asking === asking && OneMap.places.covers(covered, OneMap.places.viewTiles(OneMap.map, 0))) return;
      const asked = OneMap.places.viewTiles(OneMap.map, marginPx);
      covered = { ...asked, asking };
      const answer = await channel.get(OneMap.url(name, asked));
      if (!answer) return;
      part.answer = answer;
      part.onAnswer?.(answer);
      OneMap.part("overlay").redraw();
    }

    OneMap.map.on("moveend", fetchView);
    return part;
  };
})();
