/* Where the map looks: the area in focus, flights that Python asks for, and the way back to the whole district. */
(function () {
  "use strict";
  const PADDING_PX = 24, SECONDS = 0.6;

  function view() {
    const map = OneMap.map, part = {};
    let placed = false, fitted = null;
    // The map takes its height from style sheets that may come after it is made: what was fitted is fitted
    // again, until a person moves the map.
    new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(map.getContainer());
    const fitAgain = OneMap.work.inFrame("fit", () => { if (fitted) fit(fitted, false); }); // after the controls have folded
    map.on("resize", fitAgain);
    // A sheet that comes late moves the controls, whose sides decide the margins, without resizing the map.
    document.addEventListener("load", (event) => { if (event.target.rel === "stylesheet") fitAgain(); }, true);
    map.on("dragstart", () => { fitted = null; });
    map.getContainer().addEventListener("wheel", () => { fitted = null; }, { passive: true });
    const fit = (bounds, fly) => {
      const margin = OneMap.margins();
      const options = { paddingTopLeft: [margin.left, PADDING_PX], paddingBottomRight: [margin.right, PADDING_PX], maxZoom: 18 };
      const target = OneMap.places.bounds(bounds);
      fitted = bounds;
      if (fly) map.flyToBounds(target, { ...options, duration: SECONDS });
      else map.fitBounds(target, { ...options, animate: false });
    };
    const whole = () => OneMap.state.tiles?.bounds;

    part.home = () => { if (whole()) fit(whole(), true); };
    part.onState = (state, changed) => {
      map.invalidateSize({ animate: false });
      const first = !placed;
      if (first && (state.focus?.bounds || whole())) {
        placed = true;
        fit(state.focus?.bounds || whole(), false);
      } else if (changed.has("focus") && (state.focus?.bounds || whole())) {
        fit(state.focus?.bounds || whole(), true);
      } else if (changed.has("tiles") && whole()) {
        fit(whole(), false);
      }
      if (changed.has("flyTo") && state.flyTo) fly(state.flyTo, first);
    };

    function fly(target, first) {
      fitted = null;
      if (target.bounds) { fit(target.bounds, !first); return; }
      const at = OneMap.places.latLng(target.lon, target.lat), zoom = target.zoom || 17;
      if (first) map.setView(at, zoom, { animate: false });
      else map.flyTo(at, zoom, { duration: SECONDS });
    }
    return part;
  }

  OneMap.define("view", view);
})();
