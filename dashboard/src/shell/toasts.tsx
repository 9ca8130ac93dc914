import { type NotificationData, Notifications, notifications } from "@mantine/notifications";
import type { ReactNode } from "react";
import "@mantine/notifications/styles.css";

/** What has the id of something that is shown takes its place. */
export function show(what: NotificationData): void {
  notifications.update(what);
  notifications.show(what);
}

/** Where what is said appears. */
export default function Toasts(): ReactNode {
  return <Notifications position="bottom-right" />;
}
