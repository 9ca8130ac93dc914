import type { Step } from "./step.ts";

/** Seeing what happens, and being told. */
export const watching: readonly Step[] = [
  {
    title: { en: "Watch a long task, with its progress", zh: "实时观察长任务及其进度" },
    async show({ url, headgate }, { call, answer, tell, expect }) {
      const task = await headgate.submit("/api/long", { json: {}, labels: { tour: "long" } });
      call(`curl -N ${url}/task/${task.id}/events`);
      let percents = 0;
      for await (const event of task.events()) {
        if (event.type === "progress") percents += 1;
        const isShown = event.type !== "progress" || percents % 5 === 1;
        const { data } = event;
        if (isShown && event.type !== "final")
          answer(`event: ${event.type}  ${JSON.stringify(data).slice(0, 110)}`);
        if (event.type === "final") answer(`event: final  status ${event.data.status}`);
      }
      const view = await task.status();
      expect(percents >= 5, "progress comes while it runs");
      expect(view.is_long_task, "it counts as a long task");
      tell({
        en: "The service reports its progress; whoever watches sees it at once. A stream that breaks off goes on where it was.",
        zh: "服务上报进度，观察者立即可见；连接中断后从断点继续。",
      });
    },
  },
  {
    title: { en: "Be told by a signed webhook", zh: "通过签名的 Webhook 获得通知" },
    async show({ url, headgate, receiver }, { call, answer, tell, expect }) {
      call(`curl -X POST ${url}/api/quick -H "Headgate-Callback: ${receiver.url}" -d '{}'`);
      const task = await headgate.submit("/api/quick", { json: {}, callback: receiver.url });
      const { type, data } = await receiver.told(task.id);
      answer(`POST ${receiver.url}  ${type} ${data.status}`);
      expect(type === "task.completed", "the receiver is told");
      tell({
        en: "Signed (Standard Webhooks), tried for a day if need be, and never lost: it is owed from the moment the task ends.",
        zh: "消息带签名（Standard Webhooks），必要时会重试一天；任务结束的那一刻消息就已落盘，不会丢失。",
      });
    },
  },
  {
    title: { en: "Find tasks by label, and see how it goes", zh: "按标签查找任务，查看整体状况" },
    async show({ url, headgate }, { call, answer, tell, expect }) {
      call(`curl "${url}/tasks?label=tour%3Dlong"`);
      const { tasks } = await headgate.page({ label: "tour=long" });
      for (const { task_id, status, path } of tasks) answer(`${task_id}  ${status}  ${path}`);
      expect(tasks.length > 0, "the labelled task is found");
      call(`curl ${url}/stats`);
      const stats = await headgate.stats();
      answer(
        `completed ${stats.totals.completed}, failed ${stats.totals.failed}, in flight ${stats.in_flight} of ${stats.limit}`,
      );
      call(`curl ${url}/targets`);
      for (const target of await headgate.targets()) {
        answer(`${target.url}  healthy ${target.healthy}, circuit ${target.circuit.state}`);
      }
      tell({
        en: "The same at /metrics for Prometheus, and on the dashboard.",
        zh: "Prometheus 指标在 /metrics，仪表盘上也能看到。",
      });
    },
  },
];
