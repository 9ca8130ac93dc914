const MOST_LABELS = 16;

/** Starts with a letter or digit, which also keeps `__proto__` out. */
const KEY = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;
const VALUE = /^[\x20-\x7e]{0,256}$/;

/**
 * Adds the members of one `Headgate-Label` field, `team=search, tier=gold`, to `labels`. A list by commas, because a
 * proxy may join repeated fields (RFC 9110 5.3). Throws what `invalid` makes of the reason.
 */
export function addLabels(
  labels: Record<string, string>,
  field: string,
  invalid: (why: string) => Error,
): void {
  for (const member of field.split(",")) {
    const equals = member.indexOf("=");
    const key = member.slice(0, Math.max(0, equals)).trim();
    const value = member.slice(equals + 1).trim();
    if (!KEY.test(key) || !VALUE.test(value)) {
      throw invalid(
        "A label is key=value: the key 1 to 64 letters, digits, dots, dashes and underscores, the value at most 256 printable ASCII characters without a comma.",
      );
    }
    if (Object.hasOwn(labels, key)) throw invalid(`The label ${key} is given twice.`);
    if (Object.keys(labels).length === MOST_LABELS)
      throw invalid(`A task has at most ${MOST_LABELS} labels.`);
    labels[key] = value;
  }
}
