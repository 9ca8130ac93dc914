/**
 * Text from elsewhere, such that it cannot command a terminal: a path or a message with an escape sequence in it could
 * otherwise clear the screen, forge lines, or (by changes of writing direction, CVE-2021-42574) read as something else.
 */
export function harmless(text: string): string {
  return text.replaceAll(UNSAFE, escape);
}

/** The same for text of many lines, which keeps its line breaks and tabs. */
export function harmlessLines(text: string): string {
  return text.replaceAll(UNSAFE, (character, index: number) => {
    const isKept =
      character === "\n" || character === "\t" || (character === "\r" && text[index + 1] === "\n");
    return isKept ? character : escape(character);
  });
}

/** Control characters (C0, DEL, C1), separators of lines, and what changes the direction of writing. */
const UNSAFE = /[\p{Cc}\u2028\u2029\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

function escape(character: string): string {
  if (character === "\n") return String.raw`\n`;
  if (character === "\t") return String.raw`\t`;
  if (character === "\r") return String.raw`\r`;
  const code = character.charCodeAt(0);
  return code < 0x1_00
    ? String.raw`\x${code.toString(16).padStart(2, "0")}`
    : String.raw`\u${code.toString(16).padStart(4, "0")}`;
}
