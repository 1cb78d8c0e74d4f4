/* Names of the areas shown and of those above them, as many as fit without touching. */
(function () {
  "use strict";
  const SIZES = { district: 0, street: 15, community: 12.5, grid: 11 };
  const WEIGHTS = { street: 700, community: 500, grid: 400 };
  const STREET_UNTIL = 15;
  const TRIES = { street: 9, community: 5, grid: 1 };
  const MOST = 1500; // more names of one level than this cannot be read: none is drawn
  const MOVED_PX = [0, -14, 14, -26, 26, -38, 38, -50, 50]; // how far a name may move to find room beside the events

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
      const taken = OneMap.part("points")?.boxes() || [];
      const frame = OneMap.squareToPixels();
      for (const name of order) {
        const px = name === level ? SIZES[name] : SIZES[name] - 0.5;
        const color = name === level ? OneMap.theme().text : OneMap.theme().muted;
        const tries = MOVED_PX.slice(0, TRIES[name]);
        const seen = inFrame(name, areas?.names.get(name), frame, view);
        if (seen.length > MOST) continue;
        for (const label of seen) place(context, taken, tries, label, { px, weight: WEIGHTS[name], color });
      }
    };

    function inFrame(level, labels, frame, view) {
      const seen = [];
      for (const [i, { name, x, y }] of labels || []) {
        const at = { x: x * frame.side - frame.west, y: y * frame.side - frame.north, name };
        if (name && OneMap.inView(at, view) && OneMap.inFocus(level, i)) seen.push(at);
      }
      return seen;
    }

    function place(context, taken, tries, { x, y, name }, style) {
      const half = widthOf(context, name, style.px, style.weight) / 2 + 4, rise = style.px / 2 + 3;
      const free = tries.map((offset) => [x - half, y + offset - rise, x + half, y + offset + rise])
        .find((box) => !taken.some((other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1]));
      if (!free) return;
      taken.push(free);
      OneMap.label(context, name, x, (free[1] + free[3]) / 2, style);
    }
    return part;
  }

  OneMap.define("names", names);
})();
