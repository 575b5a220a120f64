// Talks to the service: JSON out, JSON or a piece of HTML back, refusals as one kind of error.

export class Refusal extends Error {
  constructor(error) {
    super(error.message);
    this.kind = error.kind;
    this.hint = error.hint ?? "";
    this.faults = error.faults ?? [];
  }
}

const LOST = {
  kind: "lost",
  message: "The service did not answer.",
  hint: "Your text is still here: send it again when the page says it is connected.",
};

async function reach(path, how) {
  try {
    return await fetch(path, { cache: "no-store", ...how });
  } catch {
    throw new Refusal(LOST);
  }
}

async function read(response) {
  const answer = await response.json().catch(() => ({ error: LOST }));
  if (!response.ok) throw new Refusal(answer.error ?? LOST);
  return answer;
}

export async function post(path, body) {
  const headers = { "content-type": "application/json" };
  return read(await reach(path, { method: "POST", headers, body: JSON.stringify(body) }));
}

export async function get(path) {
  return read(await reach(path));
}

export async function piece(path) {
  const response = await reach(path, { headers: { "x-piece": "1" } });
  if (!response.ok) await read(response);
  const made = document.createElement("template");
  made.innerHTML = await response.text();
  return made.content;
}
