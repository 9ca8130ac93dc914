import type { Registry } from "@prometheus-io/client";
import type { Emitter } from "../lib/emitter.ts";
import type { TaskEvents } from "../task/event.ts";
import { counter, gauge } from "./metric.ts";

/** Counts what is told to somebody, and what somebody should be told. */
export function countIncidents(events: Emitter<TaskEvents>, register: Registry): void {
  const webhooks = counter(
    register,
    "headgate_webhook_tries_total",
    "Tries to deliver a webhook, by what became of the delivery: pending is tried again.",
    ["state"],
  );
  const disabled = counter(
    register,
    "headgate_webhooks_disabled_total",
    "Receivers that said they are gone (410).",
    [],
  );
  const alerts = counter(register, "headgate_alerts_total", "Alerts raised and resolved.", ["rule", "event"]);
  const denied = counter(
    register,
    "headgate_access_denied_total",
    "Calls that were turned away for their key, or for want of one.",
    ["code"],
  );
  const rejected = counter(
    register,
    "headgate_settlements_rejected_total",
    "Late outcomes that were not written: the task had been cancelled or taken over.",
    [],
  );
  const takenOver = counter(
    register,
    "headgate_leases_taken_over_total",
    "Attempts taken over from a node that stopped.",
    ["lane"],
  );
  const full = gauge(
    register,
    "headgate_storage_full",
    "1 while new tasks are refused because the disk is full.",
    [],
  );

  full.set(0);
  events.on("webhook.tried", ({ state }) => webhooks.inc({ state }));
  events.on("webhook.disabled", () => disabled.inc());
  events.on("alert.raised", ({ rule }) => alerts.inc({ rule, event: "raised" }));
  events.on("alert.resolved", ({ rule }) => alerts.inc({ rule, event: "resolved" }));
  events.on("access.denied", ({ code }) => denied.inc({ code }));
  events.on("settlement.rejected", () => rejected.inc());
  events.on("lease.taken_over", ({ lane }) => takenOver.inc({ lane }));
  events.on("storage.full", () => full.set(1));
  events.on("storage.recovered", () => full.set(0));
}
