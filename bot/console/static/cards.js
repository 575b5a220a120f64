// Puts redrawn pieces in place without a flicker: pictures, focus and the place on the page stay.

const NEAR_PX = 160;

function made(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.firstElementChild;
}

// What a focused control is called, so that it is found again in the redrawn piece.
function nameOf(control) {
  for (const name of ["data-line", "href"]) {
    if (control.hasAttribute(name)) return `[${name}="${CSS.escape(control.getAttribute(name))}"]`;
  }
  return null;
}

export function swap(old, fresh) {
  for (const image of fresh.querySelectorAll("img")) {
    const known = [...old.querySelectorAll("img")].find((one) => one.src === image.src);
    if (known) image.replaceWith(known); // decoded already
  }
  const focused = old.contains(document.activeElement) ? nameOf(document.activeElement) : null;
  old.replaceWith(fresh);
  if (focused) fresh.querySelector(focused)?.focus({ preventScroll: true });
}

export function put(box, html) {
  const fresh = made(html);
  const old = fresh.id && document.getElementById(fresh.id);
  if (old) {
    if (Number(fresh.dataset.revision) >= Number(old.dataset.revision)) swap(old, fresh);
    return;
  }
  box.querySelector(":scope > .empty")?.remove();
  fresh.classList.add("new");
  box.append(fresh);
  if (box.classList.contains("lines")) fresh.scrollIntoView({ block: "end" });
}

// Who reads the newest card goes on reading the newest; who reads elsewhere is left alone.
export function keepFeed(change) {
  const below = document.body.scrollHeight - window.scrollY - window.innerHeight;
  change();
  if (below < NEAR_PX) window.scrollTo(0, document.body.scrollHeight);
}
