// Exports: begun by a button, watched while they are packed, then downloaded.
import { get, post } from "./api.js";
import { person } from "./person.js";

const LOOK_MS = 400;

function inWords(bytes) {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function show(box, text, progress) {
  box.replaceChildren(text);
  if (!progress) return;
  const bar = document.createElement("progress");
  bar.max = progress.total;
  bar.value = progress.done;
  bar.ariaLabel = "Packing";
  box.append(bar);
}

async function packed(id, box) {
  for (;;) {
    const at = await get(`/api/exports/${id}`);
    if (at.state === "failed") throw at.error;
    if (at.state === "ready") return at;
    show(box, `Packing ${at.done} of ${at.total} `, at);
    await new Promise((done) => setTimeout(done, LOOK_MS));
  }
}

function download(id) {
  const link = document.createElement("a");
  link.href = `/api/exports/${id}/file`;
  link.download = "";
  link.click();
}

// Packs what `wanted` names and downloads it; says in `box` how it goes.
export async function packAndFetch(wanted, box) {
  const name = person();
  if (!name || box.ariaBusy === "true") return;
  box.ariaBusy = "true";
  try {
    const begun = await post("/api/exports", { ...wanted, as: name });
    const ready = await packed(begun.id, box);
    download(begun.id);
    const pictures = ready.total === 1 ? "1 picture" : `${ready.total} pictures`;
    show(box, `${pictures}, ${inWords(ready.size_bytes)}: with sidecars, checksums and commands.`);
  } catch (error) {
    show(box, [error.message, error.hint].filter(Boolean).join(" "));
  } finally {
    box.ariaBusy = "false";
  }
}

// Buttons that export one run or one thread: data-pack="run" or "thread".
export function startExports() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-pack]");
    if (!button) return;
    const box = button.closest(".pack").querySelector(".packing");
    const all = button.closest(".pack").querySelector("[name=all]").checked;
    packAndFetch({ [button.dataset.pack]: button.dataset.run, all }, box);
  });
}
