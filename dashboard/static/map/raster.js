/* Which area each pixel belongs to. A tile is rasterised once a level; a change of values then costs one look-up
 * a pixel, however many areas there are. No smoothing, since half an index has no meaning: the boundary lines,
 * which are drawn smoothly above, cover the steps.
 */
(function () {
  "use strict";

  /* Writes `i + 1` into `index` (size × size) for every area; 0 stays where there is none.
   * `place` maps tile units to pixels: x * scale + dx. */
  function fill(index, size, areas, place) {
    const crossings = [];
    for (let k = 0; k < areas.i.length; k += 1) {
      const first = areas.firstPoint[areas.firstRing[k]], last = areas.firstPoint[areas.firstRing[k + 1]];
      let top = Infinity, bottom = -Infinity;
      for (let p = first; p < last; p += 1) {
        const y = areas.xy[2 * p + 1];
        if (y < top) top = y;
        if (y > bottom) bottom = y;
      }
      const low = Math.max(0, Math.ceil(top * place.scale + place.dy - 0.5));
      const high = Math.min(size - 1, Math.ceil(bottom * place.scale + place.dy - 0.5) - 1);
      for (let row = low; row <= high; row += 1) {
        cross(areas, k, (row + 0.5 - place.dy) / place.scale, crossings);
        for (let c = 0; c + 1 < crossings.length; c += 2) {
          const from = Math.max(0, Math.ceil(crossings[c] * place.scale + place.dx - 0.5));
          const to = Math.min(size, Math.ceil(crossings[c + 1] * place.scale + place.dx - 0.5));
          if (to > from) index.fill(areas.i[k] + 1, row * size + from, row * size + to);
        }
      }
    }
  }

  /* Sorted x positions (tile units) at which the area's rings cross the horizontal line at `y`. */
  function cross(areas, k, y, crossings) {
    crossings.length = 0;
    for (let ring = areas.firstRing[k]; ring < areas.firstRing[k + 1]; ring += 1) {
      const first = areas.firstPoint[ring], last = areas.firstPoint[ring + 1];
      let before = last - 1;
      for (let p = first; p < last; p += 1) {
        const y0 = areas.xy[2 * before + 1], y1 = areas.xy[2 * p + 1];
        if (y0 <= y !== y1 <= y) {
          const x0 = areas.xy[2 * before], x1 = areas.xy[2 * p];
          crossings.push(x0 + ((y - y0) * (x1 - x0)) / (y1 - y0));
        }
        before = p;
      }
    }
    if (crossings.length > 1) crossings.sort((a, b) => a - b);
  }

  /* Adds the rings of the areas whose index `wanted(i)` accepts to the path of `context`. */
  function trace(context, areas, place, wanted) {
    for (let k = 0; k < areas.i.length; k += 1) {
      if (wanted && !wanted(areas.i[k])) continue;
      for (let ring = areas.firstRing[k]; ring < areas.firstRing[k + 1]; ring += 1) {
        const first = areas.firstPoint[ring], last = areas.firstPoint[ring + 1];
        for (let p = first; p < last; p += 1) {
          const x = areas.xy[2 * p] * place.scale + place.dx, y = areas.xy[2 * p + 1] * place.scale + place.dy;
          if (p === first) context.moveTo(x, y);
          else context.lineTo(x, y);
        }
        context.closePath();
      }
    }
  }

  OneMap.raster = { fill, trace };
})();
