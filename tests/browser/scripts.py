"""What the tests ask of a page in its own language."""

from __future__ import annotations

from typing import Final

VISIBLE_TEXTS: Final = """() => {
  // Of nodes that are laid out, visible and of a size to be read; then hints and names of controls.
  const out = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = node.textContent.trim(), element = node.parentElement;
    if (!text || !element || ["SCRIPT", "STYLE", "NOSCRIPT"].includes(element.tagName)) continue;
    if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    if (parseFloat(getComputedStyle(element).fontSize) < 1 || !element.getClientRects().length) continue;
    out.push(text);
  }
  const named = "[placeholder], [title], .stHtml [aria-label], .leaflet-container [aria-label]";
  for (const element of document.querySelectorAll(named)) {
    if (!element.checkVisibility()) continue;
    for (const name of ["placeholder", "title", "aria-label"])
      if (element.getAttribute(name)) out.push(element.getAttribute(name));
  }
  return out;
}"""

BARE_AREA: Final = """() => {
  // The pixel nearest to the middle with nothing but one area under it: no control, event, station or border.
  const size = OneMap.map.getSize(), points = OneMap.part("points"), stations = OneMap.part("stations");
  const areas = OneMap.part("areas"), found = [], around = [[-6, 0], [6, 0], [0, -6], [0, 6]];
  for (let y = 20; y < size.y - 20; y += 8) for (let x = 20; x < size.x - 20; x += 8) {
    const at = L.point(x, y), area = areas.at(at);
    if (!area || points.at(at, 16) || stations.at(at, 16)) continue;
    if (document.elementFromPoint(x, y)?.closest(".leaflet-control")) continue;
    if (around.some(([dx, dy]) => areas.at(L.point(x + dx, y + dy))?.i !== area.i)) continue;
    found.push({ x, y, name: area.name, away: Math.hypot(x - size.x / 2, y - size.y / 2) });
  }
  return found.sort((a, b) => a.away - b.away)[0] || null;
}"""

SINGLE_EVENT: Final = """() => {
  // An event that stands alone, well inside the view and not under a control.
  const size = OneMap.map.getSize(), points = OneMap.part("points");
  for (const cluster of points.answer.clusters) {
    const at = OneMap.pixelOf(cluster[0], cluster[1]);
    if (cluster[2] !== 1 || at.x < 60 || at.y < 60 || at.x > size.x - 60 || at.y > size.y - 60) continue;
    if (document.elementFromPoint(at.x, at.y)?.closest(".leaflet-control")) continue;
    if (points.at(L.point(at.x, at.y), 12) === cluster) return { x: at.x, y: at.y, id: cluster[6] };
  }
  return null;
}"""

FOCUS_IN_VIEW: Final = """() => {
  // Pixels between the area in focus and the nearest edge of the view, and the share of the view it takes.
  const [west, south, east, north] = OneMap.state.focus.bounds, size = OneMap.map.getSize();
  const a = OneMap.pixelOf(west, north), b = OneMap.pixelOf(east, south);
  const inside = Math.min(a.x, a.y, size.x - b.x, size.y - b.y);
  return [inside, Math.max((b.x - a.x) / size.x, (b.y - a.y) / size.y)];
}"""

PIXEL_AND_SIZE: Final = """([lon, lat]) => {
  const at = OneMap.pixelOf(lon, lat), size = OneMap.map.getSize();
  return [at.x, at.y, size.x, size.y];
}"""

OVERLAPS: Final = """(selector) => {
  // Pairs of them that lie on one another.
  const seen = [...document.querySelectorAll(selector)].filter((element) => element.checkVisibility());
  const boxes = seen.map((element) => [element.innerText || element.id, element.getBoundingClientRect()]);
  const on = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
  return boxes.flatMap(([name, box], i) =>
    boxes.slice(i + 1).filter(([, other]) => on(box, other)).map(([other]) => [name, other]));
}"""

CUT_TEXTS: Final = """(selector) => {
  // Texts that do not fit their box, and short ones that are broken over lines.
  const whole = ".om-kpi-value b, .om-brand, .om-nav a, .om-tab, .om-button, .om-people td";
  const cut = (element) => {
    const style = getComputedStyle(element);
    return (element.scrollWidth > element.clientWidth + 1 && style.overflowX !== "visible")
      || (element.scrollHeight > element.clientHeight + 2 && style.overflowY === "hidden")
      || (element.matches(whole) && broken(element));
  };
  const broken = (element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    const boxes = [...range.getClientRects()].filter((box) => box.width > 1);
    const middles = boxes.map((box) => box.top + box.height / 2);
    return Math.max(...middles) - Math.min(...middles) > 12;
  };
  return [...document.querySelectorAll(selector)]
    .filter((element) => element.checkVisibility() && element.innerText.trim() && cut(element))
    .map((element) => `${element.className}: ${element.innerText.trim().slice(0, 40)}`);
}"""

BEYOND_THE_EDGE: Final = """() => {
  // Panels that reach out of the screen; the row of figures may scroll sideways.
  const named = ".om-kpis, .om-panel, .om-head, .om-clock, .om-filter, .om-tab";
  return [...document.querySelectorAll(named)]
    .filter((element) => element.checkVisibility() && !element.closest(".om-x"))
    .filter((element) => {
      const box = element.getBoundingClientRect();
      const frame = element.matches(".om-tab") ? element.closest(".om-panel")?.getBoundingClientRect() : null;
      return box.left < -1 || box.right > (frame ? frame.right : innerWidth) + 1;
    }).map((element) => `${element.className}: ${element.innerText.trim().slice(0, 20)}`);
}"""

DRAWN_COLORS: Final = """() => {
  const seen = new Set();
  for (const canvas of document.querySelectorAll("canvas")) {
    if (!canvas.width || !canvas.height) continue;
    const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    const pixels = new Uint32Array(data.buffer);
    for (let k = 0; k < pixels.length; k += 7) seen.add(pixels[k]);
  }
  return seen.size;
}"""

# Whether what the map shows is no newer than what its page has told it.
SAME_REVISION: Final = """() => [OneMap.part("points")?.answer, OneMap.part("areas")?.shown]
  .every((answer) => !answer || answer.revision <= OneMap.state.revision)"""

# Controls lower than a finger needs, of those that a selector names.
LOW_TARGETS: Final = """([selector, least]) => [...document.querySelectorAll(selector)]
  .map((one) => [one, one.getBoundingClientRect().height])
  .filter(([one, height]) => one.checkVisibility() && height < least - 0.5)
  .map(([one, height]) => `${one.className || one.tagName}: ${one.innerText.slice(0, 20)} ${height}`)"""

FAINT_TEXTS: Final = """(selector) => {
  // Texts with a contrast below 4.5 : 1 to what is painted under them.
  const parts = (text) => (text.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number);
  const linear = (v) => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => .2126 * linear(r / 255) + .7152 * linear(g / 255) + .0722 * linear(b / 255);
  const ground = (element) => {
    if (!element) return [255, 255, 255];
    const [r, g, b, a = 1] = parts(getComputedStyle(element).backgroundColor);
    const below = a < 1 ? ground(element.parentElement) : [0, 0, 0];
    return [r, g, b].map((v, i) => v * a + below[i] * (1 - a));
  };
  const contrast = (element) => {
    const both = [light(parts(getComputedStyle(element).color)), light(ground(element))];
    return (Math.max(...both) + .05) / (Math.min(...both) + .05);
  };
  return [...document.querySelectorAll(selector)]
    .filter((element) => element.checkVisibility() && element.innerText.trim())
    .map((element) => [element, contrast(element)])
    .filter(([, found]) => found < 4.5)
    .map(([element, found]) => `${element.className}: ${element.innerText.slice(0, 20)} ${found.toFixed(2)}`);
}"""
