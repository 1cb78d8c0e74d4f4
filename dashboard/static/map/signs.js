/* The signs of events and clusters. Shape tells the same as colour, for those who cannot tell the colours. */
(function () {
  "use strict";
  const TURN = 2 * Math.PI, START = -Math.PI / 2;

  const MARKED = new Set(["suspended", "done", "done_late"]);

  const outlines = {
    overdue(c, x, y, r) { c.moveTo(x, y - r * 1.25); c.lineTo(x + r * 1.25, y); c.lineTo(x, y + r * 1.25); c.lineTo(x - r * 1.25, y); c.closePath(); },
    soon(c, x, y, r) { c.moveTo(x, y - r * 1.15); c.lineTo(x + r * 1.15, y + r * 0.9); c.lineTo(x - r * 1.15, y + r * 0.9); c.closePath(); },
    round(c, x, y, r) { c.arc(x, y, r, 0, TURN); },
  };

  /* One event: its state as a shape; filled with the state's colour, or with the class's where that is asked for. */
  function single(c, x, y, state, classCode) {
    const theme = OneMap.theme(), r = state === "overdue" || state === "soon" ? 8 : 6.5;
    const color = theme[state] || theme.in_time;
    c.beginPath();
    (outlines[state] || outlines.round)(c, x, y, r);
    c.lineWidth = 4;
    c.strokeStyle = theme.surface;
    c.stroke();
    c.fillStyle = OneMap.state.colorBy === "class" && classCode ? OneMap.classColor(classCode) : state === "no_limit" ? theme.surface : color;
    c.fill();
    c.lineWidth = 1.6;
    c.strokeStyle = state === "no_limit" ? color : theme.surface;
    c.stroke();
    if (MARKED.has(state)) mark(c, x, y, OneMap.signs[state], theme.surface);
  }

  function mark(c, x, y, sign, color) {
    c.font = OneMap.font(9, 700);
    c.textAlign = "center";
    c.textBaseline = "middle";
    c.fillStyle = color;
    c.fillText(sign, x, y + 0.5);
  }

  const short = (count) => (count < 10000 ? String(count) : `${(count / 10000).toFixed(1)}万`);

  /* Radius of a cluster, by the logarithm of its count. */
  const radius = (count) => Math.min(26, 11 + 3.2 * Math.log2(Math.max(2, count)) * 0.9);

  /* A cluster: count in the middle, a ring with the shares of overdue, soon and the rest, and a flag with the
   * number of overdue events, so that none of them hides in a calm-looking crowd. */
  function cluster(c, x, y, [, , count, overdue, soon, suspended, , , color, doneLate]) {
    const theme = OneMap.theme(), r = radius(count);
    c.beginPath();
    c.arc(x, y, r, 0, TURN);
    c.fillStyle = theme.surface;
    c.fill();
    let from = START;
    for (const [share, name] of shares(count, overdue + doneLate, soon, suspended, color)) {
      if (share <= 0) continue;
      const to = from + (TURN * share) / count;
      c.beginPath();
      c.arc(x, y, r - 2.5, from, to);
      c.lineWidth = 5;
      c.strokeStyle = theme[name];
      c.stroke();
      from = to;
    }
    c.beginPath();
    c.arc(x, y, r, 0, TURN);
    c.lineWidth = 1;
    c.strokeStyle = theme.lineStrong;
    c.stroke();
    c.fillStyle = theme.text;
    c.textAlign = "center";
    c.textBaseline = "middle";
    c.font = OneMap.font(count > 999 ? 11 : 12.5, 600);
    c.fillText(short(count), x, y + 0.5);
    if (doneLate) flag(c, x + r * 0.72, y - r * 0.78, `✗${short(doneLate)}`, theme.done_late);
    else if (overdue) flag(c, x + r * 0.72, y - r * 0.78, `◆${short(overdue)}`, theme.overdue);
    else if (soon) flag(c, x + r * 0.72, y - r * 0.78, `▲${short(soon)}`, theme.soon);
  }

  function shares(count, late, soon, suspended, color) {
    const rest = count - late - soon - suspended;
    return [[late, "overdue"], [soon, "soon"], [rest, color], [suspended, "suspended"]];
  }

  function flag(c, x, y, text, color) {
    c.font = OneMap.font(10.5, 700);
    const width = c.measureText(text).width + 8;
    c.beginPath();
    c.roundRect(x - width / 2, y - 7.5, width, 15, 7.5);
    c.fillStyle = color;
    c.fill();
    c.lineWidth = 1.2;
    c.strokeStyle = OneMap.theme().surface;
    c.stroke();
    c.fillStyle = OneMap.state.theme === "dark" ? "#0B1526" : "#FFFFFF";
    c.textAlign = "center";
    c.fillText(text, x, y + 0.5);
  }

  function ring(c, x, y, r) {
    c.beginPath();
    c.arc(x, y, r + 5, 0, TURN);
    c.lineWidth = 3.5;
    c.strokeStyle = OneMap.theme().accent;
    c.stroke();
  }

  OneMap.sign = { single, cluster, radius, ring };
})();
