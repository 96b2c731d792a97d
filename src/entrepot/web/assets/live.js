// Keeps what is live on a screen up to date: patches rows by key as the server sends them, and says whether it
// still does. A screen has live lists (data-live); only those are asked for.
"use strict";

const SAID = {
  live: "live",
  waiting: "connecting again",
  gone: "not connected: load the page again",
  still: "paused",
};
const PATIENCE_MS = 2000; // a stream that is back sooner was never gone for those who look
let source = null;
let late = 0;

function show(state) {
  for (const link of document.querySelectorAll("[data-link]")) {
    link.dataset.state = state;
    link.textContent = SAID[state];
  }
  const bar = document.querySelector("[data-dropped]");
  if (!bar) return;
  if (state === "live" || state === "still") {
    clearTimeout(late);
    late = 0;
    bar.hidden = true;
  } else late ||= setTimeout(() => (bar.hidden = false), PATIENCE_MS);
  if (state === "gone") bar.textContent = "Not connected. Load the page again.";
}

// Rows that stay are not touched, so that focus, selection and scroll stay with them.
function patch(list, change) {
  const here = new Map(Array.from(list.querySelectorAll(":scope > [data-key]"), (row) => [row.dataset.key, row]));
  const wanted = new Set(change.keys);
  for (const [key, row] of here) if (!wanted.has(key)) row.remove();
  let at = list.querySelector(":scope > [data-key]");
  for (const key of change.keys) {
    let row = here.get(key);
    if (change.rows[key] !== undefined) {
      const made = build(change.rows[key]);
      if (row === undefined) made.classList.add("fresh");
      else row.replaceWith(made);
      if (row !== undefined && row === at) at = made;
      row = made;
    }
    if (row === at) at = at.nextElementSibling;
    else list.insertBefore(row, at);
  }
}

function build(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  localise(template.content);
  return template.content.firstElementChild;
}

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const calendar = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

const fine = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3, hourCycle: "h23" });

function localise(root) {
  const today = new Date().toDateString();
  for (const element of root.querySelectorAll("time[datetime]")) {
    const at = new Date(element.dateTime);
    if (!element.title) element.title = at.toLocaleString();
    const long = "fine" in element.dataset ? fine : at.toDateString() === today ? clock : calendar;
    element.textContent = long.format(at);
  }
}

function open() {
  const names = new Set(Array.from(document.querySelectorAll("[data-live]"), (list) => list.dataset.live));
  source = new EventSource(`/live?lists=${[...names].join(",")}`);
  source.onopen = () => show("live");
  source.onmessage = (message) => {
    for (const [name, change] of Object.entries(JSON.parse(message.data)))
      for (const list of document.querySelectorAll(`[data-live="${name}"]`)) patch(list, change);
  };
  source.onerror = () => show(source.readyState === EventSource.CLOSED ? "gone" : "waiting");
}

function close() {
  source?.close();
  show("still");
}

localise(document);
for (const zone of document.querySelectorAll("[data-zone]"))
  zone.textContent = Intl.DateTimeFormat().resolvedOptions().timeZone || "your time";
document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
if (!document.hidden) open();
