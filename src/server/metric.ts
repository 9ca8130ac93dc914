import { Counter, Gauge, Histogram, type Registry } from "@prometheus-io/client";

export function counter<Label extends string>(
  register: Registry,
  name: string,
  help: string,
  labelNames: readonly Label[],
): Counter<Label> {
  return new Counter({ name, help, labelNames, registers: [register] });
}

export function gauge<Label extends string>(
  register: Registry,
  name: string,
  help: string,
  labelNames: readonly Label[],
): Gauge<Label> {
  return new Gauge({ name, help, labelNames, registers: [register] });
}

export function histogram<Label extends string>(
  register: Registry,
  name: string,
  help: string,
  labelNames: readonly Label[],
  bucketsSeconds: readonly number[],
): Histogram<Label> {
  return new Histogram({ name, help, labelNames, buckets: [...bucketsSeconds], registers: [register] });
}
