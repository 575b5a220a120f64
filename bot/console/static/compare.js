// The compare page: pictures side by side, or over each other with a slider between them.
import { startBlind } from "./blind.js";
import { startPerson } from "./person.js";
import { startPictures } from "./pictures.js";

const choice = document.getElementById("switch");
const pairs = [...document.querySelectorAll("[data-slider]")];

function rangeOf(pair) {
  return pair.querySelector("input[type=range]");
}

// The policy of our pages forbids style attributes in HTML; a property set from here is no such.
function reveal(pair) {
  const { value } = rangeOf(pair);
  const { old, new: fresh } = pair.dataset;
  pair.style.setProperty("--reveal", `${value}%`);
  rangeOf(pair).setAttribute("aria-valuetext", `${value} % ${old}, ${100 - value} % ${fresh}`);
}

// The taller of the two gives the slider its shape; the other stands in its middle.
function shape(pair) {
  const shapes = [...pair.querySelectorAll(".side img")].map((one) => one.getAttribute("width") / one.getAttribute("height"));
  return Math.min(...shapes);
}

function show() {
  const view = choice.querySelector("input:checked").value;
  for (const pair of pairs) {
    pair.classList.toggle("slides", view === "slider");
    pair.classList.toggle("differs", view === "difference");
    rangeOf(pair).hidden = view !== "slider";
    const difference = pair.querySelector(".difference");
    if (difference) difference.hidden = view !== "difference";
  }
}

function start() {
  for (const pair of pairs) {
    pair.style.setProperty("--shape", shape(pair));
    reveal(pair);
    rangeOf(pair).addEventListener("input", () => reveal(pair));
  }
  choice.hidden = pairs.length === 0;
  choice.addEventListener("change", show);
  show(); // a browser that comes back to the page remembers what was chosen
}

startPerson();
startPictures();
startBlind();
start();
