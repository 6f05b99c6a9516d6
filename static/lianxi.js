// Lianxi 联席. Pages work without this script; it makes them quicker. One function a behaviour, each found by a data
// attribute or a class; nothing is evaluated, and nothing is asked of another site.
"use strict";

// What each request of this script says: that it is one, and the language of the page, in which the answer is to be.
const LANGUAGE = document.documentElement.lang;
const FETCHED = { "X-Requested-With": "fetch", "X-Page-Language": LANGUAGE };

// A form that is being sent is not sent a second time by an impatient hand; the token on the server has the last word.
function sendOnce() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "true";
    setTimeout(() => delete form.dataset.sent, 8000);
  });
  // a page taken from the browser's memory starts anew
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });
}

// After a form came back with errors, the reader is at their summary: at once, so that nothing moves under the hand.
function showWhatIsWrong() {
  const wrong = document.querySelector(".summary, .act .refusal");
  if (!wrong) return;
  const page = document.documentElement;
  wrong.tabIndex = -1;
  page.style.scrollBehavior = "auto";
  wrong.focus();
  page.style.scrollBehavior = "";
}

// What is shown disabled can be reached and read, and does nothing.
function keepDisabled() {
  document.addEventListener("click", (event) => {
    if (event.target.closest('[aria-disabled="true"]')) event.preventDefault();
  });
}

// The agenda is put in order in place; without this the buttons ask the server.
function orderRows() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-order] button[name=up], [data-order] button[name=down]");
    if (!button) return;
    event.preventDefault();
    const row = button.closest("li");
    if (button.name === "up") row.previousElementSibling.before(row);
    else row.nextElementSibling.after(row);
    numberAgenda(row);
    (button.disabled ? row.querySelector("button:not(:disabled)") : button).focus();
  });
  for (const list of document.querySelectorAll("[data-order]")) dragRows(list);
}

// The rows have their numbers and buttons by their places; the form is told that the order changed.
function numberAgenda(row) {
  const rows = [...row.parentElement.children];
  rows.forEach((each, place) => {
    each.querySelector(".item-number").textContent = place + 1;
    each.querySelector("[name=up]").disabled = place === 0;
    each.querySelector("[name=down]").disabled = place === rows.length - 1;
  });
  row.querySelector("input").dispatchEvent(new Event("change", { bubbles: true }));
}

// A row is taken by its number and put down elsewhere; the buttons do the same by keys and on a phone.
function dragRows(list) {
  let taken = null;
  list.addEventListener("pointerdown", (event) => {
    const row = event.target.closest("li");
    if (row) row.draggable = Boolean(event.target.closest(".item-number"));
  });
  list.addEventListener("dragstart", (event) => {
    taken = event.target.closest("li");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "");
    taken.classList.add("agenda-taken");
  });
  list.addEventListener("dragover", (event) => {
    const over = event.target.closest("li");
    if (!taken || !over || over.parentElement !== list) return;
    event.preventDefault();
    if (over === taken) return;
    const { top, height } = over.getBoundingClientRect();
    if (event.clientY < top + height / 2) over.before(taken);
    else over.after(taken);
  });
  list.addEventListener("drop", (event) => event.preventDefault());
  list.addEventListener("dragend", () => {
    if (!taken) return;
    taken.classList.remove("agenda-taken");
    taken.draggable = false;
    numberAgenda(taken);
    taken = null;
  });
}

// A long text that is not sent yet is not lost by leaving the page by mistake.
function guardText() {
  const guarded = document.querySelector("[data-guard]");
  if (!guarded) return;
  const first = guarded.value;
  addEventListener("beforeunload", (event) => {
    if (guarded.value !== first && !guarded.form.dataset.sent) event.preventDefault();
  });
}

// A private note is saved as it is typed; what cannot be saved is said, and the button still does it.
function saveNotes() {
  for (const form of document.querySelectorAll("form[data-autosave]")) {
    const said = form.querySelector("[data-saved]");
    let waiting;
    const save = async () => {
      const answer = await fetch(form.action, {
        method: "POST", body: new FormData(form), headers: FETCHED,
      }).catch(() => null);
      if (!answer || answer.status === 429 || answer.status >= 500) {
        said.textContent = form.dataset.unsent;
        waiting = setTimeout(save, 5000);
        return;
      }
      if (answer.ok) {
        const { after, saved } = await answer.json();
        form.elements.after.value = after;
        said.textContent = saved;
      } else {
        said.textContent = { 401: form.dataset.ended, 409: form.dataset.outdated }[answer.status] ?? form.dataset.unsent;
      }
    };
    form.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(save, 1000);
    });
    form.addEventListener("submit", () => clearTimeout(waiting));
  }
}

// Rows of a form are added from their template and removed at once; without this the buttons send the form.
function editRows() {
  document.addEventListener("click", (event) => {
    const add = event.target.closest("[data-add]");
    const remove = event.target.closest("[data-remove]");
    const form = (add ?? remove)?.form;
    if (!form) return;
    event.preventDefault();
    if (add) addRow(add.closest("[data-rows]"));
    else removeRow(remove.closest(".plan-row"));
    form.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

function rowsOf(list) {
  return [...list.querySelector(".plan-rows").children];
}

function addRow(list) {
  const { rows: name } = list.dataset;
  const taken = rowsOf(list).map((row) => Number(row.id.split("-").at(-1)));
  const number = Math.max(-1, ...taken) + 1;
  const holder = document.createElement("template");
  const template = list.querySelector(":scope > template");
  holder.innerHTML = template.innerHTML.replaceAll(`${name}-__row__`, `${name}-${number}`);
  const row = holder.content.querySelector(".plan-row");
  list.querySelector(".plan-rows").append(row);
  numberRows(list);
  row.querySelector("input, select, textarea")?.focus();
}

function removeRow(row) {
  const list = row.closest("[data-rows]");
  const next = row.nextElementSibling ?? row.previousElementSibling;
  row.remove();
  numberRows(list);
  (next?.querySelector("summary, input, select") ?? list.querySelector(":scope > [data-add]")).focus();
}

function numberRows(list) {
  rowsOf(list).forEach((row, index) => {
    const number = row.querySelector("[data-number]");
    if (number) number.textContent = index + 1;
  });
}

// Measures are found by their names and meanings; families without one are out of sight meanwhile.
function findMeasures() {
  for (const find of document.querySelectorAll("[data-find]")) {
    const families = [...document.querySelectorAll(`${find.dataset.find} > details`)];
    const [input, said] = [find.querySelector("input"), find.querySelector("[data-found]")];
    const before = families.map((family) => family.open);
    find.hidden = false;
    input.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
    input.addEventListener("input", (event) => {
      event.stopPropagation();
      const words = input.value.trim().toLocaleLowerCase();
      families.forEach((family, index) => {
        const ticks = [...family.querySelectorAll(".plan-tick")];
        for (const tick of ticks) tick.hidden = !tick.textContent.toLocaleLowerCase().includes(words);
        family.hidden = ticks.every((tick) => tick.hidden);
        family.open = words ? true : before[index] || Boolean(family.querySelector(":checked"));
      });
      said.textContent = families.every((family) => family.hidden) ? said.dataset.none : "";
    });
  }
}

// What is typed in a step of a plan is kept while one types; without a connection or a session it waits on the page.
function keepTyped() {
  const form = document.querySelector("form[data-keep]");
  if (!form) return;
  const said = document.querySelector("[data-said]");
  let waiting = 0, changes = 0, kept = 0, sending = false;

  function say(text, signIn = false) {
    said.textContent = text;
    if (signIn) said.append(" ", signInLink(said.dataset));
  }
  function later(delay) {
    clearTimeout(waiting);
    waiting = setTimeout(send, delay);
  }
  async function send() {
    if (kept === changes || sending) return;
    sending = true;
    const number = changes;
    const answer = await keep(form);
    sending = false;
    if (answer.at) {
      kept = number;
      say(said.dataset.kept.replace("{time}", answer.at));
      if (kept !== changes) later(1000);
    } else {
      say(said.dataset[answer.why], answer.why === "signedOut");
      if (answer.why !== "other") later(5000);
    }
  }
  form.addEventListener("input", () => { changes += 1; later(1000); });
  addEventListener("online", () => later(0));
  addEventListener("focus", () => later(0));
  document.addEventListener("visibilitychange", () => { if (document.hidden) later(0); });
  form.addEventListener("submit", (event) => {
    if (navigator.onLine) return clearTimeout(waiting);
    event.preventDefault();
    event.stopPropagation();
    say(said.dataset.offline);
  });
}

async function keep(form, again = false) {
  try {
    const sent = await fetch(form.dataset.keep, {
      method: "POST", body: new URLSearchParams(new FormData(form)), headers: FETCHED,
    });
    if (sent.ok) return sent.json();
    const wait = { 401: "signedOut", 429: "busy", 503: "away" }[sent.status];
    if (again || ![401, 403].includes(sent.status)) return { why: wait ?? "offline" };
    const why = await renew(form);
    return why ? { why } : keep(form, true);
  } catch {
    return { why: "offline" };
  }
}

// After signing in again elsewhere the form gets fresh tokens, if it is still the same person.
async function renew(form) {
  const page = await fetch(form.action, { headers: FETCHED });
  if (!page.ok) return page.status === 401 ? "signedOut" : "other";
  const fresh = new DOMParser().parseFromString(await page.text(), "text/html").getElementById(form.id);
  if (fresh?.dataset.person !== form.dataset.person) return "other";
  for (const name of ["csrfmiddlewaretoken", "once"]) form.elements[name].value = fresh.elements[name].value;
  return "";
}

function signInLink(words) {
  const link = document.createElement("a");
  link.href = words.login;
  link.target = "_blank";
  link.textContent = words.signIn;
  return link;
}

// The end of the session is told some minutes before it, and can be put off without leaving the page.
function watchSession() {
  const bar = document.querySelector("[data-session-left]");
  if (!bar) return;
  let ends = Date.now() + 1000 * bar.dataset.sessionLeft;
  const minutes = bar.querySelector("[data-session-minutes]");
  const look = () => {
    const left = Math.max(0, Math.ceil((ends - Date.now()) / 1000));
    bar.hidden = left > bar.dataset.sessionWarning;
    if (minutes.textContent !== String(Math.ceil(left / 60))) minutes.textContent = Math.ceil(left / 60);
  };
  setInterval(look, 5000);
  bar.addEventListener("submit", async (event) => {
    event.preventDefault();
    const answer = await fetch(bar.action, {
      method: "POST", body: new FormData(bar), headers: FETCHED,
    }).catch(() => null);
    if (!answer?.ok) return bar.submit();
    ends = Date.now() + 1000 * (await answer.json()).left;
    look();
  });
}

// The pages of a file are turned by the arrows of the keyboard; the next one is fetched while this one is read.
function turnPages() {
  const leaf = document.querySelector("[data-leaf]");
  if (!leaf) return;
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest("input, textarea, select, .leaf-large")) return;
    const rel = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
    const link = rel && document.querySelector(`.leaf-bar a[rel="${rel}"]`);
    if (link) link.click();
  });
  if (leaf.dataset.after) new Image().src = leaf.dataset.after;
}

// A file is given in by dropping it on its field, and its sending is seen; the answer is the page as without it.
function sendFiles() {
  for (const input of document.querySelectorAll("input[data-drop]")) {
    const field = input.closest(".field");
    for (const kind of ["dragover", "dragleave", "drop"])
      field.addEventListener(kind, (event) => {
        event.preventDefault();
        field.classList.toggle("field-drop", kind === "dragover");
        if (kind === "drop" && event.dataTransfer.files.length) input.files = event.dataTransfer.files;
      });
    const form = input.form;
    form.addEventListener("submit", (event) => {
      if (event.defaultPrevented || !input.files.length) return;
      event.preventDefault();
      if (form.dataset.sent) return;
      form.dataset.sent = "true";
      const bar = form.querySelector(".sending");
      const sending = new XMLHttpRequest();
      sending.upload.addEventListener("progress", (step) => {
        bar.hidden = false;
        if (step.lengthComputable) bar.value = step.loaded / step.total;
      });
      const broke = () => {
        bar.hidden = true;
        form.querySelector(".sending-broke").hidden = false;
        delete form.dataset.sent;
      };
      sending.addEventListener("load", () => {
        if (sending.status === 429 || sending.status === 503) return broke();
        if (new URL(sending.responseURL).pathname !== location.pathname) return location.assign(sending.responseURL);
        const page = new DOMParser().parseFromString(sending.responseText, "text/html");
        document.querySelector("main").replaceWith(page.querySelector("main"));
        scrollTo(0, 0);
        showWhatIsWrong();
        sendFiles();
      });
      sending.addEventListener("error", broke);
      sending.open("POST", form.action);
      sending.setRequestHeader("X-Page-Language", LANGUAGE);
      sending.send(new FormData(form));
    });
  }
}

// What parts of the page ask for is in the page's language too.
function askInLanguage() {
  document.addEventListener("htmx:configRequest", ({ detail }) => { detail.headers["X-Page-Language"] = LANGUAGE; });
}

// What a part of the page asked for was not answered: it is said why and what to do, until an answer comes. The part, and
// what is typed in it, stays as it was.
function sayUnheard() {
  const said = document.querySelector("[data-unheard]");
  if (!said) return;
  const say = (text) => { said.hidden = !text; said.textContent = text; };
  const why = { 401: said.dataset.ended, 429: said.dataset.busy };
  document.addEventListener("htmx:responseError", (event) => say(why[event.detail.xhr.status] ?? said.dataset.away));
  for (const kind of ["htmx:sendError", "htmx:timeout"]) document.addEventListener(kind, () => say(said.dataset.away));
  document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.successful) say(""); });
}

// The person's menu closes with Escape, which leads back to its button, and when one goes on elsewhere.
function foldMenu() {
  const menu = document.querySelector("details.menu");
  if (!menu) return;
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  for (const kind of ["click", "focusin"])
    document.addEventListener(kind, (event) => { if (!menu.contains(event.target)) menu.open = false; });
}

// "/" leads to the search field, unless somebody is typing.
function slashSearches() {
  document.addEventListener("keydown", (event) => {
    const field = document.querySelector("[data-slash]");
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || !field) return;
    if (event.target.closest("input, textarea, select, [contenteditable]") || !field.offsetParent) return;
    event.preventDefault();
    field.focus();
    field.select();
  });
}

// Somebody types, or something lies above the page: keys of the page wait.
function isTyping(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return true;
  return Boolean(event.target.closest("input, textarea, select, [contenteditable], dialog[open]"));
}

// "?" and its link show what the page is for, with the keys, above the page; without this the link leads to the help.
function showHelp() {
  const link = document.querySelector("[data-help]");
  const sheet = document.querySelector(".help-sheet");
  if (!link || !sheet) return;
  const show = async (event) => {
    event.preventDefault();
    const answer = await fetch(link.href, { headers: FETCHED }).catch(() => null);
    if (!answer?.ok) return location.assign(link.href);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    sheet.firstElementChild.replaceChildren(page.querySelector("[data-help-part]"));
    sheet.showModal();
  };
  link.addEventListener("click", (event) => { if (!event.ctrlKey && !event.metaKey) show(event); });
  document.addEventListener("keydown", (event) => { if (event.key === "?" && !isTyping(event)) show(event); });
}

// Ctrl K: places, plans, meetings and acts by words, chosen by the arrows and Enter.
function openPalette() {
  const sheet = document.querySelector("[data-palette]");
  if (!sheet) return;
  const [field, list, none] = ["input", "ul", "[data-none]"].map((each) => sheet.querySelector(each));
  let waiting, asked = 0;
  const options = () => [...list.children];
  const choose = (chosen) => {
    for (const each of options()) each.setAttribute("aria-selected", String(each === chosen));
    if (chosen) field.setAttribute("aria-activedescendant", chosen.id);
    else field.removeAttribute("aria-activedescendant");
    chosen?.scrollIntoView({ block: "nearest" });
  };
  const row = (entry, number) => {
    const made = document.createElement("li");
    made.id = `palette-${number}`;
    made.role = "option";
    made.dataset.url = entry.url;
    for (const [tag, text, name] of [["small", entry.kind], ["span", entry.text], ["small", entry.note, "palette-note"]]) {
      const part = document.createElement(tag);
      part.textContent = text;
      part.className = name ?? "";
      if (text) made.append(part);
    }
    return made;
  };
  const ask = async () => {
    const turn = asked += 1;
    const answer = await fetch(`${sheet.dataset.palette}?q=${encodeURIComponent(field.value)}`, { headers: FETCHED }).catch(() => null);
    if (!answer?.ok || turn !== asked) return;
    const { entries } = await answer.json();
    list.replaceChildren(...entries.map(row));
    none.hidden = entries.length > 0;
    choose(list.firstElementChild);
  };
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    if (sheet.open) return sheet.close();
    field.value = "";
    sheet.showModal();
    ask();
  });
  field.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(ask, 150); });
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const all = options();
    const at = all.findIndex((each) => each.getAttribute("aria-selected") === "true");
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && all.length) choose(all[(at + step + all.length) % all.length]);
    else if (event.key === "Enter" && all[at]) location.assign(all[at].dataset.url);
    else return;
    event.preventDefault();
  });
  list.addEventListener("click", (event) => {
    const chosen = event.target.closest("[data-url]");
    if (chosen) location.assign(chosen.dataset.url);
  });
}

// j and k go along the rows of a list, Enter follows the row, e does what is usual with it.
function walkRows() {
  document.addEventListener("keydown", (event) => {
    if (!["j", "k", "e"].includes(event.key) || isTyping(event)) return;
    const links = [...document.querySelectorAll("main .slip > a, main .table-linked tbody th a")].filter((each) => each.offsetParent);
    const at = links.indexOf(document.activeElement);
    if (!links.length || (event.key === "e" && at < 0)) return;
    event.preventDefault();
    if (event.key !== "e") return links[Math.min(links.length - 1, Math.max(0, at + (event.key === "j" ? 1 : -1)))].focus();
    const form = links[at].parentElement.querySelector("form[data-e]");
    if (form) form.requestSubmit();
    else location.assign(`${links[at].href.split("#")[0]}#acts`);
  });
}

// The shell is installed; a paper is kept on this device when its reader asks, until signing out, until somebody else signs
// in here, or until the reader may not see it any more.
function installShell() {
  if (!("serviceWorker" in navigator) || !isSecureContext) return;
  navigator.serviceWorker.register("/worker.js").catch(() => null);
  const { person } = document.body.dataset;
  if (person) forgetPapers(`kept-${person}`).catch(() => null);
  for (const button of document.querySelectorAll("[data-keep-offline]")) {
    const kept = caches.open(`kept-${person}`);
    const press = async () => button.setAttribute("aria-pressed", String(Boolean(await (await kept).match(location.pathname))));
    button.hidden = false;
    button.addEventListener("click", async () => {
      const had = await (await kept).delete(location.pathname);
      const page = had ? null : await fetch(location.pathname, { headers: FETCHED }).catch(() => null);
      if (page?.ok && !page.redirected) await (await kept).put(location.pathname, page);
      press();
    });
    press();
  }
  const list = document.querySelector("[data-papers]");
  if (list) keptPapers().then((kept) => list.append(...kept.map((path) => {
    const [row, link] = ["li", "a"].map((tag) => document.createElement(tag));
    link.href = link.textContent = path;
    row.append(link);
    return row;
  })));
}

// What somebody else kept on this device goes; on the desk also what its reader may not see any more.
async function forgetPapers(own) {
  for (const name of await caches.keys()) if (name.startsWith("kept") && name !== own) await caches.delete(name);
  if (location.pathname !== "/" || !(await caches.has(own))) return;
  const kept = await caches.open(own);
  for (const each of await kept.keys()) {
    const answer = await fetch(each.url, { method: "HEAD", headers: FETCHED }).catch(() => null);
    if ([403, 404].includes(answer?.status)) await kept.delete(each);
  }
}

async function keptPapers() {
  const names = (await caches.keys()).filter((name) => name.startsWith("kept"));
  const kept = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
  return kept.flat().map((each) => new URL(each.url).pathname);
}

// What is due is pushed to this device, once its reader allows it.
function allowPush() {
  const form = document.querySelector("form[data-push]");
  if (!form || !("PushManager" in window)) return;
  const said = form.querySelector("[data-said-push]");
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      if ((await Notification.requestPermission()) !== "granted") return void (said.textContent = form.dataset.denied);
      const worker = await navigator.serviceWorker.ready;
      const key = Uint8Array.from(atob(form.dataset.push.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
      const made = (await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key })).toJSON();
      const body = new FormData(form);
      for (const [name, value] of [["endpoint", made.endpoint], ...Object.entries(made.keys)]) body.set(name, value);
      const answer = await fetch(form.action, { method: "POST", body, headers: FETCHED });
      if (answer.ok) return location.reload();
      said.textContent = answer.status === 422 ? (await answer.json()).why : form.dataset.failed;
    } catch {
      said.textContent = form.dataset.failed;
    }
    delete form.dataset.sent;
  });
}

// A meeting that runs is shown as it stands. A socket says that something has happened; without one the page asks, each
// time a little later, not all at once. It takes over the parts that changed, and says when it may be out of date.
function followMeeting() {
  const said = document.querySelector("[data-follow]");
  if (!said) return;
  const rosterOf = (line) => line.dataset.roster && Number(line.dataset.roster);
  let version = Number(said.dataset.version), roster = rosterOf(said), failures = 0, waiting, asking = false;
  let looking = false, again = false, held = false, settling, unsettled, line;
  const say = (text) => { said.hidden = !text; if (said.textContent !== text) said.textContent = text; };
  const later = () => {
    clearTimeout(waiting);
    const pause = line?.open && !failures ? 60000 : Math.min(30000, 2000 * 2 ** failures);
    waiting = setTimeout(ask, pause * (0.75 + Math.random() / 2));
  };
  const fetched = (address) => fetch(address, {
    headers: FETCHED, signal: AbortSignal.timeout(15000),
  });

  async function ask() {
    if (asking || document.hidden || !said.isConnected) return;
    asking = true;
    try {
      const answer = await fetched(said.dataset.follow);
      if (answer.status === 404) return location.reload();
      failures = answer.ok ? 0 : failures + 1;
      say(answer.ok ? "" : answer.status === 401 ? said.dataset.ended : said.dataset.offline);
      if (answer.ok) hearOf(await answer.json());
    } catch {
      failures += 1;
      say(said.dataset.offline);
    } finally {
      asking = false;
    }
    later();
  }

  const hearOf = (told) => hear({ v: told.version, anew: told.roster !== roster });

  // What is older than the page is dropped; of what is newer the present state is asked for, once for any number. What all
  // have alike may come with it: it is shown at once, and one's own, if it is not concerned, asked for when it has been quiet
  // for some seconds, or half a minute later if it never is.
  async function hear({ v, anew = false, parts, tags: fresh, own = true }) {
    if (v <= version && !anew && !again) return;
    if (parts && v > version) {
      version = v;
      seen = "";
      takeParts(parts, fresh);
      if (!own) {
        unsettled ??= Date.now() + 30000;
        clearTimeout(settling);
        const pause = Math.min(2000 + 4000 * Math.random(), unsettled - Date.now());
        settling = setTimeout(() => hear({ v, anew: true }), pause);
        return;
      }
    }
    again = true;
    if (looking || document.hidden || !said.isConnected) return;
    looking = true;
    try {
      while (again && !document.hidden && said.isConnected) {
        again = false;
        const began = Date.now();
        await show();
        await new Promise((done) => setTimeout(done, Math.max(250, 2 * (Date.now() - began))));
      }
    } catch {
      again = true; // with the next word, also if that is of the version whose parts a socket brought
      failures += 1;
      say(said.dataset.offline);
      later();
    } finally {
      looking = false;
    }
  }
  async function show() {
    held = false;
    settling = unsettled = clearTimeout(settling);
    const is = await (said.dataset.refresh ? showParts() : showPage());
    if (is === said.dataset.kind) document.body.dispatchEvent(new Event("meeting-changed"));
    else location.reload();
  }
  // Both return of what kind the page is now: of another one all is asked for anew.
  async function showPage() {
    const answer = await fetched(location.pathname);
    if (!answer.ok) throw new Error(answer.status);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-follow]");
    if (fresh?.dataset.kind !== said.dataset.kind) return null;
    version = Math.max(version, Number(fresh.dataset.version));
    roster = rosterOf(fresh);
    for (const part of document.querySelectorAll("[data-live]")) {
      const now = page.querySelector(`[data-live="${part.dataset.live}"]`);
      if (now && !takeOver(part, now)) held = true;
    }
    return fresh.dataset.kind;
  }

  // Of the room only the parts that have changed are asked for, by their tags; what is folded away is asked for when it is
  // unfolded. A part that is left as it was keeps its tag, and so is asked for again.
  const tags = new Map((said.dataset.tags ?? "").split("~").map((each) => each.split(".")));
  const isFolded = (name) => live(name)?.closest("details:not([open])") && !name.startsWith("past-");
  let seen = "";
  async function showParts() {
    // as many as an address has room for; a part without its tag is sent as if it were new
    const has = [...tags].filter(([name]) => !isFolded(name)).slice(0, 250).map((each) => each.join(".")).join("~");
    const answer = await fetch(`${said.dataset.refresh}?has=${has}`, {
      headers: { ...FETCHED, "If-None-Match": seen }, signal: AbortSignal.timeout(15000),
    });
    if (answer.status === 304) return said.dataset.kind;
    if (!answer.ok) throw new Error(answer.status);
    const told = await answer.json();
    if (told.kind !== said.dataset.kind) return told.kind;
    roster = told.roster;
    if (told.version < version) { // it was overtaken by what a socket brought
      again = true;
      return told.kind;
    }
    version = told.version;
    takeParts(told.parts, told.tags);
    seen = held ? "" : answer.headers.get("ETag");
    return told.kind;
  }
  function takeParts(parts, fresh) {
    for (const [name, html] of Object.entries(parts)) {
      const made = new DOMParser().parseFromString(html, "text/html").body.firstElementChild;
      for (const place of made.querySelectorAll("[data-live]")) {
        const there = live(place.dataset.live);
        if (there) place.replaceWith(there.cloneNode(true));
      }
      const part = live(name);
      if (part && takeOver(part, made)) tags.set(name, fresh[name]);
      else held = true;
    }
    for (const name of [...tags.keys()]) if (!live(name)) tags.delete(name); // an item may come back to its place
  }
  document.addEventListener("toggle", ({ target }) => {
    if (said.dataset.refresh && target.open && target.querySelector("[data-live]")) hear({ v: version, anew: true });
  }, true);

  line = openLine(said.dataset.socket, {
    says: () => ({ v: version }),
    hears: (told) => { failures = 0; say(""); later(); hear(told); },
    lost: (why) => { clearTimeout(waiting); waiting = setTimeout(ask, why >= 4000 ? 0 : 1000 * Math.random()); },
  });
  const back = () => {
    line?.check();
    ask();
    if (again) hear({ v: version, anew: true });
  };
  document.addEventListener("visibilitychange", () => { if (!document.hidden) back(); });
  addEventListener("online", back);
  addEventListener("offline", () => say(said.dataset.offline));
  document.addEventListener("room-acted", () => hear({ v: version, anew: true }));
  // what somebody was filling in was left as it was: now it may follow
  document.addEventListener("focusout", () => setTimeout(() => { if (held) hear({ v: version, anew: true }); }));
  later();
}

// The part of the page with this name.
function live(name) {
  return document.querySelector(`[data-live="${name}"]`);
}

// A socket that comes back by itself, each time a little later and not all at once. One that says nothing when it is
// asked is taken for lost: a browser may not notice for minutes.
function openLine(address, { says, hears, lost }) {
  if (!address) return null;
  const url = new URL(address, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  let socket, tries = 0, silence;
  const line = { open: false, check };

  function open() {
    const opened = new WebSocket(url);
    const end = (why) => {
      if (socket !== opened) return;
      socket = null;
      line.open = false;
      clearTimeout(silence);
      opened.close();
      lost(why);
      // 4429: this person has many pages open; those that have a socket keep it, and this one asks meanwhile
      const pause = why === 4429 ? 120000 : Math.min(30000, 1000 * 2 ** tries);
      setTimeout(() => socket ?? open(), pause * (0.5 + Math.random()));
      tries += 1;
    };
    socket = opened;
    opened.end = end;
    opened.addEventListener("message", (event) => {
      if (socket !== opened) return;
      tries = 0;
      line.open = true;
      clearTimeout(silence);
      hears(JSON.parse(event.data));
    });
    opened.addEventListener("close", (event) => end(event.code));
  }
  function check() {
    if (!socket) return open();
    if (socket.readyState !== WebSocket.OPEN) return;
    const asked = socket;
    clearTimeout(silence);
    silence = setTimeout(() => asked.end(0), 8000);
    asked.send(JSON.stringify(says()));
  }
  setInterval(() => { if (socket) check(); }, 25000);
  open();
  return line;
}

// The part of the page becomes the fresh one; what is unfolded stays so, and the focus stays where it was. What somebody
// fills in stays as it is, a ballot for as long as it is for the same vote and seat with the same choices, and one that is
// being sent in any case. False is returned for a part that is left as it was for that.
function takeOver(part, fresh) {
  if (bare(part) === bare(fresh)) return true;
  const [now, then] = [part, fresh].map((each) => each.dataset.hold ?? "");
  if (part.querySelector("form[inert]") || ((!now || now === then) && isFilledIn(part))) return false;
  const fold = (each, place) => each.id || place;
  const open = new Map([...part.querySelectorAll("details")].map((each, place) => [fold(each, place), each.open]));
  const focus = focusIn(part);
  const ballot = voteAndSeat(now) === voteAndSeat(then) ? part.querySelector("form[data-ballot]") : null;
  part.replaceChildren(...fresh.childNodes);
  [...part.querySelectorAll("details")].forEach((each, place) => { if (open.get(fold(each, place)) ?? each.open) each.open = true; else if ("wide" in each.dataset) each.open = false; });
  part.dataset.hold = then;
  part.className = fresh.className;
  if (ballot) fillIn(part.querySelector("form[data-ballot]"), ballot);
  document.dispatchEvent(new Event("room-shown"));
  focus?.(part);
  return true;
}

// What tells one state of a part from another: no token of its forms, and nothing that the reader does.
function bare(part) {
  const copy = part.cloneNode(true);
  for (const token of copy.querySelectorAll("[name=csrfmiddlewaretoken], [name=once], [name=key]")) token.remove();
  for (const fold of copy.querySelectorAll("details")) fold.open = false;
  for (const place of copy.querySelectorAll("[data-loaded]")) place.remove();
  for (const clock of copy.querySelectorAll("[data-since], [data-clock]")) clock.replaceChildren();
  for (const shown of copy.querySelectorAll("[data-since], [data-copy], [data-print]")) shown.hidden = true;
  for (const late of copy.querySelectorAll(".timer-over")) late.classList.remove("timer-over");
  return copy.innerHTML;
}

// In the room the form of an act opens beside what it is about, which goes on meanwhile; without this it is a page of its
// own. The answer to it stays in the sheet while something is wrong; else it is told, and the room follows by itself.
function openActs() {
  const sheet = document.querySelector("[data-sheet]");
  if (!sheet) return;
  const done = document.querySelector("[data-done]");
  const acts = ".room-lead a.button, .room-acts a.button, #agenda .acts a.button";
  let address, asked = 0;

  function show(page, title) {
    const main = page.querySelector("main");
    const form = main?.querySelector("form.act");
    const head = document.createElement("h2");
    head.id = "sheet-title";
    head.textContent = main?.querySelector("h1")?.textContent ?? title;
    const parts = [...(main?.children ?? [])].filter((each) => !each.matches(".crumb, .vote-told, .session, [data-follow]"));
    for (const each of parts) each.querySelector("h1")?.remove();
    sheet.replaceChildren(head, ...parts);
    // the ids of the form are its own, whatever else is on the page
    for (const name of ["id", "for", "aria-describedby", "aria-labelledby"])
      for (const each of sheet.querySelectorAll(`[${name}]`))
        if (each !== head) each.setAttribute(name, each.getAttribute(name).split(" ").map((id) => `sheet-${id}`).join(" "));
    for (const each of sheet.querySelectorAll('a[href^="#"]')) each.hash = `#sheet-${each.hash.slice(1)}`;
    if (!sheet.open) sheet.show();
    const wrong = sheet.querySelector(".summary, .refusal");
    if (wrong) wrong.tabIndex = -1;
    (wrong ?? form?.querySelector("input:not([type=hidden]), textarea, select, button") ?? sheet.querySelector("a, button"))?.focus();
  }
  function close() {
    asked += 1;
    sheet.close();
    sheet.replaceChildren();
    [...document.querySelectorAll(acts)].find((each) => each.getAttribute("href") === address)?.focus();
  }
  function say(text) {
    const said = sheet.querySelector("[data-unsent]") ?? sheet.querySelector("form.act")?.appendChild(document.createElement("p"));
    if (!said) return;
    said.dataset.unsent = "";
    said.className = "flash flash-warning";
    said.setAttribute("role", "alert");
    said.textContent = text;
  }
  const parse = async (answer) => new DOMParser().parseFromString(await answer.text(), "text/html");

  document.addEventListener("click", async (event) => {
    const link = event.target.closest(acts);
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      if (sheet.open && isFilledIn(sheet)) return sheet.querySelector("textarea, input:not([type=hidden])")?.focus();
      address = link.getAttribute("href");
      done.hidden = true;
      const mine = asked += 1;
      const answer = await fetch(address, { headers: { "X-Page-Language": LANGUAGE } }).catch(() => null);
      if (mine !== asked) return;
      const page = answer?.ok && !answer.redirected ? await parse(answer) : null;
      if (!page?.querySelector("main form[data-act]")) return location.assign(address); // a page of another kind
      show(page, link.textContent);
    } else if (event.target.closest("[data-sheet] .form-cancel, [data-sheet] a.button")) {
      event.preventDefault();
      close();
    }
  });
  sheet.addEventListener("keydown", (event) => { if (event.key === "Escape" && !isFilledIn(sheet)) close(); });
  addEventListener("beforeunload", (event) => { if (sheet.open && isFilledIn(sheet)) event.preventDefault(); });
  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("[data-sheet] form.act");
    if (!form) return;
    event.preventDefault();
    if (form.inert) return;
    const sent = new FormData(form, event.submitter);
    form.inert = true;
    const answer = await fetch(address, {
      method: "POST", body: sent, headers: { "X-Page-Language": LANGUAGE }, signal: AbortSignal.timeout(15000),
    }).catch(() => null);
    form.inert = false;
    if (!answer || answer.status >= 500) return say(sheet.dataset.away);
    const page = await parse(answer);
    if (!answer.redirected) return show(page, "");
    const to = new URL(answer.url).pathname;
    if (!page.querySelector("[data-follow]") && to !== location.pathname && page.querySelector("[name=password]")) return say(sheet.dataset.ended);
    if (to !== location.pathname) return location.assign(answer.url);
    const told = [...page.querySelectorAll("main > .flash[role=status]")].filter((each) => !each.hidden);
    done.textContent = told.map((each) => each.textContent.trim()).join(" ");
    done.hidden = !done.textContent;
    done.className = "flash flash-success"; // not before there is something to tell
    close();
    document.dispatchEvent(new Event("room-acted"));
  }, true);
}

// A page is printed by a button, which the browser's menu hides; the receipt of a ballot without the rest of its page, and
// it is copied.
function keepReceipts() {
  const shown = () => {
    for (const each of document.querySelectorAll("[data-copy], [data-print]")) each.hidden = false;
  };
  document.addEventListener("click", async ({ target }) => {
    const copy = target.closest("[data-copy]"), print = target.closest("[data-print]");
    if (copy) {
      try {
        await navigator.clipboard.writeText(copy.dataset.copy);
        copy.textContent = copy.dataset.copied;
      } catch { // not allowed here: the digits are shown and selected, to be copied by hand
        const whole = document.querySelector(`[data-receipt="${CSS.escape(copy.dataset.copy)}"]`);
        if (whole.closest("details")) whole.closest("details").open = true;
        getSelection().selectAllChildren(whole);
      }
    }
    if (print) {
      const receipt = print.closest(".receipt") ?? document.createElement("section"); // else the whole page is
      receipt.dataset.printed = "";
      for (const fold of receipt.querySelectorAll("details")) fold.open = true;
      window.print();
      delete receipt.dataset.printed;
    }
  });
  document.addEventListener("room-shown", shown);
  shown();
}

// A part with a ballot is marked "vote-seat-choices".
function voteAndSeat(hold) {
  return hold.split("-", 2).join("-");
}

// The ballot has other choices now: what was typed and chosen goes on, as far as it is still offered.
function fillIn(form, before) {
  if (!form) return;
  const chosen = before.querySelector("[name=choice]:checked")?.value;
  for (const each of form.querySelectorAll("[name=choice]")) each.checked = each.value === chosen;
  form.elements.reason.value = before.elements.reason.value;
}

// Where the focus is in the part, as a function that brings it there in what replaces it: the same field, the same act,
// or the same fold or stopped act, by its words or else its place. Never another act, which a key would do.
function focusIn(part) {
  const at = part.contains(document.activeElement) ? document.activeElement : null;
  if (!at) return null;
  const { name, value, selectionStart: from, selectionEnd: to } = at;
  const act = at.getAttribute("href") ?? at.closest("form")?.getAttribute("action");
  if (at.matches("input, textarea, select"))
    return (fresh) => {
      const fields = [...fresh.querySelectorAll(`[name="${CSS.escape(name)}"]`)];
      const field = fields.find((each) => each.type !== "radio" || each.value === value);
      field?.focus();
      if (field?.matches("textarea")) field.setSelectionRange(from, to);
    };
  if (act)
    return (fresh) => fresh.querySelector(`a[href="${CSS.escape(act)}"], form[action="${CSS.escape(act)}"] button`)?.focus();
  const kind = at.matches("summary") ? "summary" : '[aria-disabled="true"]';
  const words = at.textContent;
  const place = [...part.querySelectorAll(kind)].indexOf(at);
  return (fresh) => {
    const alike = [...fresh.querySelectorAll(kind)];
    const said = [...fresh.querySelectorAll(`${kind}, a, button`)].filter((each) => each.textContent === words);
    (said.length === 1 ? said[0] : alike[place])?.focus();
  };
}

function isFilledIn(part) {
  if (part.contains(document.activeElement) && document.activeElement.matches("input, textarea, select")) return true;
  return [...part.querySelectorAll("input:not([type=hidden]), textarea, select")].some((field) => {
    if (field.options) return field.selectedIndex !== Math.max(0, [...field.options].findIndex((each) => each.defaultSelected));
    return field.value !== field.defaultValue || field.checked !== field.defaultChecked;
  });
}

// A ballot is recorded on the server's word and not before. While there is none the page says so and sends the same
// ballot again, under the same key: it counts once.
function castSurely() {
  const stay = (event) => event.preventDefault();
  let shown = location.pathname;
  // "manual" is left from a ballot that was cast: where its answer led is shown, wherever styles and fonts have put it
  addEventListener("load", () => {
    if (history.scrollRestoration === "manual" && location.hash) document.querySelector(location.hash)?.scrollIntoView();
    history.scrollRestoration = "auto";
  });
  // back from a page that says what is wrong; a way within the page is none
  addEventListener("popstate", () => { if (location.pathname !== shown) location.reload(); });
  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("form[data-ballot]");
    if (!form) return;
    event.preventDefault();
    if (form.inert) return;
    const said = form.previousElementSibling;
    const say = (text) => { said.hidden = !text; said.textContent = text; };
    const ballot = new URLSearchParams(new FormData(form));
    form.inert = true;
    addEventListener("beforeunload", stay);
    say(said.dataset.sending);
    let answer;
    for (let tries = 0; !(answer = await wordOn(form, ballot)); tries += 1) {
      say(said.dataset.unconfirmed);
      await backOnline(Math.min(15000, 1000 * 2 ** tries) * (0.75 + Math.random() / 2));
    }
    removeEventListener("beforeunload", stay);
    if (answer.to) {
      form.remove(); // until the page is there anew nobody casts it again
      const here = new URL(answer.to, location.href).pathname === location.pathname;
      history.scrollRestoration = "manual"; // the page anew is where the answer leads, not where the ballot was
      location.assign(answer.to);
      if (here) location.reload();
      return;
    }
    form.inert = false;
    if (answer.other) return say(said.dataset.other);
    if (answer.signedOut) {
      say(said.dataset.ended);
      return said.append(" ", signInLink(said.dataset));
    }
    if (form.action !== location.href) history.pushState(null, "", form.action);
    shown = location.pathname;
    document.querySelector("main").replaceWith(answer.page.querySelector("main"));
    scrollTo(0, 0);
    showWhatIsWrong();
  }, true);
}

// What the server says of the ballot: where it led, or a page that says what is wrong; null while that is unknown. A
// token of an earlier session is replaced once.
async function wordOn(form, ballot, again = false) {
  try {
    const answer = await fetch(form.action, {
      method: "POST", body: ballot, signal: AbortSignal.timeout(15000),
      headers: { ...FETCHED, Accept: "application/json" },
    });
    if (answer.status >= 500) return null;
    if (answer.status === 401) return { signedOut: true };
    if (answer.ok && answer.headers.get("Content-Type") === "application/json") return await answer.json();
    if (answer.status === 403 && !again) return (await renewBallot(form, ballot)) ?? (await wordOn(form, ballot, true));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return page.querySelector("main") ? { page } : null;
  } catch {
    return null;
  }
}

// The ballot gets a token of the present session, if it is still the same person and still asked for; or what there is to
// say instead. Rejects while the server does not tell.
async function renewBallot(form, ballot) {
  const answer = await fetch(form.action, {
    headers: FETCHED, signal: AbortSignal.timeout(15000),
  });
  if (answer.status >= 500) throw new Error(answer.status);
  if (answer.status === 401) return { signedOut: true };
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const name = (of) => of.querySelector(".menu > summary")?.textContent;
  if (name(page) !== name(document)) return { other: true };
  const fresh = page.querySelector("form[data-ballot]");
  if (!fresh) return page.querySelector("main") ? { page } : Promise.reject(new Error(answer.status));
  if (fresh.dataset.person !== form.dataset.person) return { other: true };
  const token = fresh.elements.csrfmiddlewaretoken.value;
  form.elements.csrfmiddlewaretoken.value = token;
  ballot.set("csrfmiddlewaretoken", token);
  return null;
}

// So many milliseconds have gone by, or the browser is online again.
function backOnline(pause) {
  return new Promise((done) => {
    const timer = setTimeout(done, pause);
    addEventListener("online", () => { clearTimeout(timer); done(); }, { once: true });
  });
}

// How long an item has been deliberated, how much is left to whoever speaks, and the hour, by the server's clock.
function runClocks() {
  const page = document.querySelector("[data-now]");
  if (!page) return;
  const ahead = Date.parse(page.dataset.now) - Date.now();
  const zone = Number(/([+-])(\d\d):(\d\d)$/.exec(page.dataset.now)?.slice(1).join("") ?? 0);
  const two = (number) => String(number).padStart(2, "0");
  const tick = () => {
    const now = Date.now() + ahead;
    for (const timer of document.querySelectorAll("[data-since]")) {
      const seconds = Math.max(0, Math.floor((now - Date.parse(timer.dataset.since)) / 1000));
      const left = timer.dataset.minutes === undefined ? null : 60 * timer.dataset.minutes - seconds;
      const shown = Math.abs(left ?? seconds);
      const minutes = shown < 3600 ? Math.floor(shown / 60) : `${Math.floor(shown / 3600)}:${two(Math.floor(shown / 60) % 60)}`;
      timer.textContent = `${left < 0 ? "+" : ""}${minutes}:${two(shown % 60)}`;
      timer.hidden = false;
      timer.classList.toggle("timer-over", left < 0);
    }
    for (const clock of document.querySelectorAll("[data-clock]")) {
      const there = new Date(now + 60000 * (60 * Math.trunc(zone / 100) + zone % 100));
      clock.textContent = `${two(there.getUTCHours())}:${two(there.getUTCMinutes())}`;
    }
  };
  setInterval(tick, 1000);
  document.addEventListener("room-shown", tick);
  tick();
}

// What stands in a fold is fetched when it is opened, and again when its part of the page comes anew: what has not changed
// is not sent twice. Where it fails the way to a page of its own stays.
const loaded = new Map();
function openLoads() {
  document.addEventListener("toggle", async ({ target: fold }) => {
    const address = fold.dataset?.load;
    const place = address && fold.querySelector("[data-loaded]");
    if (!place || !fold.open || place.dataset.loaded) return;
    place.dataset.loaded = "asked";
    try {
      let known = loaded.get(address);
      const answer = await fetch(address, {
        headers: { ...FETCHED, ...(known && { "If-None-Match": known.tag }) }, signal: AbortSignal.timeout(15000),
      });
      if (answer.status !== 304) {
        if (!answer.ok) throw new Error(answer.status);
        known = { tag: answer.headers.get("ETag") ?? "", html: await answer.text() };
        loaded.set(address, known);
      }
      place.replaceChildren(...new DOMParser().parseFromString(known.html, "text/html").body.childNodes);
    } catch {
      place.dataset.loaded = "";
    }
  }, true);
}

// A way to a place within a fold opens the fold, and what is printed is open; browsers differ in both.
function openFolds() {
  const open = (fold) => { for (let each = fold; each; each = each.parentElement?.closest("details")) each.open = true; };
  const reveal = () => {
    const at = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const fold = at && (at.querySelector(":scope > details[data-wide]") ?? at.closest("details:not(.menu)"));
    if (!fold || (fold.open && !fold.parentElement.closest("details:not([open])"))) return;
    open(fold);
    at.scrollIntoView();
  };
  if (matchMedia("(max-width: 48rem)").matches)
    for (const fold of document.querySelectorAll("details[data-wide]")) fold.open = false;
  addEventListener("hashchange", reveal);
  reveal();
  addEventListener("beforeprint", () => {
    for (const fold of document.querySelectorAll("main details:not([open], .menu)")) { fold.open = true; fold.dataset.unfolded = ""; }
  });
  addEventListener("afterprint", () => {
    for (const fold of document.querySelectorAll("details[data-unfolded]")) { fold.open = false; delete fold.dataset.unfolded; }
  });
}

// A frame drawn on a page of a file, and words marked in a plan, go into the form of the reader's own annotation.
function annotate() {
  const marks = document.querySelector("[data-marks]");
  const areas = document.querySelector("select[data-area]");
  if (marks && areas) frameArea(marks, areas);
  const quote = document.querySelector("[data-quote-field]");
  if (!quote) return;
  document.addEventListener("selectionchange", () => {
    const chosen = getSelection();
    const section = chosen.anchorNode?.parentElement?.closest("[data-annotated] [id]");
    if (chosen.isCollapsed || !section) return;
    quote.value = chosen.toString().trim().slice(0, 2000);
    const place = quote.form.elements.place;
    for (let each = section; each; each = each.parentElement.closest("[id]"))
      if ([...place.options].some((option) => option.value === each.id)) { place.value = each.id; break; }
  });
  showQuotes();
}

// What was highlighted before is highlighted where it stands, as far as the browser can.
function showQuotes() {
  const within = document.querySelector("[data-annotated]");
  if (!within || !window.Highlight) return;
  const found = [];
  const texts = document.createTreeWalker(within, NodeFilter.SHOW_TEXT);
  const quotes = [...document.querySelectorAll("[data-quote]")].flatMap((each) => each.dataset.quote.split(/\s*\n\s*/)).filter(Boolean);
  for (let text = texts.nextNode(); text; text = texts.nextNode())
    for (const quote of quotes) {
      const at = text.data.indexOf(quote);
      if (at >= 0) found.push(new StaticRange({ startContainer: text, startOffset: at, endContainer: text, endOffset: at + quote.length }));
    }
  CSS.highlights.set("own", new Highlight(...found));
}

function frameArea(marks, areas) {
  let from = null;
  let frame = null;
  const at = (event) => {
    const box = marks.getBoundingClientRect();
    const within = (part) => Math.round(1000 * Math.min(1, Math.max(0, part)));
    return [within((event.clientX - box.left) / box.width), within((event.clientY - box.top) / box.height)];
  };
  marks.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "touch" || event.button) return;
    event.preventDefault();
    from = at(event);
    marks.setPointerCapture(event.pointerId);
    frame?.remove();
    frame = marks.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "rect"));
  });
  marks.addEventListener("pointermove", (event) => {
    if (!from) return;
    const to = at(event);
    const area = [Math.min(from[0], to[0]), Math.min(from[1], to[1]), Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1])];
    ["x", "y", "width", "height"].forEach((name, n) => frame.setAttribute(name, area[n]));
    frame.dataset.area = area;
  });
  marks.addEventListener("pointerup", () => {
    from = null;
    if (Math.min(...(frame?.dataset.area ?? "0,0,0,0").split(",").slice(2)) < 5) return frame?.remove();
    const option = areas.querySelector("[data-drawn]") ?? areas.appendChild(document.createElement("option"));
    option.dataset.drawn = "";
    option.textContent = areas.dataset.area;
    option.value = frame.dataset.area;
    areas.value = option.value;
    areas.closest("details").open = true;
  });
}

sendOnce();
annotate();
openFolds();
openLoads();
showWhatIsWrong();
keepDisabled();
orderRows();
guardText();
saveNotes();
editRows();
findMeasures();
keepTyped();
watchSession();
turnPages();
askInLanguage();
sayUnheard();
sendFiles();
followMeeting();
runClocks();
castSurely();
openActs();
keepReceipts();
slashSearches();
showHelp();
openPalette();
walkRows();
installShell();
allowPush();
foldMenu();
