// The one text field: segments in their colours, the quote beside it, a picture to start from.
import { post } from "./api.js";
import { awaitCard } from "./live.js";
import { askAgain, person } from "./person.js";
import { showAnswer, showRefusal } from "./refusals.js";
import { say } from "./saying.js";
import { ink, segmentAt } from "./words.js";

const form = document.getElementById("composer");
const field = document.getElementById("text");
const inked = document.getElementById("ink");
const errors = document.getElementById("errors");
const quote = document.getElementById("quote");
const attached = document.getElementById("attached");
const MOST_BYTES = 10 * 1024 * 1024;
const QUOTE_MS = 350;
let picture = null;
let key = crypto.randomUUID();
let busy = false;
let asking = 0;
let waits = false; // for a name: what was to be sent is sent when it is there

function draw() {
  inked.replaceChildren(ink(field.value));
  mark();
  clearTimeout(asking);
  quote.value = "";
  if (field.value.trim()) asking = setTimeout(askQuote, QUOTE_MS);
}

function mark() {
  const now = segmentAt(field.value, field.selectionStart);
  for (const dot of document.querySelectorAll("#legend .dot")) {
    dot.classList.toggle("now", dot.dataset.segment === now);
  }
}

async function askQuote() {
  const text = field.value;
  const answer = await post("/quote", { text }).catch(() => ({ quote: "" }));
  if (text === field.value) quote.value = answer.quote;
}

export function write(text) {
  field.value = text;
  field.focus();
  draw();
}

async function send() {
  if (busy || !(field.value.trim() || picture)) return;
  const name = person();
  waits = !name;
  if (waits) return;
  working(true);
  try {
    const answer = await say("/api/imagine", lineOf(name), key);
    key = crypto.randomUUID();
    if (answer) done(answer);
  } catch (error) {
    if (error.kind !== "lost") key = crypto.randomUUID();
    showRefusal(errors, error, (from, to) => write(field.value.replace(from, to)));
    if (error.faults.some((fault) => fault.flag === "name")) askAgain();
  } finally {
    working(false);
  }
}

function lineOf(name) {
  if (!picture) return { text: field.value, as: name };
  const given = /(?:^|\s)(?:--|—)init\b/.test(field.value);
  const text = given ? field.value : `${field.value} --init ${picture.name}`;
  return { text, as: name, files: { [picture.name]: picture.base64 } };
}

function done(answer) {
  showAnswer(errors, answer);
  write("");
  attach(null);
  if (answer.id) awaitCard(answer.id, answer.run.thread);
}

function working(on) {
  busy = on;
  form.setAttribute("aria-busy", String(on));
}

async function take(file) {
  if (!file?.type.startsWith("image/")) return;
  if (file.size > MOST_BYTES) {
    const hint = "At most 10 MB. Make it smaller.";
    showRefusal(errors, { message: `${file.name} is too large.`, hint, faults: [] });
    return;
  }
  const url = await new Promise((read) => {
    const reader = new FileReader();
    reader.onload = () => read(reader.result);
    reader.readAsDataURL(file);
  });
  const kind = file.type.split("/")[1].replace(/\W.*/, "");
  attach({ name: `picture.${kind}`, base64: url.slice(url.indexOf(",") + 1), file });
}

function attach(given) {
  picture = given;
  attached.hidden = !given;
  attached.replaceChildren();
  document.getElementById("file").value = "";
  if (!given) return;
  const image = new Image();
  image.src = URL.createObjectURL(given.file);
  image.alt = "The picture to start from";
  const said = document.createElement("span");
  said.textContent = `Starts from ${given.file.name}`;
  const away = document.createElement("button");
  away.type = "button";
  away.className = "button";
  away.textContent = "Remove";
  away.addEventListener("click", () => attach(null));
  attached.append(image, said, away);
  field.focus();
}

function startDrops() {
  form.addEventListener("dragover", (event) => {
    event.preventDefault();
    form.classList.add("drop");
  });
  form.addEventListener("dragleave", () => form.classList.remove("drop"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("drop");
    take(event.dataTransfer.files[0]);
  });
  field.addEventListener("paste", (event) => {
    if (event.clipboardData.files.length) take(event.clipboardData.files[0]);
  });
  document.getElementById("file").addEventListener("change", (event) => take(event.target.files[0]));
}

export function startComposer() {
  field.addEventListener("input", draw);
  document.addEventListener("selectionchange", () => document.activeElement === field && mark());
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  document.addEventListener("click", (event) => {
    const example = event.target.closest("[data-example]");
    if (!example) return;
    write(example.dataset.example);
    send();
  });
  document.addEventListener("named", () => waits && send());
  startDrops();
  draw();
}
