// One stream of news per page; it comes back by itself, and says when it is away.

const status = document.getElementById("live");
let cursor = document.body.dataset.cursor;
let source = null;

function connect(kinds) {
  source = new EventSource(`/events?after=${encodeURIComponent(cursor)}`);
  for (const [kind, heard] of Object.entries(kinds)) {
    source.addEventListener(kind, ({ data, lastEventId }) => {
      cursor = lastEventId || cursor;
      const told = JSON.parse(data);
      if ("waiting" in told) count(told.waiting);
      heard(told);
    });
  }
  source.addEventListener("open", () => {
    status.textContent = "";
  });
  source.addEventListener("error", () => {
    status.textContent = "Not connected. Trying again…";
    if (source.readyState !== EventSource.CLOSED) return;
    source.close();
    setTimeout(connect, 2000, kinds);
  });
}

// How many pictures wait for review stands on every page.
function count(waiting) {
  const badge = document.getElementById("waiting");
  badge.hidden = !waiting;
  badge.firstChild.textContent = String(waiting);
}

// Calls each kind's function with what was told.
export function listen(kinds) {
  connect(kinds);
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (event) => event.persisted && connect(kinds));
}
