// A list of what the line can go on with, above the field in which it is typed.
import { get } from "./api.js";
import { asked } from "./matching.js";

const PLACES = { text: "channel", "reply-text": "thread" };
let loading = null;
let known = null;
let field = null; // the field in use, if it is one of ours
let shown = null; // {typed, options, caret} while the list is open
let active = -1;
let dismissed = -1; // where the word begins whose list Escape closed

function listOf(one) {
  return one.form.querySelector(".complete");
}

// Fields of the thread come and go: each gets its list when it is first used.
function prepare(one) {
  if (one.hasAttribute("aria-controls")) return;
  const list = document.createElement("ul");
  list.id = `${one.id}-complete`;
  list.className = "complete";
  list.hidden = true;
  list.role = "listbox";
  list.ariaLabel = "Completions";
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
  list.addEventListener("click", (event) => {
    const nth = [...list.children].indexOf(event.target.closest("li"));
    if (nth >= 0) take(nth);
  });
  one.form.append(list);
  one.role = "combobox";
  one.ariaAutoComplete = "list";
  one.ariaExpanded = "false";
  one.setAttribute("aria-controls", list.id);
}

function load() {
  loading ??= get("/completions").then(
    (answer) => {
      known = answer;
      if (field) refresh();
    },
    () => (loading = null), // asked again at the next focus
  );
}

function refresh() {
  const caret = field.selectionStart;
  const line = field.value.slice(0, caret);
  const alone = caret === field.selectionEnd && !/^\S/.test(field.value.slice(caret));
  const found = known && alone ? asked(known, PLACES[field.id], line) : null;
  const from = found ? caret - found.typed.length : -1;
  if (from !== dismissed) dismissed = -1;
  if (!found || from === dismissed) close();
  else open({ ...found, caret });
}

function open(found) {
  const list = listOf(field);
  shown = found;
  list.replaceChildren(...found.options.map((one, nth) => item(list, one, nth)));
  list.hidden = false;
  field.ariaExpanded = "true";
  move(-1);
}

function item(list, one, nth) {
  const made = document.createElement("li");
  made.id = `${list.id}-${nth}`;
  made.role = "option";
  const text = document.createElement("code");
  text.textContent = one.shown;
  const help = document.createElement("span");
  help.textContent = one.help;
  made.append(text, help);
  return made;
}

function close() {
  if (!shown) return;
  shown = null;
  listOf(field).hidden = true;
  listOf(field).replaceChildren();
  field.ariaExpanded = "false";
  field.removeAttribute("aria-activedescendant");
}

function move(to) {
  active = to;
  for (const [nth, one] of [...listOf(field).children].entries()) {
    one.ariaSelected = String(nth === to);
    if (nth !== to) continue;
    field.setAttribute("aria-activedescendant", one.id);
    one.scrollIntoView({ block: "nearest" });
  }
  if (to < 0) field.removeAttribute("aria-activedescendant");
}

function take(nth) {
  const { typed, options, caret } = shown;
  const { text } = options[Math.max(nth, 0)];
  const spaced = text.endsWith("=") || /^\s/.test(field.value.slice(caret)) ? text : `${text} `;
  field.setRangeText(spaced, caret - typed.length, caret, "end");
  close();
  field.dispatchEvent(new Event("input", { bubbles: true })); // whoever watches the field sees it typed
}

function act(key) {
  const { length } = shown.options;
  if (key === "ArrowDown") move((active + 1) % length);
  else if (key === "ArrowUp") move((Math.max(active, 0) - 1 + length) % length);
  else if (key === "Tab" || (key === "Enter" && active >= 0)) take(active);
  else if (key === "Escape") {
    dismissed = shown.caret - shown.typed.length;
    close();
  } else return false;
  return true;
}

function onKey(event) {
  if (!shown || event.target !== field || event.isComposing) return;
  if (event.shiftKey || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.key === "Enter" && active < 0) close();
  else if (act(event.key)) {
    event.preventDefault();
    event.stopPropagation();
  }
}

function onFocus(event) {
  if (!(event.target.id in PLACES)) return;
  close();
  field = event.target;
  prepare(field);
  load();
}

export function startCompletion() {
  document.addEventListener("focusin", onFocus);
  document.addEventListener("focusout", () => {
    if (field) close();
    field = null;
  });
  document.addEventListener("keydown", onKey, true); // before the field sends, or its thread closes
  document.addEventListener("input", (event) => event.target === field && refresh());
  document.addEventListener("selectionchange", () => shown && shown.caret !== field.selectionStart && refresh());
  if (document.activeElement.id in PLACES) onFocus({ target: document.activeElement });
}
