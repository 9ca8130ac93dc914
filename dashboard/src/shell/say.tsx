import type { NotificationData } from "@mantine/notifications";
import { lazy, type ReactNode, Suspense, useEffect, useState } from "react";

const Toasts = lazy(() => import("./toasts.tsx"));

/** Long enough for the view to come first, and soon enough to be there should Headgate go away. */
const LOADED_AFTER_MS = 1_500;

/** Says what came of something, in a corner of the page. */
export function say(what: NotificationData): void {
  void import("./toasts.tsx").then(({ show }) => show(what));
}

/** Where it is said; no part of the first load. */
export function Said(): ReactNode {
  const [isWanted, setWanted] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setWanted(true), LOADED_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    isWanted && (
      <Suspense>
        <Toasts />
      </Suspense>
    )
  );
}
