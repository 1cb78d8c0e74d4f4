/* Names of the areas shown and of those above them, as many as fit without touching. */
(function () {
  "use strict";
  const SIZES = { district: 0, street: 15, community: 12.5, grid: 11 };
  const WEIGHTS = { street: 700, community: 500, grid: 400 };
  const STREET_UNTIL = 15;

  OneMap.label = (context, text, x, y, { px, weight = 500, color }) => {
    context.font = OneMap.font(px, weight);
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineWidth = 3;
    context.lineJoin = "round";
    context.strokeStyle = OneMap.theme().halo;
    context.strokeText(text, x, y);
    context.fillStyle = color;
    context.fillText(text, x, y);
  };

  function names() {
    const widths = new Map();
    const part = {};

    function widthOf(context, text, px, weight) {
      const key = `${px}${weight}${text}`;
      if (!widths.has(key)) {
        context.font = OneMap.font(px, weight);
        widths.set(key, context.measureText(text).width);
      }
      return widths.get(key);
    }

    part.draw = (context, view) => {
      const areas = OneMap.part("areas"), zoom = OneMap.map.getZoom();
      const level = areas?.shown?.level || "street";
      const order = OneMap.levels.slice(1, OneMap.levels.indexOf(level) + 1).filter((name) => name === level || zoom <= STREET_UNTIL);
      const taken = [];
      for (const name of order) {
        const px = name === level ? SIZES[name] : SIZES[name] - 0.5;
        const color = name === level ? OneMap.theme().text : OneMap.theme().muted;
        for (const label of areas?.names.get(name)?.values() || []) place(context, view, taken, label, { px, weight: WEIGHTS[name], color });
      }
    };

    function place(context, view, taken, label, style) {
      const at = OneMap.pixelOf(label.lon, label.lat);
      if (!label.name || !OneMap.inView(at, view)) return;
      const half = widthOf(context, label.name, style.px, style.weight) / 2 + 6, rise = style.px / 2 + 5;
      const box = [at.x - half, at.y - rise, at.x + half, at.y + rise];
      if (taken.some((other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1])) return;
      taken.push(box);
      OneMap.label(context, label.name, at.x, at.y, style);
    }
    return part;
  }

  OneMap.define("names", names);
})();
