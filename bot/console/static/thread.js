// The thread pane: opened beside the feed, answered in place, closed with Escape.
import { piece } from "./api.js";
import { person } from "./person.js";
import { showAnswer, showRefusal } from "./refusals.js";
import { say } from "./saying.js";

const pane = document.getElementById("thread");
const room = document.getElementById("room");
const sheet = document.getElementById("details");
let back = null;

export function threadRoot() {
  return pane.hidden ? null : (pane.querySelector("[data-root]")?.dataset.root ?? null);
}

export async function openThread(root, { push = true, focus = true } = {}) {
  if (threadRoot() !== root) {
    pane.replaceChildren(await piece(`/runs/${root}`));
    pane.hidden = false;
    room.classList.add("with-thread");
    back = document.activeElement;
    if (push) history.pushState({ root }, "", `/runs/${root}`);
    const lines = pane.querySelector(".lines");
    lines.scrollTop = lines.scrollHeight;
  }
  if (focus) pane.querySelector("textarea").focus();
}

export async function refreshThread() {
  const root = threadRoot();
  const fresh = root && (await piece(`/runs/${root}`).catch(() => null));
  if (fresh) pane.querySelector(".lines").replaceWith(fresh.querySelector(".lines"));
}

function closeThread({ push = true } = {}) {
  if (document.body.dataset.newest !== "yes") {
    location.assign("/");
    return;
  }
  pane.hidden = true;
  pane.replaceChildren();
  room.classList.remove("with-thread");
  if (push) history.pushState({}, "", "/");
  if (back?.isConnected) back.focus({ preventScroll: true });
}

async function reply(form) {
  const field = form.querySelector("textarea");
  const errors = form.querySelector(".errors");
  const name = person();
  if (!name || !field.value.trim() || form.getAttribute("aria-busy") === "true") return;
  form.setAttribute("aria-busy", "true");
  try {
    const answer = await say(`/api/runs/${form.dataset.say}/say`, { text: field.value, as: name, in_thread: true });
    if (!answer) return;
    showAnswer(errors, answer);
    field.value = "";
  } catch (error) {
    showRefusal(errors, error, (from, to) => {
      field.value = field.value.replace(from, to);
      field.focus();
    });
  } finally {
    form.setAttribute("aria-busy", "false");
  }
}

async function openDetails(link) {
  sheet.replaceChildren(await piece(link.getAttribute("href")));
  sheet.showModal();
}

function onClick(event) {
  const link = event.target.closest("[data-thread], [data-close], [data-details], [data-chip]");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  if (link.dataset.thread) openThread(link.dataset.thread);
  else if (link.dataset.chip) chip(link);
  else if ("details" in link.dataset) openDetails(link);
  else if (sheet.contains(link)) sheet.close();
  else closeThread();
}

function chip(button) {
  const field = button.form.querySelector("textarea");
  field.value = button.dataset.chip;
  field.focus();
}

export function startThread() {
  document.addEventListener("click", onClick);
  pane.addEventListener("keydown", (event) => {
    if (event.key === "Escape") closeThread();
    const typed = event.target.matches("textarea") && event.key === "Enter";
    if (!typed || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    reply(event.target.form);
  });
  addEventListener("popstate", () => {
    const root = location.pathname.match(/^\/runs\/(\w+)$/)?.[1];
    if (root) openThread(root, { push: false });
    else closeThread({ push: false });
  });
}
