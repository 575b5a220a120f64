// The compare page: pictures side by side, or over each other with a slider between them.
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
  const shapes = [...pair.querySelectorAll("img")].map((one) => one.getAttribute("width") / one.getAttribute("height"));
  return Math.min(...shapes);
}

function show() {
  const slides = choice.querySelector("input:checked").value === "slider";
  for (const pair of pairs) {
    pair.classList.toggle("slides", slides);
    rangeOf(pair).hidden = !slides;
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

startPictures();
start();
