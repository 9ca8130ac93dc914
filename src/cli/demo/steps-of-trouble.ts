import { QueueFullError } from "../../../client/errors.ts";
import type { Task } from "../../../client/task.ts";
import { pause } from "./pause.ts";
import type { Step } from "./step.ts";

/** What happens when things go wrong, and what an operator can do. */
export const trouble: readonly Step[] = [
  {
    title: { en: "Busy at first: it is tried again", zh: "服务繁忙：自动重试" },
    async show({ url, headgate }, { call, answer, tell, expect }) {
      call(`curl -X POST ${url}/api/flaky -d '{}'`);
      const task = await headgate.submit("/api/flaky", { json: {} });
      const view = await task.wait();
      for (const { number, status, outcome } of view.attempts)
        answer(`attempt ${number}: ${status} ${outcome}`);
      expect(view.status === "completed" && view.attempts.length === 3, "the third attempt succeeds");
      tell({
        en: "503, 503, 200, with a pause that grows in between.",
        zh: "503、503、200，重试间隔逐渐拉长。",
      });
    },
  },
  {
    title: { en: "What fails is kept, and can be run again", zh: "失败的任务会保留，可以重新执行" },
    async show({ url, headgate }, { call, answer, tell, expect }) {
      const task = await headgate.submit("/api/broken", { json: {} });
      const view = await task.wait();
      call(`curl ${url}/task/${task.id}`);
      answer(
        `status ${view.status}, reason ${view.reason}, answer ${view.response?.status} ${JSON.stringify(view.result)}`,
      );
      expect(view.status === "failed", "it failed");
      call(`curl -X POST ${url}/task/${task.id}/retry`);
      const again = await task.retry();
      const renewed = await again.wait();
      answer(`${renewed.task_id}  retry_of ${renewed.retry_of}`);
      expect(renewed.retry_of === task.id, "the new task names the old one");
      tell({
        en: "A retry by hand is a task of its own; the old one stays as it is.",
        zh: "手动重试会生成新任务，旧任务保持原样。",
      });
    },
  },
  {
    title: { en: "Cancel a task while it runs", zh: "取消正在执行的任务" },
    async show({ url, headgate }, { call, answer, tell, expect }) {
      const task = await headgate.submit("/api/long", { json: {} });
      while ((await task.status()).status === "pending") await pause(50);
      call(`curl -X POST ${url}/task/${task.id}/cancel`);
      await task.cancel();
      const { status } = await task.status();
      answer(`status ${status}`);
      expect(status === "cancelled", "it is cancelled");
      tell({ en: "The connection to the service is closed at once.", zh: "与服务的连接立即断开。" });
    },
  },
  {
    title: { en: "A full queue says so", zh: "队列已满会明确告知" },
    async show({ url, headgate }, { call, answer, tell, expect }) {
      call(`curl -X POST ${url}/api/tiny -d '{}'   # four times; the queue of this route holds two`);
      const tasks: Task[] = [];
      let refusal: QueueFullError | null = null;
      for (let i = 0; i < 4 && refusal === null; i++) {
        try {
          tasks.push(await headgate.submit("/api/tiny", { json: {}, idempotencyKey: null }));
          answer("202");
        } catch (error) {
          if (!(error instanceof QueueFullError)) throw error;
          refusal = error;
          answer(`503  ${error.message} Retry-After: ${error.retryAfterSeconds}`);
        }
      }
      expect(refusal !== null, "one is refused");
      await Promise.all(tasks.map((task) => task.cancel().catch(() => null)));
      tell({
        en: "Nothing is accepted and then dropped. Other routes go on.",
        zh: "绝不会先接受再丢弃；其他路由不受影响。",
      });
    },
  },
  {
    title: { en: "Pause a route, and resume it", zh: "暂停与恢复一个路由" },
    async show({ url, headgate }, { call, answer, tell, expect }) {
      call(`curl -X POST ${url}/lanes/prices/pause`);
      await headgate.pause("prices");
      const task = await headgate.submit("/api/prices/paused", { method: "GET", idempotencyKey: null });
      const view = await task.status();
      answer(`status ${view.status}, waiting_for ${view.waiting_for?.reason}`);
      expect(view.waiting_for?.reason === "paused", "it waits");
      call(`curl -X POST ${url}/lanes/prices/resume`);
      await headgate.resume("prices");
      const ended = await task.wait();
      answer(`status ${ended.status}`);
      expect(ended.status === "completed", "it goes on");
      tell({ en: "Requests are accepted all the while.", zh: "暂停期间请求照常接收。" });
    },
  },
  {
    title: { en: "Clean up", zh: "清理旧任务" },
    async show({ url, headgate }, { call, answer, tell }) {
      call(`curl -X DELETE "${url}/tasks/cleanup?max_age_hours=0"`);
      answer(`deleted ${await headgate.cleanup(0)}`);
      tell({
        en: "Only what has ended; and by itself after the retention time.",
        zh: "只清理已结束的任务；超过保留期也会自动清理。",
      });
    },
  },
];
