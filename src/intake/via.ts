/**
 * Whether a request has been through this node before: one of the `Via` members was received by our pseudonym
 * (RFC 9110 7.6.3). A gateway that is its own target would otherwise fill its queue with copies of one request.
 */
export function hasPassed(via: string | undefined, pseudonym: string): boolean {
  if (via === undefined) return false;
  const ours = pseudonym.toLowerCase();
  return via.split(",").some(
    (member) =>
      member
        .trim()
        .split(/[ \t]+/, 2)[1]
        ?.toLowerCase() === ours,
  );
}
