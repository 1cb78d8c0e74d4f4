/* Events: clusters of the tiles in view, fetched once a view and filter, drawn on the overlay. */
(function () {
  "use strict";

  function points() {
    const part = OneMap.viewPart("points", 96);

    part.onAnswer = ({ clusters }) => {
      clusters.sort((a, b) => Number(a[3] + a[9] > 0) - Number(b[3] + b[9] > 0) || Number(a[4] > 0) - Number(b[4] > 0));
      OneMap.part("legend")?.draw();
    };

    part.draw = (context, view) => {
      if (!part.answer) return;
      const selected = OneMap.state.selection?.kind === "event" ? OneMap.state.selection : null;
      if (selected) mark(context, selected);
      for (const cluster of part.answer.clusters) {
        const at = OneMap.pixelOf(cluster[0], cluster[1]);
        if (!OneMap.inView(at, view)) continue;
        if (cluster[2] === 1) OneMap.sign.single(context, at.x, at.y, stateOf(cluster), cluster[7]);
        else OneMap.sign.cluster(context, at.x, at.y, cluster);
      }
    };

    function mark(context, { lon, lat }) {
      if (lon === undefined || lon === null) return;
      const at = OneMap.pixelOf(lon, lat);
      OneMap.sign.ring(context, at.x, at.y, 10);
    }

    /* The colour of a single event; of a crowd the most pressing one. */
    const stateOf = ([, , count, overdue, soon, , , , color]) => (count === 1 ? color : overdue ? "overdue" : soon ? "soon" : color);
    part.stateOf = stateOf;

    /* The cluster or event under a point of the container, the topmost first. */
    part.at = (point, tolerance) => {
      if (!part.answer || !OneMap.shows("points")) return null;
      for (const cluster of [...part.answer.clusters].reverse()) {
        const at = OneMap.pixelOf(cluster[0], cluster[1]);
        const reach = Math.max(tolerance, cluster[2] > 1 ? OneMap.sign.radius(cluster[2]) : 0);
        if (at.distanceTo(point) <= reach) return cluster;
      }
      return null;
    };

    /* Boxes that names had better leave free, in container pixels. */
    part.boxes = () => {
      if (!part.answer || !OneMap.shows("points")) return [];
      return part.answer.clusters.map((cluster) => {
        const at = OneMap.pixelOf(cluster[0], cluster[1]), r = cluster[2] > 1 ? OneMap.sign.radius(cluster[2]) : 8;
        return [at.x - r, at.y - r, at.x + r, at.y + r];
      });
    };

    part.debug = () => ({
      shown: part.answer?.shown, total: part.answer?.total, unlocated: part.answer?.unlocated,
      clusters: part.answer?.clusters.length, revision: part.answer?.revision, asOf: part.answer?.as_of,
    });

    return part;
  }

  OneMap.define("points", points);
})();
