import { IconArrowsSplit2, IconBell, IconGauge, IconListDetails, IconSend } from "@tabler/icons-react";
import type { SHELL } from "../i18n/shell.ts";

export interface View {
  readonly path: "/" | "/tasks" | "/lanes" | "/webhooks" | "/submit";
  readonly name: keyof Pick<(typeof SHELL)["en"], "overview" | "tasks" | "lanes" | "webhooks" | "submit">;
  readonly icon: typeof IconGauge;
  /** Typed after `g`. */
  readonly key: string;
}

/** What the navigation leads to, in its order. */
export const VIEWS: readonly View[] = Object.freeze<View[]>([
  { path: "/", name: "overview", icon: IconGauge, key: "o" },
  { path: "/tasks", name: "tasks", icon: IconListDetails, key: "t" },
  { path: "/lanes", name: "lanes", icon: IconArrowsSplit2, key: "l" },
  { path: "/webhooks", name: "webhooks", icon: IconBell, key: "w" },
  { path: "/submit", name: "submit", icon: IconSend, key: "s" },
]);
