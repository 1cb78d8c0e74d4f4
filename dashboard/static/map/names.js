/* Names of the areas shown and of those above them, as many as fit without touching. Where there are only a few,
 * none is left out: a name that finds no free place stands with its halo where it covers the events least. */
(function () {
  "use strict";
  const SIZES = { district: 0, street: 15, community: 12.5, grid: 11 };
  const WEIGHTS = { street: 700, community: 500, grid: 400 };
  const STREET_UNTIL = 15;
  const TRIES = { street: 11, community: 7, grid: 1 };
  const FEW = 30, GRIDS_FROM = 13.5;
  const MOST = 1500; // more names of one level than this cannot be read: none is drawn
  const MOVED_PX = [0, -14, 14, -24, 24, -32, 32, -40, 40, -50, 50]; // how far a name may move to find room beside the events
  const ASIDE = [-44, 44, -28, 28].flatMap((aside) => MOVED_PX.slice(0, 7).map((offset) => [aside, offset]));

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
      const events = OneMap.part("points")?.boxes() || [], taken = [];
      const frame = OneMap.squareToPixels();
      for (const name of order) {
        if (name === "grid" && zoom < GRIDS_FROM) continue; // a number alone says nothing from afar
        const px = name === level ? SIZES[name] : SIZES[name] - 0.5;
        const color = name === level ? OneMap.theme().text : OneMap.theme().muted;
        const tries = MOVED_PX.slice(0, TRIES[name]).map((offset) => [0, offset]);
        const seen = inFrame(name, areas?.names.get(name), frame, view);
        if (seen.length > MOST) continue;
        for (const label of seen) {
          place(context, { events, taken, tries, always: seen.length <= FEW && name === level }, label, { px, weight: WEIGHTS[name], color });
        }
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

    const overlap = (a, b) => Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0])) * Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));

    function place(context, { events, taken, tries, always }, { x, y, name }, style) {
      const half = widthOf(context, name, style.px, style.weight) / 2 + 4, rise = style.px / 2 + 3;
      let best = null, least = Infinity;
      for (const [aside, offset] of always ? [...tries, ...ASIDE] : tries) {
        const box = [x + aside - half, y + offset - rise, x + aside + half, y + offset + rise];
        if (taken.some((other) => overlap(box, other))) continue;
        const covered = events.reduce((sum, other) => sum + overlap(box, other), 0);
        if (covered < least) { best = box; least = covered; }
        if (!covered) break;
      }
      if (!best || (least && !always)) return;
      taken.push(best);
      OneMap.label(context, name, (best[0] + best[2]) / 2, (best[1] + best[3]) / 2, style);
    }
    return part;
  }

  OneMap.define("names", names);
})();
