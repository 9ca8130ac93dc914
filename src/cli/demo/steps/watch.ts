import { Headgate } from "../../../../client/client.ts";
import { NotShownError, type TourStep } from "../guide.ts";

const HELD_BACK_MS = 60_000;

/** Being told instead of asking. */
export const WATCH_STEPS: readonly TourStep[] = [
  {
    title: { en: "Events and progress", zh: "事件与进度" },
    async show({ submit, headgateUrl, show, say, check, signal }) {
      const id = await submit({ path: "/api/report", json: { pages: 4 } });
      say({
        en: `The service says how far it is. Whoever watches is told at once:\n$ curl -N ${headgateUrl.replace("http://127.0.0.1", "localhost")}/task/${id}/events`,
        zh: `服务汇报进度，观察者立即得知：\n$ curl -N ${headgateUrl.replace("http://127.0.0.1", "localhost")}/task/${id}/events`,
      });
      const types = new Set<string>();
      for await (const event of new Headgate(headgateUrl).task(id).events({ signal })) {
        types.add(event.type);
        const { data } = event;
        show([`event: ${event.type}`, `data: ${JSON.stringify(data).slice(0, 110)}…`]);
      }
      check(types.has("progress") && types.has("final"), "events of the progress and of the end");
    },
  },
  {
    title: { en: "A long task", zh: "长任务" },
    async show({ submit, until, call, say, check, ended }) {
      const id = await submit({ path: "/api/train", json: { model: "tiny", seconds: 3 } });
      await until(id, (task) => task.is_long_task);
      await call({ path: `/task/${id}` }, { members: ["status", "is_long_task", "progress", "eta_seconds"] });
      say({
        en: "Past the threshold (five minutes, here two seconds) it counts as a long task, in the lists and the metrics. It goes on, up to its time limit.",
        zh: "超过阈值（默认五分钟，此处两秒）即标记为长任务，并计入列表与指标；任务继续执行，直到超时上限。",
      });
      check((await ended(id)).status === "completed", "the long task completed");
    },
  },
  {
    title: { en: "A webhook, signed", zh: "带签名的 Webhook" },
    async show({ submit, call, say, show, check, stage: { inbox } }) {
      const id = await submit({
        path: "/api/quick",
        json: { n: 2 },
        headers: [
          ["Headgate-Callback", `${inbox.url}/done`],
          ["Headgate-Label", "customer=acme"],
        ],
      });
      const message = await within(
        inbox.message(({ data }) => data["task_id"] === id),
        "a webhook",
      );
      show([
        `POST ${inbox.url}/done`,
        `webhook-id: ${message.headers["webhook-id"]}`,
        `webhook-signature: ${message.headers["webhook-signature"]}`,
        `${message.body.slice(0, 150)}…`,
      ]);
      inbox.verify(message);
      let isForgeryTaken = true;
      try {
        inbox.verify(message, message.body.replace("completed", "cancelled"));
      } catch {
        isForgeryTaken = false;
      }
      check(!isForgeryTaken, "a changed message refused");
      say({
        en: "The receiver checked the signature (Standard Webhooks), and refused a message that was changed. What was sent is on record, and can be sent again:",
        zh: "接收方验证了签名（Standard Webhooks），被篡改的消息会被拒绝。投递均有记录，可以重发：",
      });
      const { json } = await call(
        { path: `/webhooks/deliveries?task=${id}` },
        { members: ["deliveries.0.state", "deliveries.0.type", "deliveries.0.tries"] },
      );
      check(JSON.stringify(json).includes(id), "the delivery on record");
    },
  },
];

/** Rejects when it has not come in time; that the timer outlives it is cut by the end of the process. */
export async function within<Value>(promise: Promise<Value>, what: string): Promise<Value> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new NotShownError(`${what} in time`)), HELD_BACK_MS);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
