// The page of one template: a new version is a line that is said.
import { post } from "./api.js";
import { person, startPerson } from "./person.js";

const form = document.querySelector("form.rewrite");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const name = person();
  if (!name || form.getAttribute("aria-busy") === "true") return;
  form.setAttribute("aria-busy", "true");
  const answer = document.getElementById("answer");
  const text = `templates add ${form.dataset.name} ${form.prompt.value.replace(/\s+/g, " ").trim()}`;
  try {
    const done = await post("/api/say", { text, as: name, key: crypto.randomUUID() });
    answer.textContent = done.text;
    if (done.text.startsWith("Kept")) location.assign(`/templates/${form.dataset.name}`);
  } catch (error) {
    answer.textContent = [error.message, error.hint].filter(Boolean).join(". ");
  } finally {
    form.removeAttribute("aria-busy");
  }
});

startPerson();
