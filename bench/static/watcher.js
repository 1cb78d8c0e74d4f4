// Stamps the end of the second animation frame after the last painting in this frame.
(() => {
  if (window.__watcher) return;
  let settled = 0;
  let waiting = false;
  const now = () => performance.timeOrigin + performance.now();
  const touch = () => {
    settled = Infinity;
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      settled = -1;
      requestAnimationFrame(() => {
        waiting = false;
        if (settled === Infinity) touch();
        else settled = now();
      });
    });
  };
  window.__watcher = {
    settledAt: () => (settled === Infinity || settled === -1 ? now() : settled),
  };
  for (const name of ["stroke", "fill", "drawImage", "putImageData", "fillRect", "clearRect", "fillText"]) {
    const original = CanvasRenderingContext2D.prototype[name];
    CanvasRenderingContext2D.prototype[name] = function (...args) {
      touch();
      return original.apply(this, args);
    };
  }
  const watch = () =>
    new MutationObserver(touch).observe(document.documentElement, {
      subtree: true,
      childList: true,
      attributes: true,
      characterData: true,
    });
  if (document.documentElement) watch();
  else document.addEventListener("DOMContentLoaded", watch);
})();
