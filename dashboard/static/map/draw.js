/* Drawing a polygon to filter by: a tap adds a corner, a tap on the first one (or 完成) closes, Esc gives up. */
(function () {
  "use strict";
  const MAX_CORNERS = 100, MIN_CORNERS = 3, CLOSE_PX = 22;

  function draw() {
    const map = OneMap.map, part = {};
    const box = OneMap.corner("topleft", "onemap-buttons");
    const help = L.DomUtil.create("div", "onemap-help", map.getContainer());
    const sketch = L.polyline([], { className: "onemap-sketch", interactive: false });
    const first = L.circleMarker([0, 0], { radius: 9, className: "onemap-sketch-first", interactive: false });
    const shown = L.polygon([], { className: "onemap-polygon", interactive: false });
    let corners = [], drawing = false;

    const start = OneMap.makeButton(box, "画范围", "画一个范围来筛选", () => (drawing ? stop() : begin()));
    const finish = OneMap.makeButton(box, "完成", "完成范围", () => close());
    const clear = OneMap.makeButton(box, "清除", "清除画的范围", () => { stop(); tell(null); });
    buttons();

    part.active = () => drawing;
    part.onState = (state, changed) => { if (changed.has("draw")) show(state.draw?.polygon || null); };

    function show(polygon) {
      if (polygon?.length) shown.setLatLngs(polygon.map(([lon, lat]) => OneMap.places.latLng(lon, lat))).addTo(map);
      else shown.remove();
      buttons();
    }

    function begin() {
      drawing = true;
      corners = [];
      sketch.setLatLngs([]).addTo(map);
      map.doubleClickZoom.disable();
      map.getContainer().classList.add("onemap-drawing");
      say("在图上依次点出范围的各个角");
      buttons();
    }

    function stop() {
      drawing = false;
      sketch.remove();
      first.remove();
      map.getContainer().classList.remove("onemap-drawing");
      setTimeout(() => { if (!drawing) map.doubleClickZoom.enable(); }, 300);
      say("");
      buttons();
    }

    function close() {
      if (corners.length < MIN_CORNERS) return;
      const polygon = corners.map(({ lng, lat }) => OneMap.places.true_(lng, lat).map((value) => Number(value.toFixed(5))));
      stop();
      show(polygon);
      tell(polygon);
    }

    function tell(polygon) {
      OneMap.state.draw = polygon ? { polygon } : null;
      show(polygon);
      OneMap.tell({ event: "draw", polygon });
    }

    function say(text) {
      help.textContent = text;
      help.style.display = text ? "block" : "none";
    }

    function buttons() {
      start.textContent = drawing ? "取消" : "画范围";
      start.classList.toggle("onemap-on", drawing);
      finish.style.display = drawing && corners.length >= MIN_CORNERS ? "" : "none";
      clear.style.display = !drawing && OneMap.state.draw?.polygon ? "" : "none";
    }

    map.on("click", (event) => {
      if (!drawing) return;
      if (corners.length >= MIN_CORNERS && map.latLngToContainerPoint(corners[0]).distanceTo(event.containerPoint) <= CLOSE_PX) { close(); return; }
      const before = corners[corners.length - 1];
      if (before && map.latLngToContainerPoint(before).distanceTo(event.containerPoint) < 3) return; // the second half of a double click
      if (corners.length >= MAX_CORNERS) { say(`最多 ${MAX_CORNERS} 个角，请点“完成”`); return; }
      corners.push(event.latlng);
      if (corners.length === 1) first.setLatLng(event.latlng).addTo(map);
      sketch.setLatLngs(corners);
      say(corners.length < MIN_CORNERS ? "继续点下一个角，按退出键取消" : "点第一个角或“完成”来闭合");
      buttons();
    });
    map.on("mousemove", (event) => { if (drawing && corners.length) sketch.setLatLngs([...corners, event.latlng]); });
    document.addEventListener("keydown", (event) => { if (event.key === "Escape" && drawing) stop(); });

    part.debug = () => ({ drawing, corners: corners.length, shown: Boolean(shown._map) });
    return part;
  }

  OneMap.define("draw", draw);
})();
