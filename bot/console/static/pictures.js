// A picture opens large: arrows turn, Escape closes, the original is one click away.

const viewer = document.getElementById("viewer");
const image = document.getElementById("viewer-image");
const words = document.getElementById("viewer-words");
const file = document.getElementById("viewer-file");
const details = document.getElementById("viewer-details");
let box = null;
let link = null;
let more = null;

const row = () => [...box.querySelectorAll("[data-open]")];

function show(picture) {
  link = picture;
  image.src = link.href;
  image.alt = link.querySelector("img").alt;
  words.textContent = link.dataset.words;
  file.href = link.href;
  details.hidden = !link.dataset.run;
  details.href = `/runs/${link.dataset.run}/details`;
}

// A run's pictures go round; a wall goes on as far as there is more of it.
async function turn(step) {
  let at = row().indexOf(link) + step;
  if (more && at >= row().length && !(await more())) return;
  if (more && at < 0) return;
  at = (at + row().length) % row().length;
  show(row()[at]);
  if (more && at > row().length - 8) more();
}

function open(picture) {
  box = picture.closest(".grid, .wall") ?? picture.parentElement;
  const alone = row().length < 2;
  document.getElementById("viewer-back").hidden = alone;
  document.getElementById("viewer-next").hidden = alone;
  show(picture);
  viewer.showModal();
}

// On a wall, `options.more` fetches what follows; it answers whether anything came.
export function startPictures(options = {}) {
  more = options.more ?? null;
  document.addEventListener("click", (event) => {
    const picture = event.target.closest("[data-open]");
    if (!picture || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    open(picture);
  });
  viewer.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) turn(step);
  });
  viewer.addEventListener("click", (event) => event.target === viewer && viewer.close());
  viewer.addEventListener("close", () => link?.focus());
  document.getElementById("viewer-back").addEventListener("click", () => turn(-1));
  document.getElementById("viewer-next").addEventListener("click", () => turn(1));
  document.getElementById("viewer-close").addEventListener("click", () => viewer.close());
}
