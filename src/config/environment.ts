/** The only reader of `process.env`. */

export type Environment = Readonly<Record<string, string | undefined>>;

export function environment(): Environment {
  return process.env;
}

/** Where the commands that are clients find their server, and what they show it: no business of a server's own. */
export const CLIENT_VARIABLES: { readonly url: "HEADGATE_URL"; readonly key: "HEADGATE_KEY" } = Object.freeze(
  { url: "HEADGATE_URL", key: "HEADGATE_KEY" },
);
