/* The map of the reporting form: one pin on the divisions' lines. Tells of every move of the pin by the event
 * `om-place` on the form; a form without a known place has no pin until somebody taps. */
(function () {
  "use strict";
  const form = document.getElementById("report");
  const box = document.getElementById("map");
  if (!form || !box || !window.L) return;
  const given = JSON.parse(form.dataset.map);
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--om-${name}`).trim();
  const map = L.map(box, { zoomControl: false, attributionControl: false, minZoom: 8, maxZoom: 20, tap: false });
  L.control.zoom({ position: "topright", zoomInTitle: "放大", zoomOutTitle: "缩小" }).addTo(map);

  const line = (level, width, color) => ({ dataLayer: level, symbolizer: new protomapsL.PolygonSymbolizer({ fill: "transparent", stroke: color, width }) });
  const name = (level, px, minzoom, maxzoom) => ({
    dataLayer: `${level}_label`, minzoom, maxzoom,
    symbolizer: new protomapsL.CenteredTextSymbolizer({
      labelProps: ["name"], fill: css("text"), stroke: css("surface"), width: 2, font: `600 ${px}px "PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif`,
    }),
  });
  if (given.basemap.length) {
    const rules = given.basemap.map((dataLayer) => ({ dataLayer, symbolizer: new protomapsL.LineSymbolizer({ color: css("line"), width: 1 }) }));
    protomapsL.leafletLayer({ url: `${location.origin}/onemap/basemap.pmtiles`, paintRules: rules, labelRules: [], maxDataZoom: 14 }).addTo(map);
  }
  if (given.tiles) {
    protomapsL.leafletLayer({
      url: `${location.origin}/onemap/tiles/${given.tiles}.pmtiles`, maxDataZoom: 14,
      paintRules: [line("grid", 0.8, css("bar")), line("community", 1.5, css("bar")), line("street", 2.5, css("accent"))],
      labelRules: [name("street", 15, 8, 12), name("community", 13, 12, 15), name("grid", 12, 15, 22)],
    }).addTo(map);
  }
  const ring = given.rings.map((points) => points.map(([lon, lat]) => [lat, lon]));
  if (ring.length) L.polygon(ring, { color: css("accent"), weight: 3, fillOpacity: dark ? 0.12 : 0.06, interactive: false }).addTo(map);

  let pin = null;
  function put(lat, lon, { zoom = null, by }) {
    const at = L.latLng(lat, lon);
    if (!pin) {
      pin = L.marker(at, { draggable: true, autoPan: true, icon: L.divIcon({ className: "pin", iconSize: [44, 52], iconAnchor: [22, 50] }), alt: "问题所在处" }).addTo(map);
      pin.on("dragend", () => tell(pin.getLatLng(), "drag"));
    }
    pin.setLatLng(at);
    if (zoom) map.setView(at, Math.max(zoom, map.getZoom()));
    tell(at, by);
  }
  function tell(at, by) {
    form.elements.lon.value = at.lng.toFixed(6);
    form.elements.lat.value = at.lat.toFixed(6);
    form.dispatchEvent(new CustomEvent("om-place", { detail: { by } }));
  }
  map.on("click", (event) => put(event.latlng.lat, event.latlng.lng, { by: "tap" }));

  if (given.bounds) map.fitBounds([[given.bounds[1], given.bounds[0]], [given.bounds[3], given.bounds[2]]], { padding: [8, 8] });
  else map.setView([30.67, 104.06], 10);
  if (given.lon !== null) put(given.lat, given.lon, { by: "given" });
  window.OneMapReport = { map, put };
})();
