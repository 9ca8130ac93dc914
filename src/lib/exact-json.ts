/**
 * JSON whose numbers are written again as they stood: 12345678901234567890 and 1.0 are no JavaScript numbers. A reviver could
 * keep their source, and would make parsing seven times as slow for a single one; numbers that no other can be stand in for
 * them instead. Throws `SyntaxError`.
 */
export function parseExactly(text: string): unknown {
  const { standing, numbers } = standIn(text);
  const value: unknown = JSON.parse(standing);
  return numbers.length === 0 ? value : putBack(value, numbers);
}

/** From here on every integer is exact and has as many digits as `LONG`, of which none is left that does not stand in. */
const FIRST = 2 ** 52;
const LONG = 16;

function standIn(text: string): { readonly standing: string; readonly numbers: readonly unknown[] } {
  const pieces: string[] = [];
  const numbers: unknown[] = [];
  const places = new Map<string, number>();
  let done = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) i = endOfString(text, i);
    else if (code === MINUS || isDigit(code)) {
      const end = endOfNumber(text, i);
      const number = text.slice(i, end);
      // What is no number stays, for the parser to complain of.
      if (!isPlain(number) && NUMBER.test(number)) {
        let place = places.get(number);
        if (place === undefined) {
          place = numbers.push(String(Number(number)) === number ? Number(number) : rawJSON(number)) - 1;
          places.set(number, place);
        }
        pieces.push(text.slice(done, i), String(FIRST + place));
        done = end;
      }
      i = end - 1;
    }
  }
  return { standing: numbers.length === 0 ? text : pieces.join("") + text.slice(done), numbers };
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** Whether a number is written as JavaScript writes it, and is too short to be mistaken for one that stands in. */
function isPlain(number: string): boolean {
  return number.length < LONG && String(Number(number)) === number;
}

function endOfNumber(text: string, start: number): number {
  let i = start + 1;
  while (i < text.length && isOfNumber(text.charCodeAt(i))) i += 1;
  return i;
}

function isOfNumber(code: number): boolean {
  return (
    isDigit(code) || code === MINUS || code === PLUS || code === DOT || code === LOWER_E || code === UPPER_E
  );
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE;
}

/** ECMAScript 2026, which the compiler's library does not have yet. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): object };

function putBack(value: unknown, numbers: readonly unknown[]): unknown {
  if (typeof value === "number") return numbers[value - FIRST] ?? value;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) value[i] = putBack(value[i], numbers);
  } else if (typeof value === "object" && value !== null) {
    // All are members of its own, `__proto__` too.
    const members = value as Record<string, unknown>;
    for (const name of Object.keys(members)) members[name] = putBack(members[name], numbers);
  }
  return value;
}

/** Whether arrays and objects lie deeper in each other; so deep, parsing and writing take a time that has no bound, or all of the stack. */
export function isDeeper(text: string, limit: number): boolean {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case QUOTE:
        i = endOfString(text, i);
        break;
      case OPEN_ARRAY:
      case OPEN_OBJECT:
        depth += 1;
        if (depth > limit) return true;
        break;
      case CLOSE_ARRAY:
      case CLOSE_OBJECT:
        depth -= 1;
        break;
      default:
    }
  }
  return false;
}

function endOfString(text: string, start: number): number {
  let i = start + 1;
  for (; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) break;
    if (code === BACKSLASH) i += 1;
  }
  return i;
}

const QUOTE = 0x22;
const PLUS = 0x2b;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const UPPER_E = 0x45;
const LOWER_E = 0x65;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
