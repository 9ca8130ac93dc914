import type { Owner } from "./gateway.ts";

/**
 * Of what is made in a `before` for all tests of a suite: `after` called in there would clean up when that hook is over.
 * Pass the suite's own, at its beginning.
 */
export function createOwner(suite: { readonly after: (clean: () => Promise<void>) => void }): Owner {
  const cleans: (() => Promise<void>)[] = [];
  suite.after(async () => {
    for (const clean of cleans) await clean();
  });
  return { after: (clean) => void cleans.push(clean) };
}
