import { call, eventually, submit } from "../rig/client.ts";
import { type Flow, startFlow, targetsOf } from "../rig/flow.ts";
import type { Owner } from "../rig/gateway.ts";
import { type Receiver, reply, startReceiver } from "../rig/receiver.ts";

export interface BusyFlow extends Flow {
  readonly receiver: Receiver;
}

export const SECRET: string = `whsec_${Buffer.alloc(24, 1).toString("base64")}`;

/** A gateway that has something of everything: work done and under way, a paused lane, an open circuit, told receivers. */
export async function startBusyFlow(owner: Owner): Promise<BusyFlow> {
  const receiver = await startReceiver(owner);
  receiver.next("/gone", reply(410));
  receiver.next("/ops", reply(500));
  const flow = await startFlow(
    owner,
    1,
    (target) => `long_task_threshold: 1s
max_attempts: 2
targets:
  api: {urls: ["${target}"], health: {path: /ok, interval: 1s}}
  away: {urls: ["http://127.0.0.1:9"], circuit: {failures: 2, open: 10m}}
routes:
  - {name: reports, match: /slow/*, target: api, max_concurrent: 2, queue: 50, rate: 20/s}
  - {name: away, match: /away/*, target: away}
  - {name: nightly, match: /nightly/*, target: api}
  - {name: default, match: /**, target: api, max_concurrent: auto}
webhooks:
  secret: ${SECRET}
  allow: [127.0.0.0/8]
  endpoints:
    ops: {url: "${receiver.url}/ops", on: [completed, failed]}
    gone: {url: "${receiver.url}/gone", on: [failed]}
    chat: {url: "${receiver.url}/chat?secret=hidden", format: slack, on: []}
`,
  );
  await fill(flow);
  return { ...flow, receiver };
}

async function fill({ url, targets }: Flow): Promise<void> {
  await call(url, { method: "POST", path: "/lanes/nightly/pause" });
  for (const path of ["/ok/hello", "/status/200", "/status/404", "/status/500"]) await submit(url, { path });
  for (let i = 0; i < 3; i++) await submit(url, { path: `/nightly/${i}` });
  for (let i = 0; i < 4; i++) await submit(url, { path: `/slow/report-${i}` });
  for (let i = 0; i < 3; i++) await submit(url, { path: `/away/${i}` });
  await targets[0]?.received(4);
  await eventually(
    () => targetsOf(url),
    (all) => all.some(({ circuit }) => circuit.state === "open"),
  );
  await eventually(
    async () => (await call(url, { path: "/webhooks/endpoints" })).text,
    (text) => /"gone_since":"2/.test(text),
  );
}
