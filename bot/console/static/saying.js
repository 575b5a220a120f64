// Says a line: one key for each time, so that a double click or a lost answer makes one run.
import { post } from "./api.js";

const dialog = document.getElementById("confirm");

// Asks before money is spent; true is yes.
export function asked(question) {
  const price = question.match(/\$[0-9.]*[0-9]/)?.[0];
  document.getElementById("confirm-text").textContent = question;
  document.getElementById("confirm-yes").textContent = price ? `Make it, ${price}` : "Yes, do it";
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((done) => {
    dialog.addEventListener("close", () => done(dialog.returnValue === "yes"), { once: true });
  });
}

// Returns the answer; null when the person said no.
export async function say(path, body, key = crypto.randomUUID()) {
  try {
    return await post(path, { ...body, key });
  } catch (error) {
    if (error.kind !== "confirm" || body.confirmed) throw error;
    if (!(await asked(error.message))) return null;
    return say(path, { ...body, confirmed: true });
  }
}
