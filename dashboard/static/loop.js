// 办理人: who acts at this screen, kept in a cookie and never in the address; and the ticks of a list, which
// outlive the list being written anew. Part of the router's module.
const PERSON_COOKIE = "om_person";
const PERSON_SECONDS = 30 * 24 * 3600;
const ASK_PEOPLE_AFTER_MS = 150;
let peopleDue = 0;
let peopleAsked = 0;

// The page is loaded anew: the server reads cookies when a page connects to it.
function keepPerson(token) {
  const seconds = token ? PERSON_SECONDS : 0;
  document.cookie = `${PERSON_COOKIE}=${token}; Path=/; Max-Age=${seconds}; SameSite=Strict`;
  location.reload();
}

function peopleList() {
  return document.querySelector("#om-menu-person [data-people-list]");
}

function line(text, cls) {
  const element = document.createElement("div");
  element.textContent = text;
  element.className = cls;
  return element;
}

function personButton(person) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "om-person";
  button.setAttribute("data-person", person.token);
  const name = document.createElement("b");
  name.textContent = person.name;
  const what = document.createElement("span");
  what.textContent = [person.post, person.serves].filter(Boolean).join(" · ");
  button.append(name, what);
  return button;
}

async function askPeople(text) {
  const mine = (peopleAsked += 1);
  const list = peopleList();
  if (!list) return;
  let groups = null;
  try {
    const answer = await fetch(`./onemap/people?${new URLSearchParams({ text })}`);
    groups = answer.ok ? (await answer.json()).groups : null;
  } catch { /* the line below says it */ }
  if (mine !== peopleAsked || !list.isConnected) return;
  if (!groups) return list.replaceChildren(line("人员名单没有取到，请稍后再试", "om-empty"));
  if (!groups.length) return list.replaceChildren(line(text ? "没有符合的人员" : "还没有登记有岗位的人员：请先在“数据接入”页接入责任人员", "om-empty"));
  const parts = [];
  for (const group of groups) {
    const more = group.total > group.people.length ? `，列出 ${group.people.length} 人，可搜索` : "";
    parts.push(line(`${group.role} ${group.total.toLocaleString("en-US")} 人${more}`, "om-person-role"), ...group.people.map(personButton));
  }
  list.replaceChildren(...parts);
}

// Ticks: kept here until they are sent, since the list is written anew while people tick.
const ticked = new Set();
function countTicks() {
  for (const sign of document.querySelectorAll("[data-ticked]")) {
    const text = ticked.size ? `（${ticked.size} 件）` : "";
    if (sign.textContent !== text) sign.textContent = text;
  }
}

function restoreTicks() {
  const boxes = [...document.querySelectorAll(".stHtml input[name=pick]")];
  if (!boxes.length) return ticked.clear();
  const there = new Set(boxes.map((box) => box.value));
  for (const key of [...ticked]) if (!there.has(key)) ticked.delete(key);
  for (const box of boxes) {
    if (box.defaultChecked && !box.dataset.seen) ticked.add(box.value);
    box.dataset.seen = "1";
    const on = ticked.has(box.value);
    if (box.checked !== on) box.checked = on;
  }
  countTicks();
}

function onTick(event) {
  const box = event.target;
  if (box.matches && box.matches(".stHtml input[data-tick-all]")) {
    for (const one of document.querySelectorAll(".stHtml input[name=pick]")) {
      one.checked = box.checked;
      if (box.checked) ticked.add(one.value); else ticked.delete(one.value);
    }
    return countTicks();
  }
  if (!box.matches || !box.matches(".stHtml input[name=pick]")) return;
  if (box.checked) ticked.add(box.value); else ticked.delete(box.value);
  countTicks();
}

// A telephone: asked for with a reason, shown once in a window outside the page, never kept.
const CONTACT_SHOWN_MS = 60_000;

function contactWindow(title, number, note) {
  const dialog = document.createElement("dialog");
  dialog.className = "om-contact-window";
  const close = () => dialog.remove();
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "关闭";
  button.addEventListener("click", close);
  const shown = number ? [line(number, "om-contact-number")] : [];
  dialog.append(line(title, "om-contact-title"), ...shown, line(note, "om-contact-note"), button);
  dialog.addEventListener("keydown", (event) => event.stopPropagation());
  dialog.addEventListener("close", close);
  document.body.append(dialog);
  dialog.showModal();
  setTimeout(close, CONTACT_SHOWN_MS);
}

async function askContact(form) {
  const button = form.querySelector("button");
  if (button.disabled) return;
  button.disabled = true;
  let said = {};
  try {
    const body = new URLSearchParams(new FormData(form));
    const headers = { Accept: "application/json" };
    const answer = await fetch("./onemap/contact", { method: "POST", body, headers, cache: "no-store" });
    said = await answer.json();
  } catch { /* the line below says it */ }
  button.disabled = false;
  if (!said.contact) {
    const why = (said.problems || ["没有连上服务器，请稍后再试"]).join("；");
    return contactWindow("没有显示联系电话", "", why);
  }
  form.reset();
  contactWindow(said.title, said.contact, `${said.told}。关闭后不再显示，一分钟后自动关闭。`);
}

function startLoop() {
  document.addEventListener("submit", (event) => {
    const form = event.target.closest && event.target.closest(".stHtml form[data-contact]");
    if (!form) return;
    event.preventDefault();
    askContact(form);
  }, true);
  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("[data-person]");
    if (button) keepPerson(button.getAttribute("data-person"));
  }, true);
  document.addEventListener("toggle", (event) => {
    if (event.target.id === "om-menu-person" && event.target.open) {
      askPeople("");
      const box = event.target.querySelector("input");
      if (box && matchMedia("(pointer: fine)").matches) box.focus();
    }
  }, true);
  document.addEventListener("input", (event) => {
    if (!event.target.matches || !event.target.matches("#om-people-text")) return;
    clearTimeout(peopleDue);
    peopleDue = setTimeout(() => askPeople(event.target.value.trim()), ASK_PEOPLE_AFTER_MS);
  }, true);
  document.addEventListener("change", onTick, true);
}
