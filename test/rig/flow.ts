// A gateway with a file of routes, in front of several scripted targets.

import assert from "node:assert/strict";
import { type Answer, call } from "./client.ts";
import { type Gateway, type Owner, startGateway } from "./gateway.ts";
import { type ScriptedTarget, startTarget } from "./target.ts";

export interface Flow {
  readonly targets: readonly ScriptedTarget[];
  readonly gateway: Gateway;
  readonly url: URL;
}

/** `file` makes the YAML from the base URLs of the targets; `ports` are for those that are to come back on theirs. */
export async function startFlow(
  owner: Owner,
  count: number,
  file: (...urls: readonly string[]) => string,
  args: readonly string[] = [],
  ports: readonly number[] = [],
): Promise<Flow> {
  const targets: ScriptedTarget[] = [];
  for (let i = 0; i < count; i++) targets.push(await startTarget({ port: ports[i] ?? 0 }));
  owner.after(async () => void (await Promise.all(targets.map((target) => target.close()))));
  const gateway = await startGateway(owner, { file: file(...targets.map(({ url }) => url.origin)), args });
  return { targets, gateway, url: gateway.url };
}

export interface LaneView {
  readonly name: string;
  readonly paused: boolean;
  readonly limit: number | null;
  readonly in_flight: number;
  readonly queue: { readonly size: number; readonly capacity: number | null };
  readonly rate: string | null;
  readonly waiting_for: { readonly reason: string; readonly until: string | null } | null;
}

export interface TargetView {
  readonly pool: string;
  readonly url: string;
  readonly in_flight: number;
  readonly healthy: boolean | null;
  readonly circuit: { readonly state: string; readonly failures: number; readonly until: string | null };
}

export async function laneOf(url: URL, name: string): Promise<LaneView> {
  const answer = await call(url, { path: "/lanes" });
  const lane = answer.json<{ lanes: readonly LaneView[] }>().lanes.find((each) => each.name === name);
  assert.ok(lane, answer.text);
  return lane;
}

export async function targetsOf(url: URL): Promise<readonly TargetView[]> {
  return (await call(url, { path: "/targets" })).json<{ targets: readonly TargetView[] }>().targets;
}

export function change(url: URL, lane: string, changes: object): Promise<Answer> {
  return call(url, {
    method: "PATCH",
    path: `/lanes/${encodeURIComponent(lane)}`,
    headers: ["Content-Type", "application/json"],
    body: JSON.stringify(changes),
  });
}

export async function metric(url: URL, name: string): Promise<number> {
  const { text } = await call(url, { path: "/metrics" });
  const line = text.split("\n").find((each) => each.startsWith(`${name} `));
  assert.ok(line, `${name} in\n${text}`);
  return Number(line.slice(name.length + 1));
}
