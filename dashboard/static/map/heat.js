/* Heat: where events gather, whatever the areas. Weights are added up on a small canvas and coloured by a ramp. */
(function () {
  "use strict";
  const COARSE = 4, RADIUS_PX = 30;
  const RAMP = [[0, 255, 255, 204, 0], [0.12, 254, 217, 118, 90], [0.4, 253, 141, 60, 165], [0.7, 227, 26, 28, 195], [1, 128, 0, 38, 215]];

  function heat() {
    const part = OneMap.viewPart("heat", 128);

    part.draw = (context, view) => {
      if (!part.answer?.cells.length) return;
      const width = Math.ceil((view.east - view.west) / COARSE), height = Math.ceil((view.south - view.north) / COARSE);
      const weights = spread(view, width, height);
      const canvas = Object.assign(document.createElement("canvas"), { width, height });
      const small = canvas.getContext("2d"), image = small.createImageData(width, height);
      const pixels = new Uint32Array(image.data.buffer);
      const top = peak(weights);
      for (let p = 0; p < pixels.length; p += 1) if (weights[p] > 0) pixels[p] = ramp[Math.min(255, Math.round((weights[p] / top) * 255))];
      small.putImageData(image, 0, 0);
      context.imageSmoothingEnabled = true;
      context.drawImage(canvas, view.west, view.north, width * COARSE, height * COARSE);
    };

    function spread(view, width, height) {
      const weights = new Float32Array(width * height), reach = Math.ceil(RADIUS_PX / COARSE);
      for (const [lon, lat, weight] of part.answer.cells) {
        const at = OneMap.pixelOf(lon, lat);
        const cx = (at.x - view.west) / COARSE, cy = (at.y - view.north) / COARSE;
        for (let y = Math.max(0, Math.floor(cy - reach)); y <= Math.min(height - 1, cy + reach); y += 1) {
          for (let x = Math.max(0, Math.floor(cx - reach)); x <= Math.min(width - 1, cx + reach); x += 1) {
            const near = 1 - ((x - cx) ** 2 + (y - cy) ** 2) / (reach * reach);
            if (near > 0) weights[y * width + x] += weight * near * near;
          }
        }
      }
      return weights;
    }

    /* The hottest place fills the ramp, but a single event never glows: below four the ramp is not used up. */
    const peak = (weights) => weights.reduce((most, value) => Math.max(most, value), 4);

    part.debug = () => ({ cells: part.answer?.cells.length });
    return part;
  }

  const ramp = new Uint32Array(256).map((_, k) => {
    const value = k / 255;
    const at = Math.max(1, RAMP.findIndex(([stop]) => stop >= value));
    const [low, high] = [RAMP[at - 1], RAMP[at]];
    const share = (value - low[0]) / (high[0] - low[0]);
    const [r, g, b, a] = [1, 2, 3, 4].map((c) => Math.round(low[c] + share * (high[c] - low[c])));
    return ((a << 24) | (b << 16) | (g << 8) | r) >>> 0;
  });

  OneMap.define("heat", heat);
})();
