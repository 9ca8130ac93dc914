/** Chats have their secret in the query, some receivers in the path. */
export function withoutSecrets(href: string): string {
  const { origin, pathname, search } = new URL(href);
  return origin + pathname.replaceAll(/[\w-]{20,}/g, "…") + (search === "" ? "" : "?…");
}
