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
const KEYS = { a: "approve", r: "arm", n: "next", ArrowRight: "next", b: "back", ArrowLeft: "back", u: "undo", l: "look", s: "several", Enter: "marked" };
const QUERY = new URLSearchParams(location.search);
const visited = [];
let last = null;
let busy = false;

const seat = () => document.getElementById("seat");
const reasons = () => document.getElementById("reasons");
const marked = () => [...(reasons()?.querySelectorAll("[data-reason][aria-pressed=true]") ?? [])];
const choosing = () => reasons()?.querySelector("[data-do=several]").getAttribute("aria-pressed") === "true";

// The address of a seat in the order that this page was opened in.
function seatAt(named) {
  const asked = new URLSearchParams(named);
  for (const name of ["by", "mine"]) if (QUERY.get(name)) asked.set(name, QUERY.get(name));
  return asked.size ? `/review?${asked}` : "/review";
}

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
  await sit(seatAt(place ? { after: place } : {}));
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
  await sit(seatAt({ at: place }));
  tell(`Taken back: ${shown} waits again`);
}

function arm(open = reasons().hidden) {
  reasons().hidden = !open;
  box.querySelector("[data-do=arm]").ariaExpanded = String(open);
  if (open) reasons().querySelector("button").focus();
  else seat().focus({ preventScroll: true });
}

const acts = {
  approve: () => decide(`approve ${seat().dataset.number} --first`, "Approved"),
  reject: (button) => (choosing() ? mark(button) : reject(button.dataset.reason)),
  several: () => seat().dataset.run && several(),
  marked: () => marked().length && reject(marked().map((one) => one.dataset.reason).join(", ")),
  look,
  arm: () => seat().dataset.run && arm(),
  next: () => leave(),
  back: async () => visited.length && sit(seatAt({ at: visited.pop() })),
  undo,
};

function reject(reason) {
  const said = reason.trim();
  return said ? decide(`reject ${seat().dataset.number} ${said} --first`, `Rejected for “${said}”:`) : null;
}

// Several reasons are marked before one rejects; one alone is one tap.
function several() {
  const open = reasons().hidden || !choosing();
  reasons().hidden = false;
  box.querySelector("[data-do=arm]").ariaExpanded = "true";
  reasons().querySelector("[data-do=several]").setAttribute("aria-pressed", String(open));
  for (const one of reasons().querySelectorAll("[data-reason]")) one.setAttribute("aria-pressed", "false");
  showMarked();
  reasons().querySelector("button").focus();
}

function mark(button) {
  button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
  showMarked();
}

function showMarked() {
  reasons().querySelector("[data-do=marked]").hidden = !marked().length;
}

async function look() {
  const name = person();
  const { run, place } = seat().dataset;
  if (!name || !run) return;
  const line = box.querySelector("[data-do=look]").dataset.line;
  const told = await say(`/api/runs/${run}/say`, { text: line, as: name });
  await sit(seatAt({ at: place }));
  done.replaceChildren(told?.text ?? "");
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
  const pressing = event.key === "Enter" && event.target.matches("a, button");
  if (!what || (what === "marked" && (pressing || !marked().length))) return;
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
  sit(seatAt(run ? { at: place } : {}), { focus: false, still });
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
  sit(seatAt({ at: strip.dataset.at }));
});
listen({ card: onCard, stale: () => onCard({ run: seat().dataset.run }) });
readAhead();
if (person.known()) seat().focus({ preventScroll: true });
