// A picture opens large: arrows turn, Escape closes, the original is one click away.

const viewer = document.getElementById("viewer");
const image = document.getElementById("viewer-image");
const words = document.getElementById("viewer-words");
const file = document.getElementById("viewer-file");
let row = [];
let at = 0;

function show(next) {
  at = (next + row.length) % row.length;
  const small = row[at].querySelector("img");
  image.src = row[at].href;
  image.alt = small.alt;
  words.textContent = row[at].dataset.words;
  file.href = row[at].href;
}

function open(link) {
  const box = link.closest(".grid") ?? link.parentElement;
  row = [...box.querySelectorAll("[data-open]")];
  const alone = row.length < 2;
  document.getElementById("viewer-back").hidden = alone;
  document.getElementById("viewer-next").hidden = alone;
  show(row.indexOf(link));
  viewer.showModal();
}

export function startPictures() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-open]");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    open(link);
  });
  viewer.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) show(at + step);
  });
  viewer.addEventListener("click", (event) => event.target === viewer && viewer.close());
  viewer.addEventListener("close", () => row[at]?.focus());
  document.getElementById("viewer-back").addEventListener("click", () => show(at - 1));
  document.getElementById("viewer-next").addEventListener("click", () => show(at + 1));
  document.getElementById("viewer-close").addEventListener("click", () => viewer.close());
}
