/**
 * JSON whose numbers are written again as they stood: 12345678901234567890 and 1.0 are no JavaScript numbers. Keeping their
 * source makes parsing seven times as slow, so it is done only where there may be such a number. Throws `SyntaxError`.
 */
export function parseExactly(text: string): unknown {
  return hasInexactNumber(text) ? parse(text, keepSource) : JSON.parse(text);
}

/** What only looks like a number, within a string, makes it slow and not wrong. */
function hasInexactNumber(text: string): boolean {
  for (const [, number] of text.matchAll(SUSPECTS)) if (String(Number(number)) !== number) return true;
  return false;
}

/** Numbers of sixteen digits, with an exponent, with a zero at the end of a fraction or many at its start, and minus zero. */
const SUSPECTS =
  /(?:^|[:[,])\s*(-?(?:\d[\d.]{15}[\d.eE+-]*|\d[\d.]*[eE][\d+-]*|\d+\.\d*0(?!\d)|0\.00000\d*|(?<=-)0(?![\d.])))/g;

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

/** ECMAScript 2026, which the compiler's library does not have yet. */
const { parse, rawJSON } = JSON as unknown as {
  parse(text: string, reviver: Reviver): unknown;
  rawJSON(text: string): object;
};

function keepSource(_key: string, value: unknown, { source }: { readonly source?: string }): unknown {
  if (typeof value !== "number" || source === undefined || String(value) === source) return value;
  return rawJSON(source);
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
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
