// A button says its line, as a person could have typed it; copying is the other thing they do.
import { person } from "./person.js";
import { asked, say } from "./saying.js";
import { openThread } from "./thread.js";

async function press(button) {
  const { run, line, confirm } = button.dataset;
  const name = person();
  if (!name || button.getAttribute("aria-busy") === "true") return;
  if (confirm && !(await asked(confirm))) return;
  button.setAttribute("aria-busy", "true");
  tell(button, "");
  try {
    const body = { text: line, as: name, confirmed: Boolean(confirm) };
    const answer = await say(`/api/runs/${run}/say`, body);
    if (answer?.text) tell(button, answer.text);
    if (answer?.run && (answer.run.id !== run || line.startsWith("promote "))) await openThread(answer.run.thread, { focus: false });
  } catch (error) {
    tell(button, [error.message, error.hint].filter(Boolean).join(" "));
  } finally {
    button.removeAttribute("aria-busy");
  }
}

function tell(button, text) {
  const card = button.closest(".card");
  const answer = card && document.getElementById(card.id)?.querySelector(".answer");
  if (answer) answer.textContent = text;
}

async function copy(button) {
  await navigator.clipboard.writeText(button.dataset.copy);
  button.textContent = "Copied";
}

export function startButtons() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-line], [data-copy]");
    if (button) (button.dataset.line ? press : copy)(button);
  });
}
