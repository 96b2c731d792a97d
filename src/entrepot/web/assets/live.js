// Keeps the live page up to date: patches rows by key as the server sends them, and shows whether it still does.
"use strict";

const link = document.getElementById("link");
const SAID = {
  live: "live",
  waiting: "connecting again",
  gone: "not connected: load the page again",
  still: "paused",
};
let source = null;

function show(state) {
  link.dataset.state = state;
  link.textContent = SAID[state];
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

function localise(root) {
  const today = new Date().toDateString();
  for (const element of root.querySelectorAll("time[datetime]")) {
    const at = new Date(element.dateTime);
    element.textContent = (at.toDateString() === today ? clock : calendar).format(at);
  }
}

function open() {
  source = new EventSource("/live");
  source.onmessage = (message) => {
    show("live");
    for (const [name, change] of Object.entries(JSON.parse(message.data))) {
      const list = document.querySelector(`[data-live="${name}"]`);
      if (list) patch(list, change);
    }
  };
  source.onerror = () => show(source.readyState === EventSource.CLOSED ? "gone" : "waiting");
}

function close() {
  source.close();
  show("still");
}

localise(document);
document.getElementById("zone").textContent = Intl.DateTimeFormat().resolvedOptions().timeZone || "your time";
document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
if (!document.hidden) open();
