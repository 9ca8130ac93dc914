/**
 * JSON whose numbers are written again as they stood: 12345678901234567890 and 1.0 are no JavaScript numbers. Keeping their
 * source makes parsing seven times as slow, so it is done only where there may be such a number. Throws `SyntaxError`.
 */
export function parseExactly(text: string): unknown {
  return MAY_BE_INEXACT.test(text) ? parse(text, keepSource) : JSON.parse(text);
}

/** Sixteen digits, an exponent, a zero at the end of a fraction, minus zero, a fraction that begins with many zeros. */
const MAY_BE_INEXACT =
  /(?:^|[:[,])\s*-?(?:\d[\d.]{15}|\d[\d.]*[eE]|\d+\.\d*0(?!\d)|0\.00000|(?<=-)0(?![\d.]))/;

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
