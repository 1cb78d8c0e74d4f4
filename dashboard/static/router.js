// Follows links and forms of our panels without loading the page anew: their address goes to Python, which
// changes the URL and runs the page. Without this script they still work as plain links.
// Also: keeps an open menu open while its content is replaced, closes it on Escape or a click elsewhere,
// switches the theme, and shows when the answers stop coming.
const STALE_AFTER_MS = 45000;
const THEME_PATHS = ["/", "/community", "/events", "/loop", "/whistle", "/stations", "/performance", "/alerts", "/import", "/quality", "/dispatch", "/lists", "/calendar", "/settings", "/evaluation"];

let send = null;
let started = false;
const openMenus = new Set();

function ours(target) {
  const link = target.closest && target.closest(".stHtml a[href]");
  if (!link || link.target || link.hasAttribute("download") || link.hasAttribute("data-plain")) return null;
  const url = new URL(link.href, location.href);
  if (url.origin !== location.origin || url.pathname.includes("/onemap/")) return null;
  return url;
}

// The Filter's parameters in the order of data/filter.py; of them the map's query is made.
const FILTER = ["basis", "from", "to", "area", "class", "source", "status", "dept", "color", "q", "poly", "missing", "mark"];

function filterOf(search) {
  const given = new URLSearchParams(search);
  return new URLSearchParams(FILTER.filter((name) => given.get(name)).map((name) => [name, given.get(name)]));
}

// The map need not wait for Python to learn of a filter on the same page; another area also needs its bounds.
// Gives what must be waited for before Python is asked: the map's own requests come first, since the panels take
// longer and would compete with them. Null where no map has to fetch anything.
const MAP_FIRST_MS = 200;
function tellMaps(url) {
  if (url.pathname !== location.pathname) return null;
  const next = filterOf(url.search);
  const now = filterOf(location.search);
  if (next.get("area") !== now.get("area") || next.get("basis") !== now.get("basis")) return null;
  const maps = [...document.querySelectorAll(".st-key-om-map iframe")].map((frame) => frame.contentWindow.OneMap);
  const shown = maps.map((map) => map?.expect?.(next.toString())).filter(Boolean);
  if (!shown.length) return null;
  return Promise.race([Promise.all(shown), new Promise((resolve) => setTimeout(resolve, MAP_FIRST_MS))]);
}

let asked = 0; // of two quick clicks only the later one still asks
async function go(url) {
  const mine = (asked += 1);
  const mapShown = tellMaps(url);
  if (mapShown) await mapShown;
  if (mine !== asked) return;
  const page = url.pathname.replace(/\/+$/, "").split("/").pop();
  send({ page: page, query: url.search.replace(/^\?/, ""), n: Date.now() });
}

function onClick(event) {
  if (event.target.closest("[data-theme-switch]")) return switchTheme();
  if (event.target.closest("[data-fullscreen]")) return toggleFullscreen();
  closeMenus(event.target);
  if (!event.target.closest("#om-search") || event.target.closest("#om-search-hits a")) setTimeout(closeSearch);
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
  let target = event.target;
  const row = target.closest(".stHtml [data-href]");
  let url = ours(target);
  if (!url && row && !target.closest("a, button, input, label, summary")) {
    url = new URL(row.getAttribute("data-href"), location.href);
  }
  if (!url || !send) return;
  event.preventDefault();
  const menu = target.closest("details[data-menu]");
  if (menu && !target.closest("[data-keep-open]")) {
    menu.open = false;
    openMenus.delete(menu.id);
  }
  go(url);
}

function onSubmit(event) {
  const form = event.target.closest && event.target.closest(".stHtml form");
  if (!form || !send) return;
  event.preventDefault();
  if (form.hasAttribute("data-search") || form.hasAttribute("data-people") || form.hasAttribute("data-contact")) return;
  const url = new URL(form.getAttribute("action") || location.pathname, location.href);
  const data = new FormData(form);
  for (const name of new Set(data.keys())) {
    const value = data.getAll(name).map((one) => String(one).trim()).join(",");
    if (value) url.searchParams.set(name, value);
    else url.searchParams.delete(name);
  }
  const menu = form.closest("details[data-menu]");
  if (menu) { menu.open = false; openMenus.delete(menu.id); }
  go(url);
}

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (except && menu.contains(except)) continue;
    menu.open = false;
    openMenus.delete(menu.id);
  }
}

// A field of a form, or its open choice: leaving it is one step, leaving the form with what was typed another.
function isTyped(target) {
  return target.matches("input, textarea, [role='combobox']") && !target.closest(".stHtml");
}

// What a button was refused, or has done, may stand beyond the edge of the screen.
const seenAnswers = new WeakSet();
function showAnswers() {
  for (const answer of document.querySelectorAll(".om-problem, .om-notice-line")) {
    if (seenAnswers.has(answer)) continue;
    seenAnswers.add(answer);
    answer.scrollIntoView({ block: "nearest" });
  }
}

function onKey(event) {
  if (event.key === "Escape") {
    if (document.querySelector("details[data-menu][open]")) return closeMenus(null);
    if (isTyped(event.target)) return event.target.blur();
    const back = document.querySelector(".stHtml a[data-escape]");
    if (back && send) go(new URL(back.href, location.href));
  }
  if (event.key === "/" && !/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) {
    const box = document.querySelector("#om-search");
    if (box) { event.preventDefault(); box.focus(); }
  }
}

function onToggle(event) {
  const menu = event.target;
  if (!menu.matches || !menu.matches("details[data-menu]")) return;
  if (menu.open) openMenus.add(menu.id); else openMenus.delete(menu.id);
  if (menu.open) keepInView(menu);
}

function keepInView(menu) {
  const sheet = menu.querySelector(".om-menu-sheet");
  if (!sheet) return;
  sheet.style.marginLeft = "0px";
  sheet.classList.remove("om-upwards");
  const box = sheet.getBoundingClientRect();
  let over = box.right - (window.innerWidth - 8);
  const part = menu.closest(".om-scroll")?.getBoundingClientRect();  // what scrolls by itself cuts the sheet
  if (part) over = Math.max(over, Math.min(box.right - part.right + 4, box.left - part.left - 4));
  if (over > 0) sheet.style.marginLeft = -over + "px";
  sheet.classList.toggle("om-upwards", box.bottom > window.innerHeight - 8 && box.top - box.height > 60);
}

function restoreMenus() {
  for (const id of openMenus) {
    const menu = document.getElementById(id);
    if (menu && !menu.open) menu.open = true;
  }
}

function switchTheme() {
  const dark = document.querySelector("[data-theme-switch]").getAttribute("data-theme-switch") === "dark";
  for (const path of THEME_PATHS) {
    localStorage.setItem("stActiveTheme-" + path + "-v2", JSON.stringify(dark ? "Light" : "Dark"));
  }
  location.reload();
}

function toggleFullscreen() {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen();
}

// The header is written anew every few seconds with a growing data-beat; when it stops, or the connection has
// been lost for a moment, the screen says so. The framework reconnects by itself.
const LOST_AFTER_MS = 2000;
let connectedAt = Date.now();
let lastBeat = "";
let lastBeatAt = Date.now();
function watchBeat() {
  const sign = document.querySelector("[data-beat]");
  if (!sign) return;
  const beat = sign.getAttribute("data-beat");
  if (beat !== lastBeat) { lastBeat = beat; lastBeatAt = Date.now(); }
  const app = document.querySelector("[data-test-connection-state]");
  if (!app || app.getAttribute("data-test-connection-state") === "CONNECTED") connectedAt = Date.now();
  const stale = Date.now() - lastBeatAt > STALE_AFTER_MS || Date.now() - connectedAt > LOST_AFTER_MS;
  document.documentElement.classList.toggle("om-stale", stale);
}

export default function (component) {
  send = (message) => component.setTriggerValue("go", message);
  if (started) return;
  started = true;
  document.addEventListener("click", onClick, true);
  document.addEventListener("submit", onSubmit, true);
  document.addEventListener("keydown", onKey);
  document.addEventListener("input", onSearchInput, true);
  document.addEventListener("keydown", onSearchKey, true);
  document.addEventListener("toggle", onToggle, true);
  new MutationObserver(() => { restoreMenus(); restoreTicks(); translateSoon(); showAnswers(); }).observe(document.body, { childList: true, subtree: true });
  startLoop();
  startLive((revision) => send({ newer: revision, n: Date.now() }));
  translateSoon();
  setInterval(watchBeat, 1000);
}
