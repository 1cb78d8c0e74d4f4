/* Colours and signs, the same as everywhere in the product. The sequential ramp is ColorBrewer Blues (turned
 * round for the dark theme), the diverging one PuOr; classes "0", "1" … "5" and "n" (no data, hatched).
 */
(function () {
  "use strict";
  const FONT = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';
  const LIGHT = {
    paper: "#F4F6FA", surface: "#FFFFFF", text: "#172033", muted: "#55617A", accent: "#1F5FBF", halo: "rgba(255,255,255,0.92)",
    overdue: "#C2281D", soon: "#9A5B00", in_time: "#2563C9", no_limit: "#55617A", suspended: "#6B7280", done: "#1B7A4B", done_late: "#C2281D",
    line: "rgba(35,64,110,0.30)", lineStrong: "rgba(25,48,92,0.62)", outline: "#16294D", hatch: "#B4BDCC",
    zero: "#FBFCFE", sequential: ["#E3EDF8", "#BDD7E7", "#6BAED6", "#3182BD", "#08519C"],
    diverging: ["#5E3C99", "#B2ABD2", "#F7F7F7", "#FDB863", "#E66101"],
    open: "#0B7285", closed: "#8A93A5",
  };
  const DARK = {
    paper: "#0B1526", surface: "#13213A", text: "#E8EEF9", muted: "#9FB0CC", accent: "#6BA6FF", halo: "rgba(8,16,30,0.92)",
    overdue: "#FF7468", soon: "#FFC04D", in_time: "#6BA6FF", no_limit: "#9FB0CC", suspended: "#9CA6B8", done: "#4FD39A", done_late: "#FF7468",
    line: "rgba(160,190,235,0.22)", lineStrong: "rgba(180,206,245,0.55)", outline: "#C4D8F7", hatch: "#3A4A66",
    zero: "#101D33", sequential: ["#17304F", "#1E4A78", "#2A6CA8", "#4E97D1", "#9CCBF2"],
    diverging: ["#A58CE0", "#5F5490", "#22304A", "#A06A2A", "#F59A3C"],
    open: "#43C6D9", closed: "#7C889E",
  };
  /* Fill colours of the large event classes (01 … 06 and beyond), told apart by colour-blind people. */
  const CLASSES = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#B58900", "#56B4E9", "#7F4FC9", "#6B7280"];
  const SIGNS = { overdue: "◆", soon: "▲", in_time: "●", no_limit: "○", suspended: "‖", done: "✓", done_late: "✗" };

  OneMap.font = (px, weight = 400) => `${weight} ${px}px ${FONT}`;
  OneMap.theme = () => (OneMap.state.theme === "dark" ? DARK : LIGHT);
  OneMap.signs = SIGNS;
  OneMap.classColor = (code) => CLASSES[Math.max(0, (Number(String(code).slice(0, 2)) || CLASSES.length) - 1) % CLASSES.length];
  OneMap.ramp = (scheme) => OneMap.theme()[scheme === "diverging" ? "diverging" : "sequential"];

  OneMap.scheme = (metric) => (OneMap.config.metrics || []).find((known) => known.key === metric)?.scheme || "sequential";
  OneMap.classFill = (mark, scheme) => (mark === "0" ? OneMap.theme().zero : OneMap.ramp(scheme)[Number(mark) - 1]);

  /* #RRGGBB as a pixel of little-endian image data. */
  OneMap.pixel = (color, alpha = 1) => {
    const rgb = parseInt(color.slice(1), 16);
    return ((Math.round(alpha * 255) << 24) | ((rgb & 255) << 16) | (rgb & 0xff00) | (rgb >> 16)) >>> 0;
  };
})();
