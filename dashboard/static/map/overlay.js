/* One canvas above the areas on which heat, stations, events and names are drawn, in this order.
 * It is redrawn while the map moves, stretched while it zooms, and never needs an element a point.
 */
(function () {
  "use strict";
  const ORDER = ["heat", "stations", "points", "names"];
  const PADDING_PX = 80;

  const Canvas = L.Layer.extend({
    initialize(paint) { this.paint = paint; },
    onAdd(map) {
      this.canvas = L.DomUtil.create("canvas", "onemap-overlay leaflet-zoom-animated", map.getPane("onemap-overlay"));
      this.place();
    },
    onRemove() { this.canvas.remove(); },
    getEvents() { return { zoomanim: this.zooming, move: this.redraw, moveend: this.redraw, resize: this.redraw, viewreset: this.redraw }; },

    place() {
      const map = this._map, size = map.getSize(), ratio = Math.min(2, window.devicePixelRatio || 1);
      const width = size.x + 2 * PADDING_PX, height = size.y + 2 * PADDING_PX;
      if (this.canvas.width !== Math.round(width * ratio) || this.canvas.height !== Math.round(height * ratio)) {
        this.canvas.width = Math.round(width * ratio);
        this.canvas.height = Math.round(height * ratio);
        Object.assign(this.canvas.style, { width: `${width}px`, height: `${height}px` });
      }
      this.corner = map.containerPointToLayerPoint([-PADDING_PX, -PADDING_PX]);
      this.cornerAt = map.layerPointToLatLng(this.corner);
      L.DomUtil.setPosition(this.canvas, this.corner);
      const context = this.canvas.getContext("2d");
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      context.clearRect(0, 0, width, height);
      context.translate(PADDING_PX, PADDING_PX);
      this.paint(context, { west: -PADDING_PX, north: -PADDING_PX, east: size.x + PADDING_PX, south: size.y + PADDING_PX, ratio });
    },

    zooming(event) {
      const scale = this._map.getZoomScale(event.zoom);
      const offset = this._map._latLngToNewLayerPoint(this.cornerAt, event.zoom, event.center);
      L.DomUtil.setTransform(this.canvas, offset, scale);
      this.still = true;
    },
  });

  function overlay() {
    let paintMs = 0;
    const canvas = new Canvas((context, view) => {
      const began = performance.now();
      for (const name of ORDER) if (OneMap.shows(name)) OneMap.part(name)?.draw?.(context, view);
      paintMs = performance.now() - began;
    });
    const part = {};
    part.redraw = OneMap.work.inFrame("overlay", () => { if (canvas._map && !OneMap.map._animatingZoom) canvas.place(); });
    Canvas.prototype.redraw = part.redraw;
    OneMap.map.createPane("onemap-overlay").style.zIndex = 450;
    OneMap.map.getPane("onemap-overlay").style.pointerEvents = "none";
    OneMap.map.addLayer(canvas);
    part.onState = (state, changed) => {
      if (["layers", "theme", "selection", "focus", "colorBy"].some((key) => changed.has(key))) part.redraw();
    };
    part.debug = () => ({ paintMs });
    return part;
  }

  /* Container pixels of a CGCS2000 position, and of a place on the square of `places.square` (no projection). */
  OneMap.pixelOf = (lon, lat) => OneMap.map.latLngToContainerPoint(OneMap.places.latLng(lon, lat));
  OneMap.squareToPixels = () => {
    const map = OneMap.map, side = 256 * 2 ** map.getZoom();
    const corner = map.project(map.containerPointToLatLng([0, 0]));
    return { side, west: corner.x, north: corner.y };
  };
  OneMap.inView = (at, view) => at.x >= view.west && at.x <= view.east && at.y >= view.north && at.y <= view.south;

  OneMap.define("overlay", overlay);
})();
