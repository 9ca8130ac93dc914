import { useDisclosure } from "@mantine/hooks";
import { useNavigate } from "@tanstack/react-router";
import { lazy, type ReactNode, Suspense, useEffect } from "react";
import { VIEWS } from "./views.ts";

const ShortcutHelp = lazy(() => import("./shortcut-help.tsx"));

/** `?` shows the keys, `g` and a letter go to a view; the rows of a table have keys of their own. */
export function Shortcuts(): ReactNode {
  const [isOpen, { open, close }] = useDisclosure(false);
  const navigate = useNavigate();

  useEffect(() => {
    let afterG = false;
    function onKey(event: KeyboardEvent): void {
      if (isTyping(event)) return;
      const view = afterG ? VIEWS.find(({ key }) => key === event.key) : undefined;
      afterG = event.key === "g";
      if (event.key === "?") open();
      else if (view !== undefined) void navigate({ to: view.path });
      else return;
      event.preventDefault();
    }
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [navigate, open]);

  return (
    isOpen && (
      <Suspense>
        <ShortcutHelp onClose={close} />
      </Suspense>
    )
  );
}

/** Keys that are text, or that belong to the browser. */
export function isTyping({ target, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  if (ctrlKey || metaKey || altKey) return true;
  return target instanceof HTMLElement && (target.isContentEditable || target.closest(OWN_KEYS) !== null);
}

/** What is typed into, and what lies over the view and takes the keys for itself. */
const OWN_KEYS = "input:not([type=checkbox], [type=radio]), textarea, select, [role=dialog], [role=menu]";
