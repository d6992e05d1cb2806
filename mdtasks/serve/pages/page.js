// Without this script the page works: each box is a form. With it, a tick does not load the page
// anew, changes of the notes show at once, and the mark of the hour moves.
"use strict";

const LONGEST_PAUSE = 60000;

let clockOffset = 0; // the server's clock may be another, in milliseconds
let told = ""; // the version of which the server told last
let refreshing = false;
let sent = Promise.resolve(); // one form after the other
let stream = null;
let pause = 1000; // before the stream is tried again
const busy = new Set(); // the buttons whose forms are on their way, by id

const day = () => document.getElementById("day");

// The page, brought up to date

// Whether the server told of more than is shown. Versions are "start-number".
function isBehind() {
  const [start, number] = (day().dataset.news ?? "").split("-");
  const [toldStart, toldNumber] = told.split("-");
  return told !== "" && (start !== toldStart || Number(number) < Number(toldNumber));
}

// One after the other, or an older answer could come last.
async function refresh() {
  if (refreshing) return;
  refreshing = true;
  try {
    // The answer to a form is a page; what came after that is looked at when it is there.
    while (isBehind() && !busy.size) {
      const loaded = await load();
      if (!loaded || startOf(day().dataset.news) !== startOf(told)) break;
    }
  } catch {
    away(true);
  } finally {
    refreshing = false;
  }
}

const startOf = (version) => (version ?? "").split("-")[0];

async function load() {
  const answer = await fetch("today", { cache: "no-store" });
  const html = await answer.text();
  away(!answer.ok);
  if (answer.ok && !busy.size) show(html);
  return answer.ok;
}

// The heading fades while what is shown may be of before.
function away(is) {
  document.body.classList.toggle("away", is);
}

// Put the new day in place of the old one. What was said stays until it is answered: `asked`.
function show(html, asked = false) {
  const found = new DOMParser().parseFromString(html, "text/html");
  const next = document.adoptNode(found.getElementById("day"));
  const said = found.getElementById("said");
  const opened = new Set([...document.querySelectorAll("details[open]")].map((each) => each.id));
  const place = placeOfFocus();
  for (const each of next.querySelectorAll("details")) each.open = opened.has(each.id);
  day().replaceWith(next);
  document.title = next.querySelector("h1").textContent;
  if (asked) say(said);
  restore(place);
  begin();
}

// Show what came of a button, and have it read out, once.
function say(said) {
  const before = document.getElementById("said");
  const hadFocus = before?.contains(document.activeElement);
  before?.remove();
  const words = said?.querySelector("p");
  words?.removeAttribute("role");
  tell(words?.textContent ?? "");
  if (said) {
    said.id = "said";
    day().before(document.adoptNode(said));
  }
  if (hadFocus) (said?.querySelector("button, a") ?? buttons()[0])?.focus();
}

function placeOfFocus() {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  return { id: at.id, number: buttons().indexOf(at) };
}

// The task that had the focus is gone once it is ticked: then the next one has it.
function restore(place) {
  if (!place) return;
  const same = place.id && document.getElementById(place.id);
  const all = buttons();
  const next = same || all[Math.min(place.number, all.length - 1)];
  if (same || place.number >= 0) next?.focus({ preventScroll: true });
}

const buttons = () => [...document.querySelectorAll("button.box")];

// Buttons

function send(form) {
  const body = new URLSearchParams(new FormData(form));
  const name = form.querySelector("button").id;
  if (busy.has(name)) return;
  busy.add(name);
  mark();
  sent = sent.then(async () => {
    try {
      const answer = await fetch(form.action, { method: "POST", body });
      const html = await answer.text();
      busy.delete(name);
      if (answer.ok) show(html, true);
      else await refused(html);
    } catch {
      away(true);
      say(trouble());
    } finally {
      busy.delete(name);
      mark();
      refresh();
    }
  });
}

// A page about what went wrong: its words stand on the day as it is now.
async function refused(html) {
  const found = new DOMParser().parseFromString(html, "text/html").getElementById("said");
  await load();
  say(found ?? trouble(html));
}

// A message of our own: that nothing was heard, or the words of a short answer.
function trouble(words) {
  const made = document.getElementById("silence").content.firstElementChild.cloneNode(true);
  if (words) made.querySelector("p").textContent = words.slice(0, 200);
  return made;
}

// Buttons are others after each answer.
function mark() {
  for (const each of document.querySelectorAll("button.box")) {
    if (busy.has(each.id)) each.setAttribute("aria-busy", "true");
    else each.removeAttribute("aria-busy");
  }
}

function tell(words) {
  const live = document.getElementById("live");
  if (live) live.textContent = words.replace(/\s+/g, " ").trim();
}

document.addEventListener("submit", (event) => {
  event.preventDefault();
  send(event.target);
});

document.addEventListener("click", (event) => {
  if (!event.target.closest("#said .close")) return;
  event.preventDefault();
  document.getElementById("said").remove();
  if (event.detail === 0) buttons()[0]?.focus(); // by keyboard
});

// The hour

function begin() {
  if (day().dataset.now) clockOffset = Number(day().dataset.now) - Date.now();
  clock();
  mark();
}

function clock() {
  if (!day().dataset.now) return;
  const now = Date.now() + clockOffset;
  for (const card of document.querySelectorAll(".card")) {
    const when = now >= card.dataset.end ? "past" : now >= card.dataset.start ? "now" : "ahead";
    card.classList.remove("past", "now", "ahead");
    card.classList.add(when);
    if (when === "now") card.setAttribute("aria-current", "time");
    else card.removeAttribute("aria-current");
  }
  const strip = document.getElementById("strip");
  const pointer = document.getElementById("now");
  if (!strip || !pointer) return;
  const { start, end } = strip.dataset;
  const part = (now - start) / (end - start);
  const x = `${(100 * part).toFixed(3)}%`;
  const [line, head] = pointer.children;
  pointer.classList.toggle("off", part < 0 || part > 1);
  line.setAttribute("x1", x);
  line.setAttribute("x2", x);
  head.setAttribute("cx", x);
}

// Changes

function listen() {
  stream?.close();
  stream = new EventSource("events");
  stream.addEventListener("open", () => {
    pause = 1000;
    away(false);
  });
  // Its first event says what there is now: nothing is missed.
  stream.addEventListener("day", (event) => {
    told = event.data;
    refresh();
  });
  stream.addEventListener("error", (event) => {
    away(true);
    if (event.target.readyState !== EventSource.CLOSED) return; // the browser tries again itself
    setTimeout(() => event.target === stream && listen(), pause);
    pause = Math.min(2 * pause, LONGEST_PAUSE);
  });
}

if (day()?.dataset.news) {
  begin();
  listen();
  setInterval(clock, 15000);
  history.replaceState(null, "", location.pathname);
  addEventListener("pagehide", () => stream.close());
  addEventListener("pageshow", (event) => event.persisted && listen());
  // Browsers give one server six connections: a page that nobody looks at takes none.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") stream.close();
    else listen();
    clock();
  });
}
