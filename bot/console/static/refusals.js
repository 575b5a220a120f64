// Errors stand where they were caused, all at once, and nothing has to be retyped.

function line(fault, mend) {
  const item = document.createElement("li");
  item.textContent = `${fault.flag}${fault.value ? ` “${fault.value}”` : ""}: ${fault.allowed}`;
  if (fault.nearest && mend) {
    const near = document.createElement("button");
    near.type = "button";
    near.className = "near";
    near.textContent = `use ${fault.nearest}`;
    near.addEventListener("click", () => mend(fault.value || fault.flag, fault.nearest));
    item.append(near);
  } else if (fault.nearest) {
    item.append(` (nearest: ${fault.nearest})`);
  }
  return item;
}

export function showRefusal(box, error, mend) {
  const said = document.createElement("b");
  said.textContent = error.faults.length > 1 ? `${error.faults.length} things to mend` : error.message;
  const parts = [said];
  if (error.faults.length > 1 || error.faults.some((one) => one.nearest)) {
    const list = document.createElement("ul");
    list.append(...error.faults.map((fault) => line(fault, mend)));
    if (error.faults.length === 1) said.textContent = "One thing to mend";
    parts.push(list);
  }
  if (error.hint) {
    const hint = document.createElement("p");
    hint.textContent = error.hint;
    parts.push(hint);
  }
  box.classList.remove("told");
  box.replaceChildren(...parts);
}

// What a line answers in words: help, a comparison, where an export lies.
export function showAnswer(box, answer) {
  const parts = [];
  const link = leading(answer.data ?? {});
  const listed = link ? [] : Object.entries(answer.data ?? {}).map(pair);
  const said = [answer.text, ...listed].filter(Boolean);
  if (said.length) {
    const text = document.createElement("pre");
    text.textContent = said.join("\n");
    parts.push(text);
  }
  if (link) parts.push(Object.assign(document.createElement("a"), link));
  box.classList.toggle("told", parts.length > 0);
  box.replaceChildren(...parts);
}

// Where the whole answer stands, if it has a page of its own.
function leading(data) {
  if (data.blind) return { href: data.blind, textContent: "To the pictures" };
  if (data.runs?.length === 2) return { href: `/compare?a=${data.runs[0]}&b=${data.runs[1]}`, textContent: "Compare them" };
  if (data.groups) return { href: `/runs/${data.thread}/details#ranking`, textContent: "All images, ranked" };
  return null;
}

function pair([name, value]) {
  const empty = value === null || (typeof value === "object" && !Object.keys(value).length);
  if (empty) return "";
  return `${name.replaceAll("_", " ")}: ${typeof value === "string" ? value : JSON.stringify(value)}`;
}
