/* Geometry of the divisions: vector tiles of one PMTiles archive, kept as flat arrays.
 *
 * A parsed tile is `{areas: {level: {i, firstRing, firstPoint, xy}}, labels: {level: [{i, name, x, y}]}}` in units
 * of 4096 to the tile's side; feature k has the rings firstRing[k] … firstRing[k + 1], ring r the points
 * firstPoint[r] … firstPoint[r + 1].
 */
(function () {
  "use strict";
  const EXTENT = 4096, KEPT_TILES = 160, LABEL = "_label", WHOLE = 0.002;

  class TileStore {
    constructor(url) {
      this.url = url;
      this.source = new protomapsL.PmtilesSource(url, false);
      this.tiles = new Map();
      this.zooms = this.source.p.getHeader().then((header) => [header.minZoom, header.maxZoom]);
    }

    /* Zoom of the data for a shown zoom: one level coarser (four display tiles a request), within what is baked. */
    dataZoom(zoom, [low, high]) { return Math.max(low, Math.min(high, Math.round(zoom) - 1)); }

    load(z, x, y) {
      const key = `${z}/${x}/${y}`;
      let tile = this.tiles.get(key);
      if (tile) this.tiles.delete(key);
      else tile = this.source.get({ z, x, y }, EXTENT).then((layers) => parse(layers, z, x, y));
      this.tiles.set(key, tile);
      tile.catch(() => this.tiles.delete(key));
      if (this.tiles.size > KEPT_TILES) this.tiles.delete(this.tiles.keys().next().value);
      return tile;
    }

    /* Data tiles behind a display tile, each with where it lies: `x * scale + dx` are display pixels of 256. */
    async cover({ z, x, y }) {
      const zooms = await this.zooms;
      const dataZ = Math.min(z, this.dataZoom(z, zooms));
      if (dataZ < zooms[0]) return [];
      const ratio = 2 ** (z - dataZ), [shiftX, shiftY] = shift(z, x, y);
      const west = (x - shiftX) / ratio, north = (y - shiftY) / ratio, side = 1 / ratio;
      const wanted = [];
      for (let tx = Math.floor(west + WHOLE); tx < west + side - WHOLE; tx += 1) {
        for (let ty = Math.floor(north + WHOLE); ty < north + side - WHOLE; ty += 1) wanted.push([tx, ty]);
      }
      return Promise.all(wanted.map(async ([tx, ty]) => ({
        tile: await this.load(dataZ, tx, ty),
        scale: (256 * ratio) / EXTENT, dx: (tx - west) * ratio * 256, dy: (ty - north) * ratio * 256, side: 256 * ratio,
      })));
    }
  }

  /* How far the base map's system moves the middle of a display tile, in tiles. Across a tile the shift changes
   * by less than a pixel, so that moving each tile as a whole is exact enough. */
  function shift(z, x, y) {
    if (!OneMap.places.shifted) return [0, 0];
    const side = 2 ** z;
    const middle = OneMap.places.degrees((x + 0.5) / side, (y + 0.5) / side);
    const there = OneMap.places.square(...OneMap.places.true_(...middle));
    return [(x + 0.5) - there[0] * side, (y + 0.5) - there[1] * side];
  }

  function parse(layers, z, x, y) {
    const tile = { areas: {}, labels: {} };
    for (const [name, features] of layers) {
      if (name.endsWith(LABEL)) tile.labels[name.slice(0, -LABEL.length)] = labels(features, z, x, y);
      else tile.areas[name] = flat(features);
    }
    return tile;
  }

  function flat(features) {
    let rings = 0, points = 0;
    for (const feature of features) for (const ring of feature.geom) { rings += 1; points += ring.length; }
    const areas = {
      i: new Int32Array(features.length), firstRing: new Int32Array(features.length + 1),
      firstPoint: new Int32Array(rings + 1), xy: new Float32Array(2 * points),
    };
    let ringAt = 0, pointAt = 0;
    features.forEach((feature, k) => {
      areas.i[k] = feature.props.i;
      for (const ring of feature.geom) {
        for (const point of ring) {
          areas.xy[2 * pointAt] = point.x;
          areas.xy[2 * pointAt + 1] = point.y;
          pointAt += 1;
        }
        ringAt += 1;
        areas.firstPoint[ringAt] = pointAt;
      }
      areas.firstRing[k + 1] = ringAt;
    });
    return areas;
  }

  function labels(features, z, x, y) {
    const side = 2 ** z, found = [];
    for (const feature of features) {
      const { x: px, y: py } = feature.geom[0][0];
      if (px < 0 || py < 0 || px >= EXTENT || py >= EXTENT) continue; // the neighbour's, repeated in the margin
      const [lon, lat] = OneMap.places.degrees((x + px / EXTENT) / side, (y + py / EXTENT) / side);
      found.push({ i: feature.props.i, name: String(feature.props.name || ""), lon, lat });
    }
    return found;
  }

  OneMap.TileStore = TileStore;
})();
