/** The bytes as text; null when they are none. */
export function toText(bytes: Uint8Array): string | null {
  try {
    // A cut may go through the last character.
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return /(?!\s)\p{Cc}/u.test(text) ? null : text;
  } catch {
    return null;
  }
}

const DEEPEST = 200;
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/**
 * JSON with a line for each member, its numbers and strings as they came: parsing and writing it again would round large
 * integers. Null when it is no JSON.
 */
export function toPrettyJson(text: string): string | null {
  if (!isJson(text)) return null;
  let depth = 0;
  let line = "";
  const lines: string[] = [];
  const end = (): void => {
    lines.push(line);
    line = "  ".repeat(Math.min(depth, DEEPEST));
  };
  let before = "";
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === "}" || token === "]") {
      depth -= 1;
      if (before !== "{" && before !== "[") end();
    } else if (before === "{" || before === "[") {
      end();
    }
    line += token === ":" ? ": " : token;
    if (token === "{" || token === "[") depth += 1;
    if (token === ",") end();
    before = token;
  }
  return [...lines, line].join("\n");
}

function isJson(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null;
  } catch {
    return false;
  }
}

const ROW = 16;

/** Offset, bytes, and the characters that they are. */
export function toHex(bytes: Uint8Array): string {
  const rows: string[] = [];
  for (let at = 0; at < Math.min(bytes.byteLength, 16_384); at += ROW) {
    const row = [...bytes.subarray(at, at + ROW)];
    const hex = row.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const characters = row
      .map((byte) => (byte > 31 && byte < 127 ? String.fromCharCode(byte) : "."))
      .join("");
    rows.push(`${at.toString(16).padStart(8, "0")}  ${hex.padEnd(ROW * 3 - 1)}  ${characters}`);
  }
  return rows.join("\n");
}
