import { IconArrowsSplit2, IconBell, IconGauge, IconListDetails, IconSend } from "@tabler/icons-react";
import type { SHELL } from "../i18n/shell.ts";
import type { Deed } from "../session/may.ts";

export interface View {
  readonly path: "/" | "/tasks" | "/lanes" | "/webhooks" | "/submit";
  readonly name: keyof Pick<(typeof SHELL)["en"], "overview" | "tasks" | "lanes" | "webhooks" | "submit">;
  readonly icon: typeof IconGauge;
  /** What a key must be allowed for it to be of use. */
  readonly deed: Deed | null;
  /** Typed after `g`. */
  readonly key: string;
}

/** What the navigation leads to, in its order. */
export const VIEWS: readonly View[] = Object.freeze<View[]>([
  { path: "/", name: "overview", icon: IconGauge, deed: "survey", key: "o" },
  { path: "/tasks", name: "tasks", icon: IconListDetails, deed: null, key: "t" },
  { path: "/lanes", name: "lanes", icon: IconArrowsSplit2, deed: "survey", key: "l" },
  { path: "/webhooks", name: "webhooks", icon: IconBell, deed: "survey", key: "w" },
  { path: "/submit", name: "submit", icon: IconSend, deed: "handle", key: "s" },
]);
