/* Service stations: one character for the kind on a rounded square, full when open now, hollow when closed, dashed
 * where the hours are not registered.
 * From farther away, where characters could not be read, a small dot, and none beneath a cluster of events. */
(function () {
  "use strict";
  const SIGNS_FROM = (OneMap.stationSignsFrom = 13.5), NAMED_FROM = 15, SIDE = 20, DOT_RADIUS = 2.6;
  const SQUARE_DASH = [3, 2.5], DOT_DASH = [2, 2]; // 未登记

  function stations() {
    const channel = OneMap.channel("stations");
    const part = { list: [] };
    let wanted = "";

    part.onState = (state, changed) => {
      if (["query", "at", "revision", "layers", "stationKinds"].some((key) => changed.has(key))) part.refresh();
    };

    /* Stations do not depend on the events' filter except for its areas. */
    part.refresh = async () => {
      if (!OneMap.shows("stations")) { channel.cancel(); return; }
      const params = new URLSearchParams();
      const area = new URLSearchParams(OneMap.state.query).get("area");
      if (area) params.set("area", area);
      if (OneMap.state.stationKinds?.length) params.set("kind", OneMap.state.stationKinds.join(","));
      if (OneMap.state.at) params.set("at", OneMap.state.at);
      const url = `${OneMap.config.root}/stations?${params}`;
      if (url + OneMap.state.revision === wanted) return;
      const answer = await channel.get(url);
      if (!answer) return;
      wanted = url + OneMap.state.revision;
      part.list = answer.stations;
      OneMap.part("overlay").redraw();
    };

    part.draw = (context, view) => {
      const zoom = OneMap.map.getZoom();
      const taken = zoom < SIGNS_FROM ? OneMap.part("points")?.boxes() || [] : [];
      const covered = ({ x, y }) => taken.some((box) => x > box[0] && x < box[2] && y > box[1] && y < box[3]);
      const selected = OneMap.state.selection?.kind === "station" ? Number(OneMap.state.selection.key) : 0;
      for (const [id, lon, lat, kind, open, name] of part.list) {
        const at = OneMap.pixelOf(lon, lat);
        if (!OneMap.inView(at, view)) continue;
        if (id === selected) OneMap.sign.ring(context, at.x, at.y, 10);
        const glyph = OneMap.config.stationGlyphs?.[kind] || "站";
        if (zoom < SIGNS_FROM && id !== selected) { if (!covered(at)) dot(context, at, open); }
        else square(context, at, SIDE, open, glyph);
        if (zoom >= NAMED_FROM) OneMap.label(context, name, at.x, at.y + SIDE / 2 + 9, { px: 11.5, color: OneMap.theme().text });
      }
    };

    function dot(context, at, open) {
      const theme = OneMap.theme();
      context.beginPath();
      context.arc(at.x, at.y, DOT_RADIUS, 0, 2 * Math.PI);
      context.lineWidth = 3;
      context.strokeStyle = theme.surface;
      context.stroke();
      context.fillStyle = open ? theme.open : theme.surface;
      context.fill();
      context.lineWidth = 1.4;
      context.strokeStyle = lineOf(theme, open);
      if (open === null) context.setLineDash(DOT_DASH);
      context.stroke();
      context.setLineDash([]);
    }

    const lineOf = (theme, open) => (open ? theme.open : open === null ? theme.muted : theme.closed);

    function square(context, at, side, open, glyph) {
      const theme = OneMap.theme(), half = side / 2, color = lineOf(theme, open);
      context.beginPath();
      context.roundRect(at.x - half, at.y - half, side, side, side / 4);
      context.lineWidth = 3.5;
      context.strokeStyle = theme.surface;
      context.stroke();
      context.fillStyle = open ? color : theme.surface;
      context.fill();
      context.lineWidth = 1.5;
      context.strokeStyle = color;
      if (open === null) context.setLineDash(SQUARE_DASH);
      context.stroke();
      context.setLineDash([]);
      if (!glyph) return;
      context.font = OneMap.font(12, 600);
      context.textAlign = "center";
      context.textBaseline = "middle";
      context.fillStyle = open ? theme.surface : color;
      context.fillText(glyph, at.x, at.y + 0.5);
    }

    part.at = (point, tolerance) => {
      if (!OneMap.shows("stations")) return null;
      let best = null, nearest = tolerance;
      for (const station of part.list) {
        const distance = OneMap.pixelOf(station[1], station[2]).distanceTo(point);
        if (distance <= nearest) { best = station; nearest = distance; }
      }
      return best;
    };
    part.debug = () => ({ count: part.list.length });
    return part;
  }

  OneMap.define("stations", stations);
})();
