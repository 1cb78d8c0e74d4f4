/* OneMap: the state of the map and the parts that draw it.
 *
 * Python sends a small state (`OneMap.setState`, called by the script that streamlit-folium evaluates);
 * parts draw from it and fetch what they need from our own routes. What a person does goes back to Python
 * through `OneMap.tell`. Positions handed over are always CGCS2000 degrees, longitude first.
 */
(function () {
  "use strict";
  const OneMap = (window.OneMap = {});
  const makers = new Map();
  const parts = new Map();
  const messages = [];
  const KEPT_MESSAGES = 8;
  const expected = new Set(); // keys that show what Python is about to say
  const said = {}; // what Python last said of each key, as JSON: what it repeats does not undo a person's choice
  let number = 0;

  OneMap.state = { query: "", at: "", revision: 0, level: "auto", metric: "open", layers: ["areas"], theme: "light" };
  OneMap.config = { root: "/onemap", timeZone: "Asia/Shanghai" };
  OneMap.applied = 0;

  OneMap.define = (name, maker) => makers.set(name, maker);
  OneMap.part = (name) => parts.get(name);

  OneMap.mount = (map, config) => {
    OneMap.map = map;
    if (window.frameElement) window.frameElement.title = "地图";
    Object.assign(OneMap.config, config);
    map.attributionControl?.remove();
    OneMap.work.watch(map);
  };

  /* Puts a part on the map; called once for each by the folium layer of the same name. */
  OneMap.add = (name, options) => {
    if (!parts.has(name)) parts.set(name, makers.get(name)(options || {}));
  };

  OneMap.setState = (next) => {
    if (window.feature_group) window.feature_group.length = 0;
    const changed = new Set();
    for (const [key, value] of Object.entries(next)) {
      const text = JSON.stringify(value);
      if (said[key] === text && !expected.delete(key)) continue;
      said[key] = text;
      if (JSON.stringify(OneMap.state[key]) === text) continue;
      OneMap.state[key] = value;
      changed.add(key);
    }
    expected.clear();
    OneMap.applied += 1;
    if (OneMap.applied === 1) for (const key of Object.keys(next)) changed.add(key);
    if (changed.size) spread(changed);
    return L.layerGroup();
  };

  /* A filter that a link outside the map is about to ask Python for: shown at once, settled by the next state.
   * Gives a promise of the moment when the map shows it; undefined when there is nothing to do. */
  OneMap.expect = (query) => {
    if (!OneMap.applied || OneMap.state.query === query) return undefined;
    OneMap.state.query = query;
    expected.add("query");
    spread(new Set(["query"]));
    return OneMap.whenIdle(0);
  };

  /* A choice made in the map's own controls: shown at once, then told to Python. */
  OneMap.choose = (choice) => {
    Object.assign(OneMap.state, choice);
    spread(new Set(Object.keys(choice)));
    OneMap.tell({ event: "choose", choice });
  };

  function spread(changed) {
    if (changed.has("theme")) document.documentElement.dataset.theme = OneMap.state.theme;
    for (const part of parts.values()) part.onState?.(OneMap.state, changed);
  }

  /* Messages travel as a short list, since two in quick succession would reach Python as the last one only. */
  OneMap.tell = (message) => {
    number = Math.max(number + 1, Date.now());
    messages.push({ ...message, n: number });
    if (messages.length > KEPT_MESSAGES) messages.shift();
    window.Streamlit?.setComponentValue({ messages: messages.slice() });
  };

  /* Whether area `i` of a level belongs to what is in focus: a code prefix is a range of indexes. */
  OneMap.inFocus = (level, i) => {
    const ranges = OneMap.state.focus?.ranges?.[level];
    return !ranges || ranges.some(([from, to]) => i >= from && i < to);
  };

  OneMap.shows = (layer) => OneMap.state.layers.includes(layer);

  /* URL of a data route with the state's filter and moment. */
  OneMap.url = (route, params) => {
    const query = new URLSearchParams(OneMap.state.query);
    if (OneMap.state.at) query.set("at", OneMap.state.at);
    if (OneMap.state.revision) query.set("seen", OneMap.state.revision);
    for (const [key, value] of Object.entries(params || {})) query.set(key, value);
    return `${OneMap.config.root}/${route}?${query}`;
  };

  /* 08:30, or 11-20 08:30 when it is not today, in the deployment's time zone. */
  OneMap.clock = (iso) => {
    const format = new Intl.DateTimeFormat("zh-CN", {
      timeZone: OneMap.config.timeZone, month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
    });
    const read = (date) => Object.fromEntries(format.formatToParts(date).map((part) => [part.type, part.value]));
    const then = read(new Date(iso)), now = read(new Date());
    const day = `${then.month}-${then.day}`;
    return (day === `${now.month}-${now.day}` ? "" : `${day} `) + `${then.hour}:${then.minute}`;
  };

  OneMap.count = (value) => Number(value).toLocaleString("zh-CN");

  /* What tests and benches look at. */
  OneMap.debug = () => ({
    applied: OneMap.applied,
    state: OneMap.state,
    zoom: OneMap.map.getZoom(),
    center: OneMap.map.getCenter(),
    busy: OneMap.work.busy(),
    messages: messages.slice(),
    ...Object.fromEntries([...parts].filter(([, part]) => part.debug).map(([name, part]) => [name, part.debug()])),
  });
})();
