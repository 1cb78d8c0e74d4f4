/* Controls on the map: nearer and farther, back to the whole district, layers, colouring, level; scale; notice. */
(function () {
  "use strict";
  const LAYERS = [["areas", "区划/网格"], ["points", "事件"], ["stations", "站点"], ["heat", "热力"], ["names", "名称"]];
  const LEVELS = [["auto", "自动"], ["street", "街道"], ["community", "社区"], ["grid", "网格"]];
  const GAP = 24;
  const COLORS = [["sla", "时限"], ["class", "类别"]];

  function make(tag, className, parent, text) {
    const element = L.DomUtil.create(tag, className, parent);
    if (text) element.textContent = text;
    if (tag === "button") element.type = "button";
    return element;
  }
  OneMap.makeButton = (parent, text, title, act) => {
    const button = make("button", "onemap-button", parent, text);
    button.title = title;
    button.setAttribute("aria-label", title);
    button.onclick = act;
    return button;
  };
  OneMap.corner = (position, className) => {
    const box = make("div", className);
    const Control = L.Control.extend({ onAdd: () => box });
    new Control({ position }).addTo(OneMap.map);
    L.DomEvent.disableClickPropagation(box);
    L.DomEvent.disableScrollPropagation(box);
    return box;
  };

  /* Whether the map has room for open controls beside what it shows. */
  OneMap.roomy = () => {
    const size = OneMap.map.getSize();
    return size.x >= 800 && size.y >= 520;
  };

  /* Room that the controls take at each side, in pixels: what is fitted into the view keeps clear of them. */
  OneMap.margins = () => {
    const frame = OneMap.map.getContainer().getBoundingClientRect(), most = frame.width * 0.3;
    const margin = { left: GAP, right: GAP };
    for (const box of document.querySelectorAll(".onemap-panel, .onemap-buttons")) {
      const { left, right, height } = box.getBoundingClientRect();
      const folded = box.matches(".onemap-panel") && height < 60;
      if (!height || folded) continue;
      const onTheLeft = left - frame.left < frame.right - right;
      if (onTheLeft) margin.left = Math.max(margin.left, Math.min(most, right - frame.left + GAP));
      else margin.right = Math.max(margin.right, Math.min(most, frame.right - left + GAP));
    }
    return margin;
  };

  function controls() {
    const map = OneMap.map, part = {};
    const zoom = OneMap.corner("topleft", "onemap-buttons");
    OneMap.makeButton(zoom, "＋", "放大", () => map.zoomIn());
    OneMap.makeButton(zoom, "－", "缩小", () => map.zoomOut());
    OneMap.makeButton(zoom, "全区", "回到全区", () => OneMap.part("view").home());

    const panel = OneMap.corner("topright", "onemap-panel onemap-layers");
    let chosen = null; // what a person has chosen; until then a small map keeps the layers folded
    const open = () => chosen ?? OneMap.roomy();
    map.on("resize", () => { if (chosen === null) draw(); });
    L.control.scale({ imperial: false, position: "bottomright", maxWidth: 120 }).addTo(map);
    const notice = OneMap.corner("bottomright", "onemap-notice");

    part.onState = (state, changed) => {
      if (["layers", "metric", "level", "colorBy", "basemap"].some((key) => changed.has(key))) draw();
      notice.textContent = state.demo ? OneMap.config.demoNotice || "" : "";
      notice.style.display = state.demo ? "" : "none";
    };

    function draw() {
      panel.replaceChildren();
      const head = make("button", "onemap-legend-head", panel, "图层");
      head.title = open() ? "收起图层" : "展开图层";
      head.setAttribute("aria-expanded", String(open()));
      head.onclick = () => { chosen = !open(); draw(); };
      if (!open()) return;
      for (const [key, label] of LAYERS) toggle(key, label);
      if (OneMap.shows("areas")) {
        select("着色", (OneMap.config.metrics || []).map(({ key, label }) => [key, label]), OneMap.state.metric, (metric) => ({ metric }));
        segments("层级", LEVELS, OneMap.state.level, (level) => ({ level }));
      }
      if (OneMap.shows("points")) segments("事件颜色", COLORS, OneMap.state.colorBy || "sla", (colorBy) => ({ colorBy }));
    }

    function toggle(key, text) {
      const label = make("label", "onemap-toggle", panel);
      const box = make("input", "", label);
      box.type = "checkbox";
      box.checked = OneMap.shows(key);
      box.onchange = () => {
        const on = new Set(OneMap.state.layers);
        if (box.checked) on.add(key); else on.delete(key);
        OneMap.choose({ layers: LAYERS.map(([name]) => name).filter((name) => on.has(name)) });
      };
      make("span", "", label, text);
    }

    function select(title, choices, value, choice) {
      const label = make("label", "onemap-field", panel);
      make("span", "", label, title);
      const list = make("select", "", label);
      for (const [key, text] of choices) {
        const option = make("option", "", list, text);
        option.value = key;
        option.selected = key === value;
      }
      list.onchange = () => OneMap.choose(choice(list.value));
    }

    function segments(title, choices, value, choice) {
      const field = make("div", "onemap-field", panel);
      make("span", "", field, title);
      const row = make("div", "onemap-segments", field);
      for (const [key, text] of choices) {
        const button = make("button", key === value ? "onemap-on" : "", row, text);
        button.setAttribute("aria-pressed", String(key === value));
        button.onclick = () => OneMap.choose(choice(key));
      }
    }
    part.debug = () => ({ open: open() });
    return part;
  }

  OneMap.define("controls", controls);
})();
