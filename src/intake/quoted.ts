/** Splits a field outside of its quoted strings (RFC 9110 5.6.4); null when one does not end. */
export function splitUnquoted(text: string, separator: string): readonly string[] | null {
  const parts: string[] = [];
  let from = 0;
  let isQuoted = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (isQuoted && character === "\\") i++;
    else if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted && character === separator) {
      parts.push(text.slice(from, i));
      from = i + 1;
    }
  }
  parts.push(text.slice(from));
  return isQuoted ? null : parts;
}
