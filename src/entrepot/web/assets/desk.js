// What makes screens quicker to work with; every one of them works without it. Keys, questions before what
// cannot be undone, filters that apply at once, rows that are chosen, the slider of the time machine.
"use strict";

document.documentElement.classList.add("scripted");

// keys

const WAIT_MS = 900;
let going = 0;

function typing(target) {
  return target.closest?.("input:not([type=checkbox]):not([type=range]), select, textarea, [contenteditable]");
}

function step(by) {
  const rows = [...document.querySelectorAll(".over")].filter((link) => link.offsetParent !== null);
  if (!rows.length) return;
  const at = rows.findIndex((link) => link.closest("tr, li") === document.activeElement?.closest?.("tr, li"));
  rows[Math.max(0, Math.min(rows.length - 1, at < 0 ? 0 : at + by))].focus();
}

function go(key) {
  document.querySelector(`.side .way[data-key="${CSS.escape(key)}"], .top .way[data-key="${CSS.escape(key)}"]`)?.click();
}

document.addEventListener("keydown", (press) => {
  if (press.ctrlKey || press.metaKey || press.altKey || document.querySelector("dialog[open]")) return;
  if (typing(press.target)) {
    if (press.key === "Escape") press.target.blur();
    return;
  }
  const second = Date.now() - going < WAIT_MS;
  going = 0;
  if (second) go(press.key);
  else if (press.key === "g") going = Date.now();
  else if (press.key === "j") step(1);
  else if (press.key === "k") step(-1);
  else if (press.key === "x") document.activeElement?.closest?.("tr")?.querySelector("input[name=chosen]")?.click();
  else if (press.key === "?") document.getElementById("keys")?.showModal();
  else if (press.key === "/") document.querySelector("[data-search]")?.focus();
  else return;
  press.preventDefault();
});

// a question before what cannot be undone: forms with data-confirm

const question = document.getElementById("confirm");

document.addEventListener("submit", (sent) => {
  const form = sent.target;
  const asked = sent.submitter?.dataset.confirm ?? form.dataset.confirm;
  if (!asked || !question || form.dataset.sure) return wait(form, sent.submitter);
  sent.preventDefault();
  const chosen = document.querySelectorAll("input[name=chosen]:checked").length;
  question.querySelector("h2").textContent = asked.replace("{n}", chosen);
  question.querySelector("p").textContent = sent.submitter?.dataset.what ?? form.dataset.what ?? "";
  const yes = question.querySelector("[data-yes]");
  const danger = "danger" in form.dataset || "danger" in (sent.submitter?.dataset ?? {});
  yes.className = `button ${danger ? "button-danger" : "button-primary"}`;
  yes.textContent = sent.submitter?.textContent ?? "Go on";
  yes.onclick = () => {
    question.close();
    form.dataset.sure = "yes";
    form.requestSubmit(sent.submitter);
    delete form.dataset.sure;
  };
  question.showModal();
});
question?.querySelector("[data-no]").addEventListener("click", () => question.close());

function wait(form, button) {
  if (form.method === "get" || form.method === "dialog" || !button) return;
  setTimeout(() => button.setAttribute("aria-busy", "true"), 250);
}
window.addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
});

// filters that apply at once, and leave empty ones out of the address

document.addEventListener("change", (changed) => {
  if ("now" in changed.target.dataset) changed.target.form.requestSubmit();
  if (changed.target.name === "chosen" || "all" in changed.target.dataset) count(changed.target);
});
document.addEventListener("submit", (sent) => {
  if (sent.target.method !== "get") return;
  for (const field of sent.target.elements) if (field.name && !field.value) field.disabled = true;
});
window.addEventListener("pageshow", () => {
  for (const field of document.querySelectorAll("form[method=get] [disabled]")) field.disabled = false;
});

// rows that are chosen

function count(box) {
  const boxes = [...document.querySelectorAll("input[name=chosen]")];
  if ("all" in box.dataset) for (const one of boxes) one.checked = box.checked;
  const bar = document.querySelector(".chosen");
  if (!bar) return;
  bar.dataset.count = boxes.filter((one) => one.checked).length;
  bar.querySelector("[data-number]").textContent = bar.dataset.count;
}
count(document.createElement("input"));

// the theme, without waiting for the next page

document.addEventListener("submit", (sent) => {
  if (!sent.target.matches(".themes") || !sent.submitter) return;
  sent.preventDefault();
  const value = sent.submitter.value;
  if (value) document.documentElement.dataset.theme = value;
  else delete document.documentElement.dataset.theme;
  for (const button of document.querySelectorAll(".themes button"))
    button.setAttribute("aria-pressed", String(button.value === value));
  fetch(sent.target.action, { method: "POST", body: new URLSearchParams(new FormData(sent.target, sent.submitter)), redirect: "manual" });
});

// the slider of the time machine: its steps are booked moments

for (const slider of document.querySelectorAll("[data-moments]")) {
  const moments = slider.dataset.moments.split(" ");
  const said = document.getElementById(slider.dataset.said);
  const format = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
  slider.addEventListener("input", () => {
    said.textContent = format.format(new Date(moments[slider.value]));
  });
  slider.addEventListener("change", () => {
    slider.form.elements.at.value = moments[slider.value];
    stay("slider");
    slider.form.requestSubmit();
  });
  for (const link of document.querySelectorAll(".when")) link.addEventListener("click", () => stay("story"));
  if (stayed() === "slider") slider.focus({ preventScroll: true });
}

// From one moment to the next the page stays where it was, and the slider under one's hand.
function stay(what) {
  sessionStorage.setItem("stay", JSON.stringify([location.pathname, scrollY, what]));
}

function stayed() {
  const [path, y, what] = JSON.parse(sessionStorage.getItem("stay") ?? "[]");
  sessionStorage.removeItem("stay");
  if (path !== location.pathname) return "";
  scrollTo(0, y);
  return what;
}
