import { createContext, type ReactNode, use, useCallback, useMemo, useState } from "react";
import { Headgate } from "../../../client/client.ts";
import { BASE_URL } from "./base-url.ts";

export interface Session {
  readonly client: Headgate;
  /** Another one after each key that was given or forgotten: what was known before is of another's seeing. */
  readonly generation: number;
  readonly key: string | null;
  /** A call was answered 401: the key is asked for. */
  readonly isKeyWanted: boolean;
  readonly onUnauthorized: () => void;
  readonly use: (key: string) => void;
  readonly forget: () => void;
}

interface User {
  readonly key: string | null;
  readonly generation: number;
}

const Current = createContext<Session | null>(null);

/** For this tab, not for the disk. */
const STORED_AS = "headgate.key";

/** Who talks to Headgate, and with which key. */
export function SessionProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const [{ key, generation }, setUser] = useState<User>(() => ({
    key: sessionStorage.getItem(STORED_AS),
    generation: 0,
  }));
  const [isKeyWanted, setKeyWanted] = useState(false);
  const onUnauthorized = useCallback(() => setKeyWanted(true), []);
  const client = useMemo(() => new Headgate(BASE_URL, key === null ? {} : { key }), [key]);
  const session = useMemo<Session>(
    () => ({
      client,
      key,
      generation,
      isKeyWanted,
      onUnauthorized,
      use(next) {
        sessionStorage.setItem(STORED_AS, next);
        setUser(({ generation }) => ({ key: next, generation: generation + 1 }));
        setKeyWanted(false);
      },
      forget() {
        sessionStorage.removeItem(STORED_AS);
        setUser(({ generation }) => ({ key: null, generation: generation + 1 }));
      },
    }),
    [client, key, generation, isKeyWanted, onUnauthorized],
  );
  return <Current value={session}>{children}</Current>;
}

export function useSession(): Session {
  const session = use(Current);
  if (session === null) throw new Error("There is no session outside of its provider.");
  return session;
}
