// Keeps the page true: the service tells what changed, and what was missed is fetched.
import { piece } from "./api.js";
import { refreshThread, threadRoot } from "./thread.js";
import { keepFeed, put, swap } from "./cards.js";
import { listen } from "./stream.js";

const isNewest = document.body.dataset.newest === "yes";

function onCard(told) {
  if (!told.first && told.root === threadRoot()) put(document.querySelector(".lines"), told.html);
  if (!told.first) glance(told);
  else if (isNewest || document.getElementById(told.card)) onFeed(told.html);
}

function onFeed(html) {
  document.getElementById("welcome")?.remove();
  keepFeed(() => put(document.getElementById("feed"), html));
}

function onNote(told) {
  glance(told);
  const lines = document.querySelector(".lines");
  const known = [...document.querySelectorAll("[data-note]")].some((one) => one.dataset.note === told.id);
  if (told.root === threadRoot() && !known) put(lines, told.html);
}

function glance(told) {
  const old = document.querySelector(`[data-first="${told.root}"] .glance`);
  if (!old) return;
  const made = document.createElement("template");
  made.innerHTML = told.glance;
  swap(old, made.content.querySelector(".glance"));
}

async function onStale() {
  await refreshFeed();
  await refreshThread();
}

async function refreshFeed() {
  const fresh = await piece(location.pathname === "/" ? `/${location.search}` : "/").catch(() => null);
  if (!fresh) return;
  for (const card of fresh.querySelectorAll(".card")) {
    if (isNewest || document.getElementById(card.id)) onFeed(card.outerHTML);
  }
}

// A card that was asked for here comes by itself; if it does not, it is fetched.
export function awaitCard(id, root) {
  if (!isNewest && id === root) {
    location.assign("/");
    return;
  }
  setTimeout(() => {
    if (!document.querySelector(`.card[data-run="${id}"]`)) refreshFeed();
  }, 1500);
}

export function startLive() {
  if (isNewest) window.scrollTo(0, document.body.scrollHeight);
  listen({ card: onCard, note: onNote, stale: onStale });
}
