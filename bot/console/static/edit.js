// The form of the five segments: what differs is said as an edit, the seeds stay.
import { get } from "./api.js";
import { person } from "./person.js";
import { showRefusal } from "./refusals.js";
import { say } from "./saying.js";
import { openThread } from "./thread.js";

const dialog = document.getElementById("edit");
const form = document.getElementById("edit-form");
const errors = form.querySelector(".errors");
let run = "";
let key = "";

async function open(id) {
  if (!person()) return;
  const { spec } = await get(`/api/runs/${id}`);
  run = id;
  key = crypto.randomUUID();
  errors.replaceChildren();
  for (const field of form.querySelectorAll("textarea")) field.value = spec.segments[field.name].text;
  dialog.showModal();
}

async function send() {
  const fields = [...form.querySelectorAll("textarea")];
  const segments = Object.fromEntries(fields.map((field) => [field.name, field.value]));
  try {
    const answer = await say(`/api/runs/${run}/edit`, { segments, as: person() }, key);
    if (!answer) return;
    dialog.close();
    await openThread(answer.run.thread, { focus: false });
  } catch (error) {
    if (error.kind !== "lost") key = crypto.randomUUID();
    showRefusal(errors, error);
  }
}

export function startEdit() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-edit]");
    if (button) open(button.dataset.edit);
  });
  document.getElementById("edit-no").addEventListener("click", () => dialog.close());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    if (!event.target.matches("textarea")) return;
    event.preventDefault();
    form.requestSubmit();
  });
}
