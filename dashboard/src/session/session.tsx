import { createContext, type ReactNode, use, useCallback, useMemo, useState } from "react";
import { Headgate } from "../../../client/client.ts";
import { BASE_URL } from "./base-url.ts";

export interface Session {
  readonly client: Headgate;
  readonly key: string | null;
  /** A call was answered 401: the key is asked for. */
  readonly isKeyWanted: boolean;
  readonly onUnauthorized: () => void;
  readonly use: (key: string) => void;
  readonly forget: () => void;
}

const Current = createContext<Session | null>(null);

/** For this tab, not for the disk. */
const STORED_AS = "headgate.key";

/** Who talks to Headgate, and with which key. */
export function SessionProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const [key, setKey] = useState(() => sessionStorage.getItem(STORED_AS));
  const [isKeyWanted, setKeyWanted] = useState(false);
  const onUnauthorized = useCallback(() => setKeyWanted(true), []);
  const session = useMemo<Session>(
    () => ({
      client: new Headgate(BASE_URL, key === null ? {} : { key }),
      key,
      isKeyWanted,
      onUnauthorized,
      use(next) {
        sessionStorage.setItem(STORED_AS, next);
        setKey(next);
        setKeyWanted(false);
      },
      forget() {
        sessionStorage.removeItem(STORED_AS);
        setKey(null);
      },
    }),
    [key, isKeyWanted, onUnauthorized],
  );
  return <Current value={session}>{children}</Current>;
}

export function useSession(): Session {
  const session = use(Current);
  if (session === null) throw new Error("There is no session outside of its provider.");
  return session;
}
