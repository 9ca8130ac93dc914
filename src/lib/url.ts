// URLs and paths as logs, messages and answers show them: without what may be secret.

/** Chats have their secret in the query, some receivers in the path. */
export function withoutSecrets(href: string): string {
  const { origin, pathname, search } = new URL(href);
  return origin + pathname.replaceAll(/[\w-]{20,}/g, "…") + (search === "" ? "" : "?…");
}

/** Hides the user names and passwords that somebody put into URLs, and tokens in their queries, wherever they are in a text. */
export function withoutCredentials(text: string): string {
  return text.replaceAll(/\/\/[^/?#]*@/g, "//***@").replaceAll(/(:\/\/[^\s"?]*)\?[^\s"#]+/g, "$1?…");
}

/** A query often carries what is nobody else's business. */
export function withoutQuery(path: string): string {
  return path.split("?", 1)[0] as string;
}
