// The name is asked once, only typed, and remembered by this browser.

const box = document.getElementById("ask-name");
const field = document.getElementById("name");
const button = document.getElementById("person");

function shown(name) {
  box.hidden = Boolean(name);
  button.hidden = !name;
  button.querySelector("[data-name]").textContent = name;
}

function keep(name) {
  localStorage.setItem("name", name);
  document.cookie = `name=${encodeURIComponent(name)}; path=/; max-age=31536000; samesite=strict`;
}

// The name, or nothing after asking for it.
export function person() {
  const name = field.value.trim().replace(/\s+/g, " ");
  if (name) {
    keep(name);
    shown(name);
    return name;
  }
  shown("");
  field.focus();
  return "";
}

// Whether it is known already; nothing is asked.
person.known = () => Boolean(field.value.trim());

// A name that was refused is asked for again.
export function askAgain() {
  box.hidden = false;
  field.focus();
}

export function startPerson() {
  field.value = field.value || localStorage.getItem("name") || "";
  shown(field.value);
  button.addEventListener("click", askAgain);
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    if (!person()) return;
    document.querySelector("#text, #seat")?.focus();
    document.dispatchEvent(new Event("named"));
  });
}
