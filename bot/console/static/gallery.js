// The gallery: more pictures as one scrolls, pictures chosen for an export.
import { piece } from "./api.js";
import { packAndFetch } from "./exports.js";
import { startPerson } from "./person.js";
import { startPictures } from "./pictures.js";

const AHEAD = "1200px";
const wall = document.getElementById("wall");
const form = document.getElementById("chosen");
const box = form.querySelector(".packing");
let loading = null;

// Fetches what follows; many who ask at once wait for the same answer.
function older() {
  const link = wall?.querySelector("[data-older]");
  if (!link) return Promise.resolve(false);
  loading ??= fetchOlder(link).finally(() => {
    loading = null;
  });
  return loading;
}

async function fetchOlder(link) {
  try {
    const fresh = await piece(link.getAttribute("href"));
    link.parentElement.replaceWith(fresh);
    watch();
    return true;
  } catch {
    link.textContent = "Older pictures did not come. Try again";
    return false;
  }
}

const seen = new IntersectionObserver((found) => found.some((one) => one.isIntersecting) && older(), {
  rootMargin: AHEAD,
});

function watch() {
  seen.disconnect();
  const last = wall?.querySelector(".older");
  if (last) seen.observe(last);
}

function chosen() {
  return [...(wall?.querySelectorAll(".choose input:checked") ?? [])];
}

function count() {
  const many = chosen().length;
  form.hidden = !many;
  document.getElementById("chosen-count").textContent = `${many} chosen`;
  wall?.classList.toggle("choosing", many > 0);
  box.replaceChildren();
}

function none() {
  for (const one of chosen()) one.checked = false;
  count();
}

function startChoosing() {
  wall?.addEventListener("change", count);
  document.getElementById("chosen-none").addEventListener("click", none);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const artworks = chosen().map((one) => one.value);
    packAndFetch({ artworks, all: form.elements.all.checked }, box);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "x" || event.target.matches("input, select, textarea")) return;
    event.target.closest(".piece")?.querySelector(".choose input").click();
  });
}

// Filters act when they are changed; without scripts their button does.
function startFilters() {
  const filters = document.querySelector(".filters");
  filters.addEventListener("change", (event) => event.target.matches("select, [type=date]") && filters.requestSubmit());
  filters.addEventListener("submit", () => {
    for (const field of filters.elements) field.disabled = field.name !== "" && !field.value;
  });
}

startPerson();
startPictures({ more: older });
startChoosing();
startFilters();
watch();
count();
