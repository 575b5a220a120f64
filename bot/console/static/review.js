// The review desk: a key for each thing one does, and one to take it back.
import { piece } from "./api.js";
import { person, startPerson } from "./person.js";
import { startPictures } from "./pictures.js";
import { showRefusal } from "./refusals.js";
import { say } from "./saying.js";
import { listen } from "./stream.js";

const box = document.getElementById("seat-box");
const done = document.getElementById("done");
const errors = document.getElementById("errors");
const KEYS = { a: "approve", r: "arm", n: "next", ArrowRight: "next", b: "back", ArrowLeft: "back", u: "undo" };
const visited = [];
let last = null;
let busy = false;

const seat = () => document.getElementById("seat");
const reasons = () => document.getElementById("reasons");

async function sit(address, { focus = true, still = () => true } = {}) {
  const fresh = await piece(address);
  if (!still()) return;
  box.replaceChildren(fresh);
  errors.replaceChildren();
  if (focus) seat().focus({ preventScroll: true });
  readAhead();
}

// The picture that comes next is fetched while one looks at this one.
function readAhead() {
  const next = box.querySelector(".strip a");
  if (next) new Image().src = next.dataset.original;
}

async function leave() {
  const place = seat().dataset.place;
  if (place) visited.push(place);
  await sit(place ? `/review?after=${place}` : "/review");
}

async function decide(line, said) {
  const name = person();
  const { run, number, place, name: shown } = seat().dataset;
  if (!name || !run) return;
  await say(`/api/runs/${run}/say`, { text: line, as: name });
  last = { run, number, place, shown };
  await leave();
  tell(`${said} ${shown}`);
}

function tell(text) {
  done.replaceChildren(text, " ");
  if (!last) return;
  const undo = document.createElement("button");
  undo.type = "button";
  undo.className = "button";
  undo.dataset.do = "undo";
  undo.append(Object.assign(document.createElement("kbd"), { textContent: "U" }), " Undo");
  done.append(undo);
}

async function undo() {
  const name = person();
  if (!last || !name) return;
  const { run, number, place, shown } = last;
  await say(`/api/runs/${run}/say`, { text: `withdraw ${number}`, as: name });
  last = null;
  await sit(`/review?at=${place}`);
  tell(`Taken back: ${shown} waits again`);
}

function arm(open = reasons().hidden) {
  reasons().hidden = !open;
  box.querySelector("[data-do=arm]").ariaExpanded = String(open);
  if (open) reasons().querySelector("button").focus();
  else seat().focus({ preventScroll: true });
}

const acts = {
  approve: () => decide(`approve ${seat().dataset.number}`, "Approved"),
  reject: (button) => reject(button.dataset.reason),
  arm: () => seat().dataset.run && arm(),
  next: () => leave(),
  back: async () => visited.length && sit(`/review?at=${visited.pop()}`),
  undo,
};

function reject(reason) {
  const said = reason.trim();
  return said ? decide(`reject ${seat().dataset.number} ${said}`, `Rejected for “${said}”:`) : null;
}

async function act(what, button) {
  if (busy) return;
  busy = true;
  try {
    await acts[what](button);
  } catch (error) {
    showRefusal(errors, { faults: [], ...error, message: error.message });
  } finally {
    busy = false;
  }
}

function onKey(event) {
  const typing = event.target.matches("input, textarea, select");
  if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.key === "Escape" && reasons() && !reasons().hidden) arm(false);
  if (typing) {
    if (event.key === "Enter" && "other" in event.target.dataset) act("reject", { dataset: { reason: event.target.value } });
    return;
  }
  const reason = reasons() && !reasons().hidden && reasons().querySelectorAll("[data-reason]")[Number(event.key) - 1];
  const what = reason ? "reject" : KEYS[event.key];
  if (!what) return;
  event.preventDefault();
  act(what, reason);
}

// Someone else decided on what lies here: the docket says so. Never under the hands of someone who
// is choosing a reason: what they type would become keys of the desk.
function onCard(told) {
  const now = seat();
  const { run, place } = now.dataset;
  const still = () => seat() === now && !busy && (reasons()?.hidden ?? true);
  if (!still() || (run && told.run !== run)) return;
  sit(run ? `/review?at=${place}` : "/review", { focus: false, still });
}

startPerson();
startPictures();
document.addEventListener("keydown", onKey);
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  const strip = event.target.closest("[data-at]");
  if (button) act(button.dataset.do, button);
  if (!strip || event.metaKey || event.ctrlKey) return;
  event.preventDefault();
  visited.push(seat().dataset.place);
  sit(`/review?at=${strip.dataset.at}`);
});
listen({ card: onCard, stale: () => onCard({ run: seat().dataset.run }) });
readAhead();
if (person.known()) seat().focus({ preventScroll: true });
