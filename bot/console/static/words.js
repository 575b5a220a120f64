// Shows the five segments of a line while it is typed; the service alone decides what it means.

export const SEGMENTS = ["subject", "environment", "technical", "style", "negative"];

// As in bot/grammar/marks.py: what a backslash or quotes hide, then :: with its weight, flags, names.
const MARK = new RegExp(
  [
    String.raw`(?<hidden>\\.|(?<![\p{L}\p{N}_])"[^"\\]*(?:\\.[^"\\]*)*(?<!\s)"(?![\p{L}\p{N}_])|“[^“”\\]*(?:\\.[^“”\\]*)*”)`,
    String.raw`(?<separator>::(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?=\s|::|$))?)`,
    String.raw`(?<flag>(?:(?<!\S)|(?<=::))(?:--|[—–])[A-Za-z][\w-]*=?)`,
    String.raw`(?<![^\s:])(?<name>${SEGMENTS.join("|")})=`,
  ].join("|"),
  "giu",
);

// The line in stretches: {text, segment}; segment is null for :: and for flags.
export function stretches(line) {
  const found = [];
  let from = 0;
  let place = 0;
  let now = SEGMENTS[0];
  const cut = (to, segment) => {
    if (to > from) found.push({ text: line.slice(from, to), segment });
    from = to;
  };
  for (const mark of line.matchAll(MARK)) {
    const { separator, flag, name } = mark.groups;
    if (!separator && !flag && !name) continue;
    cut(mark.index, now);
    if (separator) {
      cut(mark.index + separator.length, null);
      place += 1;
      now = SEGMENTS[place] ?? null;
    } else {
      now = name ? name.toLowerCase() : null;
    }
  }
  cut(line.length, now);
  return found;
}

// The segment in which the caret stands.
export function segmentAt(line, caret) {
  const before = stretches(`${line.slice(0, caret)}.`);
  return before.at(-1)?.segment ?? null;
}

export function ink(line) {
  const parts = document.createDocumentFragment();
  for (const { text, segment } of stretches(line)) {
    if (!segment) {
      parts.append(text);
      continue;
    }
    const [, lead, said, tail] = text.match(/^(\s*)([^]*?)(\s*)$/);
    const word = document.createElement("span");
    word.className = `seg seg-${segment}`;
    word.textContent = said;
    parts.append(lead, word, tail);
  }
  parts.append("\u200b"); // a last empty line has its height too
  return parts;
}
