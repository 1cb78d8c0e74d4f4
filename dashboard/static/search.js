// Suggestions under the search box, asked of our own route while one types. Part of the router's module.
const SEARCH_DELAY_MS = 150;
let searchTimer = 0;
let searchCall = null;

// A page that cannot show this kind of hit (data-shows) leaves to the overview, where nothing hides it.
function hitAddress(hit) {
  const here = new URL(location.href);
  const form = document.querySelector("form[data-search]");
  const stays = form.dataset.shows.split(" ").includes(hit.kind);
  const params = stays ? here.searchParams : new URLSearchParams();
  for (const name of ["sel", "explain", "p", "find", "move", "into", "no", "pick"]) params.delete(name);
  if (hit.kind === "division") params.set("area", hit.key);
  else if (hit.kind === "class") params.set("class", hit.key);
  else params.set("sel", hit.kind + ":" + hit.key);
  return (stays ? "./" + here.pathname.split("/").pop() : "./") + "?" + params.toString();
}

function hitLine(hit) {
  const line = document.createElement("a");
  line.href = hitAddress(hit);
  line.setAttribute("role", "option");
  const title = document.createElement("span");
  title.textContent = hit.title;
  const subtitle = document.createElement("small");
  subtitle.textContent = hit.subtitle;
  line.append(title, subtitle);
  return line;
}

async function suggest(box) {
  const list = document.getElementById("om-search-hits");
  const text = box.value.trim();
  if (searchCall) searchCall.abort();
  if (!text) return list.classList.remove("om-open");
  searchCall = new AbortController();
  try {
    const answer = await fetch("./onemap/search?q=" + encodeURIComponent(text), { signal: searchCall.signal });
    const found = await answer.json();
    const lines = (found.hits || []).map(hitLine);
    if (lines.length) list.replaceChildren(...lines);
    else list.replaceChildren(note(found.problems ? found.problems[0] : "没有找到“" + text + "”"));
    if (lines.length) lines[0].classList.add("om-on");
    list.classList.add("om-open");
  } catch (error) {
    if (error.name !== "AbortError") { list.replaceChildren(note("搜索没有回应，请稍后再试")); list.classList.add("om-open"); }
  }
}

function note(text) {
  const line = document.createElement("div");
  line.className = "om-empty";
  line.textContent = text;
  return line;
}

function onSearchInput(event) {
  if (event.target.id !== "om-search") return;
  clearTimeout(searchTimer);
  searchTimer = setTimeout(suggest, SEARCH_DELAY_MS, event.target);
}

function onSearchKey(event) {
  if (event.target.id !== "om-search") return;
  const lines = [...document.querySelectorAll("#om-search-hits a")];
  const at = lines.findIndex((line) => line.classList.contains("om-on"));
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const next = (at + (event.key === "ArrowDown" ? 1 : lines.length - 1)) % (lines.length || 1);
    lines.forEach((line, index) => line.classList.toggle("om-on", index === next));
  } else if (event.key === "Enter") {
    event.preventDefault();
    if (lines[at]) lines[at].click();
  } else if (event.key === "Escape") {
    closeSearch();
  }
}

function closeSearch() {
  const list = document.getElementById("om-search-hits");
  if (list) list.classList.remove("om-open");
}
