// Pictures that were made elsewhere are handed in on the card that waits for them: chosen or dropped.
import { person } from "./person.js";
import { say } from "./saying.js";

const MOST_BYTES = 10 * 1024 * 1024;

function read(file) {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => failed(reader.error);
    reader.readAsDataURL(file);
  });
}

// The file's own name, so far as a line can hold it: Midjourney's says of which prompt it is.
function nameOf(file, place) {
  const plain = file.name.replace(/[^\w.-]+/g, "_").slice(-120);
  return /\.(png|jpe?g|webp)$/i.test(plain) ? plain : `picture${place}.png`;
}

function tell(run, text) {
  const answer = document.getElementById(`run-${run}`)?.querySelector(".answer");
  if (answer) answer.textContent = text;
}

async function handIn(run, given) {
  const name = person();
  const files = [...given];
  if (!name || !files.length) return;
  const large = files.find((file) => file.size > MOST_BYTES);
  if (large) {
    tell(run, `${large.name} is too large: at most 10 MB. Nothing was taken.`);
    return;
  }
  tell(run, "");
  try {
    const held = {};
    for (const [place, file] of files.entries()) {
      const plain = nameOf(file, place + 1);
      held[plain in held ? `${place + 1}_${plain}` : plain] = await read(file);
    }
    const text = `attach ${Object.keys(held).join(", ")}`;
    await say(`/api/runs/${run}/say`, { text, as: name, files: held });
  } catch (error) {
    tell(run, [error.message, error.hint].filter(Boolean).join(" "));
  }
}

function waiting(event) {
  const card = event.target.closest?.("[id^=run-]");
  return card?.querySelector("[data-hand-in]") ? card : null;
}

export function startHandIn() {
  document.addEventListener("change", (event) => {
    const run = event.target.dataset?.handIn;
    if (!run) return;
    handIn(run, event.target.files).finally(() => {
      event.target.value = "";
    });
  });
  document.addEventListener("dragover", (event) => {
    const card = waiting(event);
    if (!card) return;
    event.preventDefault();
    card.classList.add("drop");
  });
  document.addEventListener("dragleave", (event) => waiting(event)?.classList.remove("drop"));
  document.addEventListener("drop", (event) => {
    const card = waiting(event);
    if (!card) return;
    event.preventDefault();
    card.classList.remove("drop");
    handIn(card.dataset.run, event.dataTransfer.files);
  });
}
