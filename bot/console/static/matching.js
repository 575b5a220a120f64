// What may stand where the caret is: names of flags, their values, verbs and segments, best first.

const MOST = 8;
const LONG = 3; // so many letters are also looked for inside a name
// A dash alone opens the list; a long dash only with a letter, since prose has those.
const FLAG = /(?:^|\s|::)(--?[\w-]*|[—–][A-Za-z][\w-]*)$/;
const SAID = /(?:--|[—–])([A-Za-z][\w-]*)/g;
const VALUE = /(?:^|\s|::)(?:--|[—–])([A-Za-z][\w-]*)(?:=|\s+)(\S*)$/;
const VERB = /^\s*(\/?)([A-Za-z]*)$/;
const AFTER = /^\s*\/?[A-Za-z]+\s+(#?\d+\s+)?(\S*)$/;
const SLASH = /\s\/([A-Za-z]*)$/;
const EDIT = /(?:^|\n|::|^\s*\/?edit\s|^\s*\/?branch\s+#?\d+\s)\s*([A-Za-z]*)$/i;

// What is asked for: {typed, options}, or nothing; an option is {text, shown, help, more}.
export function asked(known, place, line) {
  const verb = verbOf(known, place, line);
  const flagged = flags(known, verb, line) ?? values(known, line);
  const found = flagged ?? names(known, verb, place, line) ?? after(verb, line);
  const options = (found?.options ?? []).filter((one) => one.more || one.text !== found.typed);
  return options.length ? { typed: found.typed, options: options.slice(0, MOST) } : null;
}

// In a channel a verb counts only with its slash: without it the line is most likely a prompt.
function verbOf(known, place, line) {
  const [, slash, word] = line.match(/^\s*(\/?)([A-Za-z]+)(?=\s)/) ?? [];
  const counts = slash || place === "thread";
  const said = counts && known.verbs.find((verb) => verb.names.includes(word?.toLowerCase()));
  return said || known.verbs.find((verb) => verb.names[0] === known.unsaid[place]);
}

function flags(known, verb, line) {
  const typed = line.match(FLAG)?.[1];
  if (!typed) return null;
  const said = Array.from(line.slice(0, -typed.length).matchAll(SAID), ([, name]) => `--${name.toLowerCase()}`);
  const free = (flag) => flag.adds_up || !flag.names.some((name) => said.includes(name));
  const fit = known.flags.filter((flag) => verb.flags.includes(flag.names[0]) && free(flag));
  return { typed, options: best(fit, typed.replace(/^(--?|[—–])/, "--"), asFlag) };
}

function asFlag({ value, help }, text) {
  return { text, shown: `${text} ${value}`.trim(), help, more: Boolean(value) };
}

function values(known, line) {
  const [, name, typed] = line.match(VALUE) ?? [];
  const flag = known.flags.find((one) => one.names.includes(`--${name?.toLowerCase()}`));
  return flag ? { typed, options: best(flag.values, typed, asValue) } : null;
}

function after(verb, line) {
  const [, number, typed] = line.match(AFTER) ?? [];
  const fits = typed !== undefined && (!number || verb.numbered);
  return fits ? { typed, options: best(verb.values, typed, asValue) } : null;
}

function asValue({ names: [text], help }) {
  return { text, shown: text, help, more: false };
}

// Verbs at the start of the line, and segments where the verb takes them.
function names(known, verb, place, line) {
  const [, slash, word] = line.match(VERB) ?? [];
  if (word === undefined || !(slash || (word && place === "thread"))) return segments(known, verb, line);
  const options = [...best(known.verbs, word, asVerb(slash)), ...best(known.segments, word, asSegment(verb))];
  return { typed: slash + word, options };
}

function asVerb(slash) {
  return ({ names: [name], form, help }) => ({ text: slash + name, shown: slash + form, help, more: form !== name });
}

function segments(known, verb, line) {
  const slashed = line.match(SLASH);
  const word = slashed?.[1] ?? (verb.segment === ":" ? line.match(EDIT)?.[1] : undefined);
  if (word === undefined || !verb.segment || !line.trim()) return null;
  return { typed: (slashed ? "/" : "") + word, options: best(known.segments, word, asSegment(verb)) };
}

function asSegment(verb) {
  return ({ names: [name], help }) => {
    const text = name + verb.segment;
    return { text, shown: `${text}…`, help, more: true };
  };
}

// What begins as typed stands before what only holds it.
function best(all, typed, made) {
  const want = typed.toLowerCase();
  const inner = want.replace(/^-+/, "");
  const begins = (name) => name.toLowerCase().startsWith(want);
  const holds = (name) => inner.length >= LONG && name.toLowerCase().includes(inner);
  const first = all.filter(({ names }) => names.some(begins));
  const then = all.filter((one) => !first.includes(one) && [...one.names, ...(one.also ?? [])].some(holds));
  return [...first, ...then].map((one) => made(one, one.names.find(begins) ?? one.names[0]));
}
