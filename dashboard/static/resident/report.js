/* Makes the reporting form quick: position, what would become of the report, small photos, one sending.
 * Everything here only helps: fields and forms are plain HTML. */
(function () {
  "use strict";
  const LONGEST_SIDE = 1920, QUALITY = 0.85, ASK_AFTER_MS = 150;
  const $ = (selector, from = document) => from.querySelector(selector);
  const el = (tag, text, cls) => Object.assign(document.createElement(tag), { textContent: text ?? "", className: cls ?? "" });

  for (const button of document.querySelectorAll("[data-back]")) button.onclick = () => history.back();
  for (const button of document.querySelectorAll("[data-print]")) button.onclick = () => print();
  const form = $("#report");

  /* One sending a form; coming back to the page makes it possible again. */
  const sent = new Set();
  for (const one of document.forms) one.addEventListener("submit", (event) => once(event, one));
  window.addEventListener("pageshow", () => {
    for (const one of sent) again($("button[type=submit]", one));
    sent.clear();
    ready();
  });
  function again(button) {
    button.disabled = false;
    button.textContent = button.dataset.words;
  }
  function once(event, one) {
    if (one === form && missing()) { event.preventDefault(); return ready(true); }
    if (sent.has(one)) return event.preventDefault();
    sent.add(one);
    const button = $("button[type=submit]", one);
    button.dataset.words = button.textContent;
    setTimeout(() => { button.disabled = true; button.textContent = "正在提交…"; });
    if (one !== form) return;
    event.preventDefault();
    send(one).catch(() => ["没有连上网络，还没有上报。填写的内容都在，请到有信号的地方再点“上报”。"]).then((problems) => {
      if (!problems.length) return;
      sent.delete(one);
      again(button);
      $(".missing", one).textContent = problems.join("；");
    });
  }
  /* Sent from here, a form stays as it is where the network or the server refuses it. Its token makes a report
   * that came through without its answer the same case when it is sent again. */
  async function send(one) {
    const headers = { Accept: "application/json" };
    const answer = await fetch(one.action, { method: "POST", body: new FormData(one), headers });
    if (!answer.ok) { // by us, or by what stands before us, which knows no problems of ours
      const refused = await answer.json().catch(() => ({}));
      return refused.problems?.length ? refused.problems : [`服务器没有受理（${answer.status}）。填写的内容都在，请稍后再试。`];
    }
    await answer.text(); // what is left half read counts as failed
    location.assign(answer.url);
    return [];
  }
  const signal = () => { if (form) $(".missing", form).textContent = navigator.onLine ? "" : "现在没有网络：可以先填，有信号后再点“上报”。"; };
  addEventListener("offline", signal);
  addEventListener("online", signal);
  choosePerson();
  if (!form) return;

  /* What is still missing, in words; the button tells. */
  function missing() {
    if (!form) return "";
    if (!form.elements.lon.value && form.hasAttribute("data-needs-place")) return "请先在地图上点出位置";
    return $("input[name=class]:checked", form) ? "" : "请选类别";
  }
  function ready(tell = false) {
    if (!form) return;
    const what = missing(), button = $(".send", form);
    button.classList.toggle("waiting", Boolean(what));
    $(".missing", form).textContent = tell ? what : "";
    if (tell && what) $(what.includes("类别") ? ".classes" : "#map", form).scrollIntoView({ behavior: "smooth", block: "center" });
  }

  /* Position: asked of the device where the browser gives it, which it does on https and localhost only. */
  const locate = $("[data-locate]", form), said = $("[data-locate-said]", form);
  const say = (text) => { said.textContent = text; said.hidden = !text; };
  locate.hidden = false;
  locate.onclick = () => {
    if (!window.isSecureContext || !navigator.geolocation) return say("本页不是 https 网址，浏览器不提供本机位置。请在地图上点一下。");
    say("正在取本机位置…");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => { say(coords.accuracy > 60 ? `本机位置误差约 ${Math.round(coords.accuracy)} 米，请在地图上点准。` : ""); window.OneMapReport?.put(coords.latitude, coords.longitude, { zoom: 17, by: "device" }); },
      (error) => say(error.code === 1 ? "没有获得位置权限。请在地图上点一下，或在手机设置里允许浏览器使用位置。" : "没有取到本机位置。请在地图上点一下。"),
      { enableHighAccuracy: true, timeout: 8000, maximumAge: 30000 },
    );
  };

  /* Classes: the one chosen stands in the heading, all others fold up, so that what follows is in view. */
  form.addEventListener("change", (event) => {
    if (event.target.name !== "class") return;
    $(".chosen", form).textContent = event.target.nextElementSibling.textContent;
    for (const twin of form.querySelectorAll(`input[name=class][value="${event.target.value}"]`)) twin.closest("label").classList.add("on");
    for (const other of form.querySelectorAll("input[name=class]")) if (other.value !== event.target.value) other.closest("label").classList.remove("on");
    fold(true);
    ask();
  });
  const fold = (folded) => {
    for (const major of form.querySelectorAll(".majors details[open]")) major.open = false;
    $(".classes", form).classList.toggle("folded", folded);
  };
  $(".again", form).onclick = () => fold(false);
  form.addEventListener("om-place", () => ask());

  /* What would become of it: the newest question only. */
  let due = 0, asked = 0;
  function ask() {
    ready();
    clearTimeout(due);
    due = setTimeout(async () => {
      const mine = (asked += 1);
      const chosen = $("input[name=class]:checked", form)?.value || "";
      const query = new URLSearchParams({ lon: form.elements.lon.value, lat: form.elements.lat.value, class: chosen });
      let found = null;
      try {
        const answer = await fetch(`${form.dataset.draft}?${query}`, { headers: { Accept: "application/json" } });
        found = await answer.json();
      } catch { /* the form can be sent all the same */ }
      if (mine === asked && found) found.problems ? tell(found.problems) : show(found, chosen);
    }, ASK_AFTER_MS);
  }
  function tell(problems) {
    const panel = $(".outlook", form);
    panel.replaceChildren(...problems.map((sentence) => el("p", sentence, "warn")));
    panel.closest("section").hidden = false;
  }
  function show(found, chosen) {
    $(".where", form).textContent = found.place;
    const panel = $(".outlook", form), lines = [];
    if (found.outside) lines.push(el("p", found.outside, "warn"));
    if (chosen) {
      const who = el("p", `承办：${found.department}${found.due ? `，${found.limit}内办结` : ""}`);
      if (found.due) who.append(el("span", `（${found.due} 前）`, "whole"));
      lines.push(who);
    }
    if (found.notice) lines.push(el("p", found.notice, "note"));
    if (found.refused) lines.push(el("p", found.refused, "warn"));
    if (found.duplicates.length) lines.push(same(found.duplicates));
    panel.replaceChildren(...lines);
    panel.closest("section").hidden = !lines.length;
  }
  function same(duplicates) {
    const group = el("fieldset", "", "same");
    group.append(el("legend", "此处已有同类件，是同一件吗？"));
    for (const one of duplicates.slice(0, 3)) group.append(choice(one.id, `是同一件，并案：${one.words}`));
    group.append(choice("", "不是，仍然上报", true));
    return group;
  }
  function choice(value, words, checked = false) {
    const label = el("label", "", "tile choice"), input = el("input");
    Object.assign(input, { type: "radio", name: "same_as", value, checked });
    label.append(input, el("span", words));
    return label;
  }

  /* Photos: made small here, which also leaves out what the camera wrote; the server does so in any case. */
  for (const input of form.querySelectorAll("input[type=file]")) input.addEventListener("change", () => take(input));
  async function take(input) {
    const small = new DataTransfer();
    for (const file of input.files) small.items.add(await shrunk(file));
    input.files = small.files;
    const pictures = [...form.querySelectorAll("input[type=file]")].flatMap((one) => [...one.files]);
    $(".thumbs", form).replaceChildren(...pictures.map((file) => {
      const picture = Object.assign(new Image(), { src: URL.createObjectURL(file), alt: "所选照片" });
      picture.onload = () => URL.revokeObjectURL(picture.src);
      return picture;
    }));
  }
  async function shrunk(file) {
    try {
      const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
      const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
      const canvas = Object.assign(document.createElement("canvas"), { width: Math.round(picture.width * scale), height: Math.round(picture.height * scale) });
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
      return blob ? new File([blob], "photo.jpg", { type: "image/jpeg" }) : file;
    } catch { return file; }
  }
  if (form.elements.lon.value) ask();
  ready();

  /* Who reports: the staff table, as in the header of the other pages. */
  function choosePerson() {
    const forget = $("[data-forget-person]"), list = $("[data-people]"), text = $("[data-people-text]");
    const keep = (token) => { document.cookie = `om_person=${token}; Path=/; Max-Age=${token ? 2592000 : 0}; SameSite=Strict`; location.reload(); };
    if (forget) forget.onclick = () => keep("");
    if (!list) return;
    let last = 0;
    const heading = ({ role, total, people }) => `${role} ${total.toLocaleString("en-US")} 人${total > people.length ? `，列出 ${people.length} 人，可搜索` : ""}`;
    const nobody = () => text.value ? "没有符合的人员" : "还没有登记有岗位的人员：请先在电脑上“数据接入”页接入责任人员";
    const fill = async () => {
      const mine = (last += 1);
      let groups = null;
      try {
        const answer = await fetch(`/onemap/people?${new URLSearchParams({ text: text.value })}`);
        groups = answer.ok ? (await answer.json()).groups : null;
      } catch { /* said below */ }
      if (mine !== last) return;
      const rows = (groups || []).flatMap((group) => [el("h2", heading(group)), ...group.people.map((one) => {
        const button = el("button", "", "tile");
        button.type = "button";
        button.append(el("b", one.name), el("span", [one.post, one.serves].filter(Boolean).join(" · ")));
        button.onclick = () => keep(one.token);
        return button;
      })]);
      list.replaceChildren(...(rows.length ? rows : [el("p", groups ? nobody() : "人员名单没有取到，请稍后再试", "note")]));
    };
    text.oninput = fill;
    fill();
  }
})();
