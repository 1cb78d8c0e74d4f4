/* The legend: what the colours of the areas mean, how many areas are in each class, the signs of the events, and
 * how many events have no place on the map. */
(function () {
  "use strict";
  const SIGNS = [["overdue", "超期"], ["soon", "临期"], ["in_time", "期内"], ["no_limit", "无时限"], ["suspended", "挂账"]];
  const SIGNS_OF_ENDED = [["done", "已结"], ["done_late", "超期结案"]];
  const LEVEL_UNITS = { district: "区", street: "街道", community: "社区", grid: "网格" };

  function legend() {
    const part = {};
    const box = L.DomUtil.create("div", "onemap-legend onemap-panel");
    const Control = L.Control.extend({ onAdd: () => box });
    new Control({ position: "bottomleft" }).addTo(OneMap.map);
    L.DomEvent.disableClickPropagation(box);
    L.DomEvent.disableScrollPropagation(box);
    let chosen = null; // what a person has chosen; until then a small map keeps the legend folded
    const open = () => chosen ?? OneMap.roomy();
    OneMap.map.on("resize", () => { if (chosen === null) part.draw(); });
    OneMap.map.on("zoomend", () => { if (OneMap.shows("stations")) part.draw(); });

    /* 怎么算的 of the colours: asked for when a person opens it, so that the values stay small. */
    const channel = OneMap.channel("explain");
    let explaining = false, explained = null;
    async function explain() {
      const metric = shown()?.metric;
      explained = metric ? await channel.get(OneMap.url("explain", { metric })) : null;
      part.draw();
    }
    const TOLD = ["query", "at", "revision", "metric", "layers"];

    part.onState = (state, changed) => {
      if (explaining && TOLD.some((key) => changed.has(key))) explain();
      if (["theme", "layers", "colorBy", "demo", "classNames", "focus"].some((key) => changed.has(key))) part.draw();
    };
    part.labelOf = (mark) => {
      const label = entries().find((entry) => entry.mark === mark)?.label || "";
      return label && mark !== "n" ? `${label} ${OneMap.part("areas").shown.unit}` : label;
    };
    part.signOf = (state) => {
      const label = [...SIGNS, ...SIGNS_OF_ENDED].find(([key]) => key === state)?.[1];
      return label ? `${OneMap.signs[state]} ${label}` : "";
    };

    const shown = () => (OneMap.shows("areas") ? OneMap.part("areas")?.shown : null);
    function entries() {
      const answer = OneMap.part("areas")?.shown;
      if (!answer) return [];
      return answer.legend || [];
    }

    part.draw = () => {
      const rows = [];
      const answer = shown();
      if (answer) rows.push(...areaRows(answer));
      if (OneMap.shows("points")) rows.push(...eventRows());
      if (OneMap.shows("stations")) rows.push(stationRow());
      if (answer && explained && open()) rows.unshift(explanation());
      box.replaceChildren(head(answer), ...(open() ? rows : []));
      box.style.display = rows.length ? "" : "none";
    };

    function head(answer) {
      const title = answer ? answer.title + (answer.unit && !answer.title.includes(answer.unit) ? `（${answer.unit}）` : "") : "图例";
      const button = element("button", "onemap-legend-head", title);
      button.type = "button";
      button.setAttribute("aria-expanded", String(open()));
      button.title = open() ? "收起图例" : "展开图例";
      button.onclick = () => { chosen = !open(); part.draw(); };
      const row = element("div", "onemap-legend-top");
      row.append(button);
      if (answer && open()) row.append(explainButton(title));
      return row;
    }

    function explainButton(title) {
      const button = element("button", "onemap-explain", "ⓘ");
      button.type = "button";
      button.title = "怎么算的";
      button.setAttribute("aria-label", `${title}怎么算的`);
      button.setAttribute("aria-expanded", String(explaining));
      button.onclick = () => {
        explaining = !explaining;
        if (explaining) explain();
        else { explained = null; part.draw(); }
      };
      return button;
    }

    function explanation() {
      const lines = [["算法", explained.formula], ["条件", explained.conditions.join("；")],
        ["行数", `${OneMap.count(explained.rows)} 件`], ["数据截至", OneMap.clock(explained.as_of)]];
      const list = element("dl", "onemap-explanation");
      for (const [name, text] of lines) list.append(element("dt", "", name), element("dd", "", text));
      return list;
    }

    function areaRows(answer) {
      const scheme = OneMap.scheme(answer.metric);
      const unit = LEVEL_UNITS[answer.level] || "";
      const counts = inFocus(answer);
      return entries().map(({ mark, label }) => {
        const areas = counts.get(mark) || 0;
        const row = element("div", "onemap-legend-row");
        const swatch = element("span", mark === "n" ? "onemap-swatch onemap-swatch-none" : "onemap-swatch");
        if (mark !== "n") swatch.style.background = OneMap.classFill(mark, scheme);
        row.append(swatch, element("span", "onemap-legend-label", label), element("span", "onemap-legend-count", `${OneMap.count(areas)} 个${unit}`));
        return row;
      });
    }

    /* Areas of each class among those in focus: what lies outside is no part of the picture. */
    function inFocus({ classes, level }) {
      const counts = new Map();
      for (let i = 0; i < classes.length; i += 1) {
        if (OneMap.inFocus(level, i)) counts.set(classes[i], (counts.get(classes[i]) || 0) + 1);
      }
      return counts;
    }

    function eventRows() {
      const rows = [], signs = element("div", "onemap-legend-signs");
      const closed = new URLSearchParams(OneMap.state.query).get("basis") === "closed";
      for (const [state, label] of closed ? SIGNS_OF_ENDED : SIGNS) {
        const sign = element("span", "onemap-legend-sign");
        const mark = element("b", "", OneMap.signs[state]);
        mark.style.color = OneMap.theme()[state];
        sign.append(mark, document.createTextNode(label));
        signs.append(sign);
      }
      rows.push(signs);
      if (OneMap.state.colorBy === "class") rows.push(classRow());
      const points = OneMap.part("points")?.answer;
      if (points) {
        const missing = points.unlocated ? `，另 ${OneMap.count(points.unlocated)} 件无坐标` : "";
        rows.push(element("div", "onemap-legend-total", `共 ${OneMap.count(points.total)} 件，视野内约 ${OneMap.count(points.shown)} 件${missing}`));
      }
      return rows;
    }

    /* Far away stations are dots, nearer they carry the character of their kind. */
    function stationRow() {
      const row = element("div", "onemap-legend-signs"), small = OneMap.map.getZoom() < OneMap.stationSignsFrom;
      for (const [state, label] of [["open", "站点，现在开门"], ["closed", "站点，未开门"], ["muted", "站点，开放时间未登记"]]) {
        const entry = element("span", "onemap-legend-sign");
        const sign = element("i", `onemap-station onemap-station-${state}${small ? " onemap-station-dot" : ""}`, small ? "" : "站");
        sign.style.setProperty("--station", OneMap.theme()[state]);
        entry.append(sign, document.createTextNode(label));
        row.append(entry);
      }
      return row;
    }

    function classRow() {
      const row = element("div", "onemap-legend-signs");
      for (const [code, label] of OneMap.state.classNames || []) {
        const entry = element("span", "onemap-legend-sign");
        const dot = element("i", "onemap-dot");
        dot.style.background = OneMap.classColor(code);
        entry.append(dot, document.createTextNode(label));
        row.append(entry);
      }
      return row;
    }

    function element(tag, className, text) {
      const made = document.createElement(tag);
      if (className) made.className = className;
      if (text !== undefined) made.textContent = text;
      return made;
    }
    return part;
  }

  OneMap.define("legend", legend);
})();
