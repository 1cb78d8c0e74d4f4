/* The base map below everything, as configured: none, a local PMTiles archive, an XYZ server, 天地图 or Amap.
 * The last three are the only requests that may leave the machine, and only where a deployment has chosen them.
 */
(function () {
  "use strict";
  const TIANDITU = (layer, key) => `https://t{s}.tianditu.gov.cn/${layer}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0`
    + `&LAYER=${layer}&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk=${encodeURIComponent(key)}`;
  const AMAP = "https://webrd0{s}.is.autonavi.com/appmaptile?lang=zh_cn&size=1&scale=1&style=8&x={x}&y={y}&z={z}";

  function basemap({ kind = "none", url = "", key = "" } = {}) {
    const map = OneMap.map, part = {};
    let layers = [], theme = "";
    map.createPane("onemap-base").style.zIndex = 150;
    OneMap.places.shifted = kind === "amap";
    part.present = () => kind !== "none";

    part.onState = (state) => {
      if (kind === "none" || (theme === state.theme && layers.length)) return;
      const local = kind === "pmtiles";
      if (layers.length && !local) return; // pictures have one look
      theme = state.theme;
      const before = layers;
      layers = make().map((layer) => layer.addTo(map));
      for (const layer of before) layer.remove();
    };

    function make() {
      const options = { pane: "onemap-base", maxZoom: 22, maxNativeZoom: 18 };
      if (kind === "pmtiles") return [local()];
      if (kind === "xyz") return [L.tileLayer(url, options)];
      if (kind === "amap") return [L.tileLayer(AMAP, { ...options, subdomains: "1234" })];
      const parts = { ...options, subdomains: "01234567" };
      return ["vec", "cva"].map((layer) => L.tileLayer(TIANDITU(layer, key), parts));
    }

    /* An archive in the Protomaps scheme gets its theme; of any other every line is drawn plainly. */
    function local() {
      const dark = theme === "dark";
      const address = `${location.origin}${OneMap.config.root}/basemap.pmtiles`;
      const options = { url: address, pane: "onemap-base", maxZoom: 22, maxDataZoom: OneMap.config.basemapMaxZoom, attribution: "" };
      if (OneMap.config.basemapLayers?.includes("earth")) return protomapsL.leafletLayer({ ...options, flavor: theme, lang: "zh-Hans" });
      const rules = (OneMap.config.basemapLayers || []).map((dataLayer) => ({
        dataLayer, symbolizer: new protomapsL.LineSymbolizer({ color: dark ? "#33476B" : "#C3CBD9", width: (zoom) => (zoom < 12 ? 0.7 : 1.4) }),
      }));
      return protomapsL.leafletLayer({ ...options, paintRules: rules, labelRules: [], backgroundColor: dark ? "#0B1526" : "#F4F6FA" });
    }
    part.debug = () => ({ kind, layers: layers.length });
    return part;
  }

  OneMap.define("basemap", basemap);
})();
