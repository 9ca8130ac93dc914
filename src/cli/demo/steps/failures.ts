import type { Target } from "../../../../client/views.ts";
import { NotShownError, type TourStep } from "../guide.ts";
import { within } from "./watch.ts";

/** What goes wrong, and what is done about it. */
export const FAILURE_STEPS: readonly TourStep[] = [
  {
    title: { en: "Retries", zh: "自动重试" },
    async show({ submit, until, call, ended, say, check }) {
      say({
        en: "This endpoint is overloaded twice (503, Retry-After: 1) before it works:",
        zh: "此接口先两次过载（503，Retry-After: 1），然后成功：",
      });
      const id = await submit({ path: "/partner/flaky", json: {} });
      await until(id, ({ reason }) => reason === "retry_backoff");
      await call({ path: `/task/${id}` }, { members: ["status", "reason", "waiting_for"] });
      const task = await ended(id, {
        members: ["status", "result", "attempts.0.status", "attempts.1.status", "attempts.2.status"],
      });
      check(task.status === "completed" && task.attempts.length === 3, "three attempts, and an answer");
    },
  },
  {
    title: { en: "A target that is gone", zh: "目标服务不可用" },
    async show({ submit, call, ended, say, check, headgateUrl, stage: { partner } }) {
      await partner.unplug();
      say({
        en: "The partner was unplugged. Requests are accepted all the same:",
        zh: "合作方断线了。请求照样被接受：",
      });
      const ids: string[] = [];
      for (let n = 1; n <= 3; n++)
        ids.push(await submit({ path: `/partner/label/${n}` }, { members: ["status"] }));
      await untilCircuit(headgateUrl, partner.url, "open");
      await call(
        { path: "/targets" },
        { members: ["targets.2.url", "targets.2.circuit.state", "targets.2.circuit.last_failure"] },
      );
      await partner.plugIn();
      say({
        en: "After two failures its circuit opened: it is left alone, and tried with one request at a time. Now it is plugged in again:",
        zh: "两次失败后熔断器打开：不再打扰它，只用单个请求试探。现在重新接上：",
      });
      for (const id of ids)
        check((await ended(id, { members: ["status"] })).status === "completed", "all done after all");
      await untilCircuit(headgateUrl, partner.url, "closed");
    },
  },
  {
    title: { en: "A failure, its alert, and another try by hand", zh: "失败、告警与手动重试" },
    async show({ submit, ended, say, show, check, stage: { workers, inbox } }) {
      for (const worker of workers) worker.isBroken = true;
      const id = await submit({ path: "/api/order", json: { order: 17 } });
      const failed = await ended(id, { members: ["success", "status", "reason", "error", "result"] });
      check(failed.status === "failed", "a failed task");
      say({
        en: "The service answered 500: repeating a POST might order twice, so nobody did. The operators are told:",
        zh: "服务返回 500：重发 POST 可能重复下单，因此没有重发。运维人员收到告警：",
      });
      const { body } = await within(
        inbox.message(({ data }) => data["rule"] === "failed"),
        "an alert",
      );
      show([`POST ${inbox.url}/alerts`, `${body.slice(0, 150)}…`]);
      for (const worker of workers) worker.isBroken = false;
      say({
        en: "They mend the service, and have the request sent again:",
        zh: "修复服务后，重新发送该请求：",
      });
      const again = await submit({ method: "POST", path: `/task/${id}/retry` });
      const retried = await ended(again, { members: ["status", "result", "retry_of"] });
      check(retried.status === "completed" && retried.retry_of === id, "a new task that names the old one");
    },
  },
];

/** Looks until the circuit of a target is in this state. */
async function untilCircuit(headgateUrl: string, targetUrl: string, state: string): Promise<void> {
  for (let look = 0; look < LOOKS; look++) {
    const response = await fetch(`${headgateUrl}/targets`);
    const { targets } = (await response.json()) as { readonly targets: readonly Target[] };
    const target = targets.find(({ url }) => url.startsWith(targetUrl));
    if (target?.circuit.state === state) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EACH_MS));
  }
  throw new NotShownError(`the circuit ${state}`);
}

const LOOKS = 1_200;
const LOOK_EACH_MS = 50;
