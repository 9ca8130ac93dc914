import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { type ReactNode, useMemo } from "react";
import { LanguageProvider } from "./i18n/language.tsx";
import { LiveProvider } from "./live/live.tsx";
import { StatsKeeper } from "./live/stats.ts";
import { router } from "./router.tsx";
import { createQueries } from "./session/queries.ts";
import { SessionProvider, useSession } from "./session/session.tsx";
import { Said } from "./shell/say.tsx";
import { resolveVariables, THEME } from "./theme.ts";

const NONCE = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";

// What locks the page behind a dialog (react-style-singleton) takes the nonce of its style element from here.
Object.assign(globalThis, { __webpack_nonce__: NONCE });

/** Everything that views find around them: theme, language, key, data, events. */
export function App(): ReactNode {
  return (
    <MantineProvider
      theme={THEME}
      cssVariablesResolver={resolveVariables}
      defaultColorScheme="auto"
      getStyleNonce={() => NONCE}
    >
      <Said />
      <LanguageProvider>
        <SessionProvider>
          <Connected />
        </SessionProvider>
      </LanguageProvider>
    </MantineProvider>
  );
}

function Connected(): ReactNode {
  const { generation, onUnauthorized } = useSession();
  // Another key may see other things: nothing of what the one before saw is kept.
  const queries = useMemo(() => createQueries(onUnauthorized), [generation, onUnauthorized]);
  return (
    <QueryClientProvider key={generation} client={queries}>
      <LiveProvider>
        <StatsKeeper />
        <RouterProvider router={router} />
      </LiveProvider>
    </QueryClientProvider>
  );
}
