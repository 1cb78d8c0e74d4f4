/* Divisions: areas coloured by the class of their value, with the outlines of every level above them.
 *
 * What is shown (`shown`) stays on the canvas until the next values have arrived; then every tile repaints in
 * place in one go. A level follows the zoom unless it is pinned.
 */
(function () {
  "use strict";
  const LEVELS = ["district", "street", "community", "grid"];
  const WIDTHS = { district: 3, street: 1.8, community: 1.1, grid: 0.6 };
  const KEPT_VALUES = 12, FINEST_LINE_PX = 4, DIMMED = 0.28, ON_BASEMAP = 0.62;

  /* The level shown: the pinned one; else that of the zoom, but at least the parts of the area in focus. */
  OneMap.levelAt = (state, zoom) => {
    if (state.level && state.level !== "auto") return state.level;
    const from = state.tiles?.levelZooms || {};
    const known = LEVELS.slice(1).filter((level) => from[level] !== undefined);
    const byZoom = known.findLast((level) => zoom >= from[level]) || "street";
    const below = LEVELS[LEVELS.indexOf(state.focus?.level) + 1];
    return state.focus && known.includes(below) && LEVELS.indexOf(below) > LEVELS.indexOf(byZoom) ? below : byZoom;
  };
  OneMap.levels = LEVELS;

  const Grid = L.GridLayer.extend({
    initialize(part) {
      L.GridLayer.prototype.initialize.call(this, { tileSize: 256, keepBuffer: 2, maxZoom: 22, pane: "onemap-areas", updateWhenZooming: false });
      this.part = part;
    },
    createTile(coords, done) {
      const canvas = L.DomUtil.create("canvas", "onemap-tile");
      const ratio = Math.min(2, window.devicePixelRatio || 1);
      const tile = { canvas, coords, size: Math.round(256 * ratio), ratio, pieces: [], index: null, level: "" };
      canvas.width = canvas.height = tile.size;
      canvas.onemap = tile;
      OneMap.work.begin("tiles");
      this.part.store.cover(coords)
        .then((pieces) => { tile.pieces = pieces; this.part.paint(tile); this.part.learn(pieces); done(null, canvas); })
        .catch((error) => { OneMap.part("status")?.failed("tiles", "", () => this.redraw()); done(error, canvas); })
        .finally(() => OneMap.work.end("tiles"));
      return canvas;
    },
  });

  function areas() {
    const channel = OneMap.channel("areas");
    const kept = new Map();
    const part = { store: null, names: new Map(), shown: null };
    let layer = null, repaints = 0, paintMs = 0;

    part.onState = (state, changed) => {
      if (changed.has("tiles")) rebuild(state);
      if (changed.has("query") || changed.has("at") || changed.has("revision") || changed.has("metric")) kept.clear();
      if (["query", "at", "revision", "metric", "level", "tiles", "layers", "focus"].some((key) => changed.has(key))) refresh();
      if (["theme", "focus", "selection", "layers"].some((key) => changed.has(key))) repaint();
    };
    part.refresh = () => { kept.clear(); refresh(); };

    function rebuild(state) {
      layer?.remove();
      layer = null;
      part.names.clear();
      if (!state.tiles?.name) return;
      part.store = new OneMap.TileStore(`${location.origin}${OneMap.config.root}/tiles/${state.tiles.name}.pmtiles`);
      layer = new Grid(part).addTo(OneMap.map);
    }

    async function refresh() {
      const state = OneMap.state;
      if (!layer) return;
      if (!OneMap.shows("areas")) { channel.cancel(); return; }
      const level = OneMap.levelAt(state, OneMap.map.getZoom());
      const known = kept.get(level);
      if (known) { channel.cancel(); show(known); return; }
      const metric = state.metric;
      const answer = await channel.get(OneMap.url("values", { level, metric }));
      if (!answer) return;
      kept.set(level, answer);
      if (kept.size > KEPT_VALUES) kept.delete(kept.keys().next().value);
      show(answer);
    }

    function show(answer) {
      if (part.shown === answer) return;
      part.shown = answer;
      repaint();
      OneMap.part("legend")?.draw();
      OneMap.part("overlay")?.redraw();
    }

    const repaint = OneMap.work.inFrame("repaint", () => {
      const began = performance.now();
      lut = null;
      for (const { el } of Object.values(layer?._tiles || {})) if (el.onemap?.pieces.length) part.paint(el.onemap);
      repaints += 1;
      paintMs = performance.now() - began;
    });
    part.repaint = repaint;

    let lut = null;
    function lookUp() {
      if (lut) return lut;
      const { classes, level, metric } = part.shown, scheme = OneMap.scheme(metric), theme = OneMap.theme();
      const alpha = OneMap.part("basemap")?.present() ? ON_BASEMAP : 1;
      const colors = new Uint32Array(classes.length + 1), hatched = new Uint8Array(classes.length + 1);
      const pixels = {};
      for (let i = 0; i < classes.length; i += 1) {
        const mark = classes[i];
        const inside = OneMap.inFocus(level, i);
        const key = mark + inside;
        pixels[key] ??= OneMap.pixel(mark === "n" ? theme.hatch : OneMap.classFill(mark, scheme), alpha * (inside ? 1 : DIMMED));
        colors[i + 1] = pixels[key];
        hatched[i + 1] = mark === "n" ? 1 : 0;
      }
      return (lut = { colors, hatched, any: classes.includes("n") });
    }

    part.paint = (tile) => {
      const context = tile.canvas.getContext("2d");
      context.setTransform(1, 0, 0, 1, 0, 0);
      if (!part.shown || !OneMap.shows("areas")) {
        context.clearRect(0, 0, tile.size, tile.size);
      } else {
        if (tile.level !== part.shown.level) index(tile, part.shown.level);
        colour(tile, context);
      }
      lines(tile, context);
      highlight(tile, context);
    };

    function index(tile, level) {
      const Index = part.shown.count < 65535 ? Uint16Array : Uint32Array;
      if (tile.index instanceof Index) tile.index.fill(0);
      else tile.index = new Index(tile.size * tile.size);
      for (const piece of tile.pieces) {
        if (piece.tile.areas[level]) OneMap.raster.fill(tile.index, tile.size, piece.tile.areas[level], scaled(piece, tile.ratio));
      }
      tile.level = level;
    }

    function colour(tile, context) {
      const { colors, hatched, any } = lookUp();
      const image = context.createImageData(tile.size, tile.size);
      const pixels = new Uint32Array(image.data.buffer);
      const source = tile.index;
      if (!any) for (let p = 0; p < pixels.length; p += 1) pixels[p] = colors[source[p]];
      else {
        for (let p = 0; p < pixels.length; p += 1) {
          const at = source[p];
          if (!hatched[at] || ((p % tile.size) + Math.floor(p / tile.size)) % 8 < 2) pixels[p] = colors[at];
        }
      }
      context.putImageData(image, 0, 0);
    }

    /* Outlines change with level and theme only: they are drawn once and laid over the colours. */
    function lines(tile, context) {
      const level = part.shown?.level || "street";
      const look = `${level}/${OneMap.state.theme}/${OneMap.shows("areas")}`;
      if (tile.look !== look) {
        tile.lines ??= Object.assign(document.createElement("canvas"), { width: tile.size, height: tile.size });
        drawLines(tile, tile.lines.getContext("2d"), level);
        tile.look = look;
      }
      context.drawImage(tile.lines, 0, 0);
    }

    function drawLines(tile, context, level) {
      const theme = OneMap.theme();
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, tile.size, tile.size);
      const depth = OneMap.shows("areas") ? LEVELS.indexOf(level) : 0;
      for (let at = depth; at >= 0; at -= 1) {
        const name = LEVELS[at];
        const faint = name === level && name !== "district" ? density(tile, name) : 1;
        if (faint <= 0) continue;
        stroke(tile, context, name, null, name === "district" ? theme.outline : at === depth ? theme.line : theme.lineStrong, WIDTHS[name], faint);
      }
    }

    /* Fine lines fade where areas are only a few pixels wide: they would cover the colours. */
    function density(tile, name) {
      let count = 0, side = 256;
      for (const piece of tile.pieces) { count += piece.tile.areas[name]?.i.length || 0; side = piece.side; }
      if (!count) return 1;
      return Math.min(1, Math.sqrt((side * side) / count) / FINEST_LINE_PX / 2 - 0.5);
    }

    function highlight(tile, context) {
      const theme = OneMap.theme(), { focus, selection } = OneMap.state;
      if (focus?.level && focus.ranges?.[focus.level]) {
        stroke(tile, context, focus.level, (i) => OneMap.inFocus(focus.level, i), theme.outline, 3);
      }
      if (selection?.level !== undefined && selection?.i !== undefined) {
        const wanted = (i) => i === selection.i;
        stroke(tile, context, selection.level, wanted, theme.surface, 6);
        stroke(tile, context, selection.level, wanted, theme.accent, 3.5);
      }
    }

    function stroke(tile, context, name, wanted, color, width, alpha = 1) {
      for (const piece of tile.pieces) {
        const found = piece.tile.areas[name];
        if (!found) continue;
        const place = scaled(piece, tile.ratio);
        context.save();
        context.beginPath();
        context.rect(place.dx, place.dy, place.side, place.side);
        context.clip();
        context.beginPath();
        OneMap.raster.trace(context, found, place, wanted);
        Object.assign(context, { strokeStyle: color, lineWidth: width * tile.ratio, lineJoin: "round", globalAlpha: alpha });
        context.stroke();
        context.restore();
      }
    }

    const scaled = (piece, ratio) => ({ scale: piece.scale * ratio, dx: piece.dx * ratio, dy: piece.dy * ratio, side: piece.side * ratio });

    part.learn = (pieces) => {
      for (const { tile } of pieces) {
        for (const [level, labels] of Object.entries(tile.labels)) {
          if (!part.names.has(level)) part.names.set(level, new Map());
          const known = part.names.get(level);
          for (const label of labels) {
            if (known.has(label.i)) continue;
            const [x, y] = OneMap.places.square(...OneMap.places.shown(label.lon, label.lat));
            known.set(label.i, { name: label.name, x, y });
          }
        }
      }
      OneMap.part("overlay")?.redraw();
    };

    /* The area at a point of the container: `{i, level, name, mark}`, or null. */
    part.at = (point) => {
      if (!part.shown || !layer || !OneMap.shows("areas")) return null;
      const place = OneMap.map.project(OneMap.map.containerPointToLatLng(point), layer._tileZoom);
      const key = `${Math.floor(place.x / 256)}:${Math.floor(place.y / 256)}:${layer._tileZoom}`;
      const tile = layer._tiles[key]?.el.onemap;
      if (!tile?.index) return null;
      const column = Math.floor((place.x % 256) * tile.ratio), row = Math.floor((place.y % 256) * tile.ratio);
      const i = tile.index[row * tile.size + column] - 1;
      if (i < 0) return null;
      const level = part.shown.level;
      return { i, level, name: part.names.get(level)?.get(i)?.name || "", mark: part.shown.classes[i] };
    };

    part.debug = () => ({
      level: part.shown?.level, metric: part.shown?.metric, count: part.shown?.count, revision: part.shown?.revision,
      asOf: part.shown?.as_of, perClass: part.shown?.areas_per_class, tiles: Object.keys(layer?._tiles || {}).length, repaints, paintMs,
    });

    OneMap.map.createPane("onemap-areas").style.zIndex = 250;
    OneMap.map.on("zoomend", refresh);
    return part;
  }

  OneMap.define("areas", areas);
})();
