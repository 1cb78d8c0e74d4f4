/* Clicks and hovering. A click is told to Python as a position with a tolerance; what stands there is found by
 * the server. A click on a cluster comes nearer, unless there is no nearer.
 */
(function () {
  "use strict";
  const TOUCH_PX = 22, MOUSE_PX = 12, NEARER = 2, NEAREST = 18;

  function pointer() {
    const map = OneMap.map, part = {};
    const tip = L.DomUtil.create("div", "onemap-tip", map.getContainer());
    let touched = false;

    map.getContainer().addEventListener("pointerdown", (event) => { touched = event.pointerType !== "mouse"; }, true);

    map.on("click", (event) => {
      if (OneMap.part("draw")?.active()) return;
      const tolerance = touched ? TOUCH_PX : MOUSE_PX;
      const cluster = OneMap.part("points")?.at(event.containerPoint, tolerance);
      if (cluster && cluster[2] > 1 && map.getZoom() < NEAREST) {
        map.flyTo(OneMap.places.latLng(cluster[0], cluster[1]), Math.min(NEAREST, map.getZoom() + NEARER), { duration: 0.35 });
        return;
      }
      const at = OneMap.places.true_(event.latlng.lng, event.latlng.lat);
      OneMap.tell({ event: "click", lon: at[0], lat: at[1], zoom: map.getZoom(), tolerance_px: tolerance,
        level: OneMap.levelAt(OneMap.state, map.getZoom()), layers: OneMap.state.layers });
    });

    let last = null;
    const show = OneMap.work.inFrame("tip", () => {
      const text = last && !touched && !OneMap.part("draw")?.active() ? describe(last) : "";
      tip.textContent = text;
      tip.style.display = text ? "block" : "none";
      map.getContainer().style.cursor = text ? "pointer" : "";
      if (!text) return;
      const size = map.getSize();
      tip.style.left = `${Math.min(last.x + 14, size.x - tip.offsetWidth - 8)}px`;
      tip.style.top = `${Math.min(last.y + 16, size.y - tip.offsetHeight - 8)}px`;
    });
    map.on("mousemove", (event) => { last = event.containerPoint; show(); });
    map.on("mouseout movestart zoomstart click", () => { last = null; show(); });

    function describe(point) {
      const cluster = OneMap.part("points")?.at(point, MOUSE_PX);
      if (cluster) return clusterText(cluster);
      const station = OneMap.part("stations")?.at(point, MOUSE_PX);
      if (station) return `${station[5]} · ${station[4] ? "现在开门" : "未开门"}`;
      const area = OneMap.part("areas")?.at(point);
      if (!area) return "";
      const label = OneMap.part("legend")?.labelOf(area.mark);
      return [area.name, label].filter(Boolean).join(" · ");
    }

    function clusterText(cluster) {
      const [, , count, overdue, soon, suspended, , classCode, color, doneLate] = cluster;
      if (count === 1) {
        const major = OneMap.state.classNames?.find(([code]) => classCode.startsWith(code))?.[1];
        return [OneMap.part("legend")?.signOf(color), major].filter(Boolean).join(" · ");
      }
      const parts = [`${OneMap.count(count)} 件`];
      if (doneLate) parts.push(`✗ 超期结案 ${OneMap.count(doneLate)}`);
      if (overdue) parts.push(`◆ 超期 ${OneMap.count(overdue)}`);
      if (soon) parts.push(`▲ 临期 ${OneMap.count(soon)}`);
      if (suspended) parts.push(`‖ 挂账 ${OneMap.count(suspended)}`);
      return parts.join("　");
    }
    return part;
  }

  OneMap.define("pointer", pointer);
})();
