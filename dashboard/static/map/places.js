/* Tile arithmetic, and GCJ-02: where the base map is shifted, everything drawn on it is shifted alike.
 *
 * `OneMap.places.shown(lon, lat)` is where a CGCS2000 position stands on the map; `true_` is the way back.
 * The formula is that of geo/gcj02.py, which describes it; both must give the same numbers.
 */
(function () {
  "use strict";
  const AXIS_M = 6378245.0, ECCENTRICITY_SQUARED = 0.006693421622965943, ROUNDS = 8;
  const MAX_LAT = 85.0511287798066;
  const places = (OneMap.places = { shifted: false });

  const waves = (value, terms) => terms.reduce((sum, [height, length]) => sum + height * Math.sin((value * Math.PI) / length), 0);

  places.toGcj02 = (lon, lat) => {
    const x = lon - 105, y = lat - 35;
    const ripple = 20 * Math.sin(6 * Math.PI * x) + 20 * Math.sin(2 * Math.PI * x);
    const root = Math.sqrt(Math.abs(x)), product = 0.1 * x * y;
    let north = -100 + 2 * x + 3 * y + 0.2 * y * y + product + 0.2 * root;
    north += ((ripple + waves(y, [[20, 1], [40, 3], [160, 12], [320, 30]])) * 2) / 3;
    let east = 300 + x + 2 * y + 0.1 * x * x + product + 0.1 * root;
    east += ((ripple + waves(x, [[20, 1], [40, 3], [150, 12], [300, 30]])) * 2) / 3;
    const angle = (lat * Math.PI) / 180;
    const bulge = 1 - ECCENTRICITY_SQUARED * Math.sin(angle) ** 2;
    const meridian = (AXIS_M * (1 - ECCENTRICITY_SQUARED)) / bulge ** 1.5;
    const parallel = (AXIS_M / Math.sqrt(bulge)) * Math.cos(angle);
    return [lon + ((east / parallel) * 180) / Math.PI, lat + ((north / meridian) * 180) / Math.PI];
  };

  places.fromGcj02 = (lon, lat) => {
    let guess = [lon, lat];
    for (let round = 0; round < ROUNDS; round += 1) {
      const there = places.toGcj02(guess[0], guess[1]);
      guess = [guess[0] + lon - there[0], guess[1] + lat - there[1]];
    }
    return guess;
  };

  places.shown = (lon, lat) => (places.shifted ? places.toGcj02(lon, lat) : [lon, lat]);
  places.true_ = (lon, lat) => (places.shifted ? places.fromGcj02(lon, lat) : [lon, lat]);
  places.latLng = (lon, lat) => { const [x, y] = places.shown(lon, lat); return L.latLng(y, x); };
  places.bounds = ([west, south, east, north]) => L.latLngBounds(places.latLng(west, south), places.latLng(east, north));

  /* Position on the unit square of Web Mercator, y downwards. */
  places.square = (lon, lat) => {
    const sine = Math.sin((Math.max(-MAX_LAT, Math.min(MAX_LAT, lat)) * Math.PI) / 180);
    return [(lon + 180) / 360, 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)];
  };
  places.degrees = (x, y) => [x * 360 - 180, (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI];

  /* Tile rectangle (inclusive) at the whole zoom below the map's that covers the view and a margin, in true positions:
   * clusters made for it never stand too close. */
  places.viewTiles = (map, marginPx = 64) => {
    const z = Math.max(0, Math.min(20, Math.floor(map.getZoom() + 0.01)));
    const size = map.getSize();
    const corners = [[-marginPx, -marginPx], [size.x + marginPx, size.y + marginPx], [-marginPx, size.y + marginPx], [size.x + marginPx, -marginPx]]
      .map((point) => map.containerPointToLatLng(point))
      .map((at) => places.square(...places.true_(at.lng, at.lat)));
    const side = 2 ** z;
    const tile = (value) => Math.max(0, Math.min(side - 1, Math.floor(value * side)));
    const xs = corners.map(([x]) => tile(x)), ys = corners.map(([, y]) => tile(y));
    return { z, x0: Math.min(...xs), y0: Math.min(...ys), x1: Math.max(...xs), y1: Math.max(...ys) };
  };
  places.covers = (outer, inner) => Boolean(outer) && outer.z === inner.z && outer.x0 <= inner.x0 && outer.y0 <= inner.y0
    && outer.x1 >= inner.x1 && outer.y1 >= inner.y1;
})();
