/* How the data stands: a thin bar while something is fetched, what failed with 重试, and how old the picture is. */
(function () {
  "use strict";
  const BAR_AFTER_MS = 250, RETRY_MS = 8000;

  function status() {
    const part = {}, failures = new Map();
    const container = OneMap.map.getContainer();
    const bar = L.DomUtil.create("div", "onemap-bar", container);
    const note = L.DomUtil.create("div", "onemap-note", container);
    note.setAttribute("role", "status");
    let barTimer = 0, retryTimer = 0, disconnected = false, newer = false;

    part.busy = (is) => {
      if (is && !barTimer) barTimer = setTimeout(() => bar.classList.add("onemap-bar-on"), BAR_AFTER_MS);
      if (!is) { clearTimeout(barTimer); barTimer = 0; bar.classList.remove("onemap-bar-on"); }
    };

    /* `text` is the server's own sentence; without one the connection is at fault. */
    part.failed = (name, text, retry) => {
      failures.set(name, { text, retry });
      draw();
      clearTimeout(retryTimer);
      if (!text) retryTimer = setTimeout(retryAll, RETRY_MS);
    };
    part.mended = (name) => { if (failures.delete(name)) draw(); };
    part.connected = (is) => { if (disconnected === is) { disconnected = !is; draw(); } };
    part.newer = (is) => { if (newer !== is) { newer = is; draw(); } };
    part.onState = (state, changed) => { if (changed.has("at") || changed.has("revision")) { newer = false; draw(); } };

    function retryAll() {
      clearTimeout(retryTimer);
      const failed = [...failures];
      failures.clear();
      draw();
      for (const [name, { retry }] of failed) (retry || OneMap.part(name)?.refresh)?.();
    }

    function draw() {
      const asOf = OneMap.state.at ? ` · 数据截至 ${OneMap.clock(OneMap.state.at)}` : "";
      const said = [...failures.values()].map((failure) => failure.text).find(Boolean);
      let text = "", tone = "";
      if (failures.size) { text = said || `连接中断${asOf}`; tone = "bad"; }
      else if (disconnected) { text = `连接中断${asOf}`; tone = "old"; }
      else if (newer) { text = "数据已更新，正在刷新"; tone = "new"; }
      note.className = `onemap-note${text ? ` onemap-note-on onemap-note-${tone}` : ""}`;
      note.replaceChildren(document.createTextNode(text));
      if (failures.size) {
        const button = L.DomUtil.create("button", "", note);
        button.type = "button";
        button.textContent = "重试";
        L.DomEvent.disableClickPropagation(button);
        button.onclick = retryAll;
      }
    }
    part.debug = () => ({ text: note.textContent, failures: [...failures.keys()] });
    return part;
  }

  OneMap.define("status", status);
})();
