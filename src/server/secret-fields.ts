/** Which header fields are secrets, in requests and in answers. `Host` never is: the routes of stored requests are found by it. */
export interface SecretFields {
  /** In any case. */
  has(name: string): boolean;
  /** From now on these are, besides those that always are; lower case. */
  configure(names: readonly string[]): void;
}

/** Whoever has the value of one of these is taken for somebody. */
const ALWAYS: readonly string[] = [
  "authorization", // RFC 9110 11.6.2
  "cookie", // RFC 6265 4.2
  "cookie2",
  "headgate-key", // ours
  "proxy-authorization", // RFC 9110 11.7.2
  "set-cookie", // RFC 6265 4.1
  "set-cookie2",
];

export function createSecretFields(configured: readonly string[]): SecretFields {
  let names: ReadonlySet<string> = new Set();
  let lengths: readonly boolean[] = [];

  function configure(more: readonly string[]): void {
    names = new Set([...ALWAYS, ...more.filter((name) => name !== "host")]);
    const longest = Math.max(...[...names].map(({ length }) => length));
    lengths = Array.from({ length: longest + 1 }, (_, length) =>
      [...names].some((name) => name.length === length),
    );
  }

  configure(configured);
  return {
    // Told by the length alone for most names: every field of every request is asked for.
    has: (name) => lengths[name.length] === true && names.has(name.toLowerCase()),
    configure,
  };
}
