import { type RefObject, useEffect, useRef } from "react";
import { isTyping } from "./shortcuts.tsx";

/**
 * `j` and `k` go from row to row of what the ref is put on: to the elements marked `data-row`, which are links or
 * buttons, so that Enter opens the one in focus.
 */
export function useRowKeys<Element extends HTMLElement = HTMLDivElement>(): RefObject<Element | null> {
  const place = useRef<Element>(null);
  useEffect(() => {
    function onKey(event: KeyboardEvent): void {
      const step = STEPS[event.key];
      if (step === undefined || isTyping(event) || isDialogOpen()) return;
      const rows = [...(place.current?.querySelectorAll<HTMLElement>("[data-row]") ?? [])];
      const at = rows.findIndex((row) => row === document.activeElement);
      const next = rows[at === -1 ? (step > 0 ? 0 : rows.length - 1) : at + step];
      if (next === undefined) return;
      next.focus();
      next.scrollIntoView({ block: "nearest" });
      event.preventDefault();
    }
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  return place;
}

const STEPS: Readonly<Record<string, number>> = Object.freeze({ j: 1, k: -1 });

function isDialogOpen(): boolean {
  return document.querySelector('[role="dialog"]') !== null;
}
