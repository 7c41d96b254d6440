/** `%`; every other element of a pattern stands for one character. */
const ANY_TEXT = Symbol('any text');
/** `_`. */
const ANY_CHARACTER = Symbol('any character');

type Element = string | typeof ANY_CHARACTER;

/**
 * SQL LIKE: `%` any text, `_` one character, `\` takes the next character literally. In time of text × pattern at most:
 * as a regular expression `%a%a%a%b` would take a foreign request's time to the fourth power.
 */
export function matchesLike(text: string, pattern: string): boolean {
  const [first = [], ...rest] = segmentsOf(pattern);
  const characters = Array.from(text);
  if (!startsAt(characters, first, 0)) return false;
  const last = rest.pop();
  if (!last) return characters.length === first.length;
  let at = first.length;
  // Each segment as far left as it can be leaves the most text to those behind it.
  for (const segment of rest) {
    while (at + segment.length <= characters.length && !startsAt(characters, segment, at)) at++;
    at += segment.length;
  }
  const end = characters.length - last.length;
  return at <= end && startsAt(characters, last, end);
}

/** The runs of single characters between the `%`s; one more than there are of those. */
function segmentsOf(pattern: string): Element[][] {
  const segments: Element[][] = [[]];
  for (const element of elementsOf(pattern)) {
    if (element === ANY_TEXT) segments.push([]);
    else segments.at(-1)?.push(element);
  }
  return segments;
}

function* elementsOf(pattern: string): Generator<Element | typeof ANY_TEXT> {
  const characters = Array.from(pattern);
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i] as string;
    if (character === '%') yield ANY_TEXT;
    else if (character === '_') yield ANY_CHARACTER;
    else yield character === '\\' ? (characters[++i] ?? character) : character;
  }
}

function startsAt(characters: readonly string[], segment: readonly Element[], at: number): boolean {
  if (at + segment.length > characters.length) return false;
  return segment.every((element, i) => element === ANY_CHARACTER || element === characters[at + i]);
}
