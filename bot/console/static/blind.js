// The blind page, and the buttons elsewhere that lead to it.
import { post } from "./api.js";
import { person, startPerson } from "./person.js";
import { startPictures } from "./pictures.js";

function tell(near, text) {
  const box = near.closest(".card")?.querySelector(".answer") ?? document.getElementById("answer") ?? document.getElementById("live");
  if (box) box.textContent = text;
}

async function doing(button, path, body) {
  const name = person();
  if (!name || button.getAttribute("aria-busy") === "true") return null;
  button.setAttribute("aria-busy", "true");
  try {
    return await post(path, { ...body, as: name });
  } catch (error) {
    tell(button, [error.message, error.hint].filter(Boolean).join(". "));
    return null;
  } finally {
    button.removeAttribute("aria-busy");
  }
}

export function startBlind() {
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-blind]");
    if (!button) return;
    const begun = await doing(button, "/blind", { runs: button.dataset.blind.split(",") });
    if (begun) location.assign(begun.address);
  });
}

function startBallot(main) {
  const { session } = main.dataset;
  main.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-letter], [data-end]");
    if (!button) return;
    const { letter } = button.dataset;
    const done = letter
      ? await doing(button, `/blind/${session}/picks`, { letter })
      : await doing(button, `/blind/${session}/end`, {});
    if (done) location.reload();
  });
}

const main = document.querySelector("main.blind");
if (main) {
  startPerson();
  startPictures();
  startBallot(main);
}
