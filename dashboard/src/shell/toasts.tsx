import { Notifications, notifications } from "@mantine/notifications";
import type { ReactNode } from "react";
import "@mantine/notifications/styles.css";

export const show = notifications.show;

/** Where what is said appears. */
export default function Toasts(): ReactNode {
  return <Notifications position="bottom-right" />;
}
