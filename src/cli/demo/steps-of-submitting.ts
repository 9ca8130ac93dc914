import type { Step } from "./step.ts";

/** Handing requests over, and collecting answers. */
export const submitting: readonly Step[] = [
  {
    title: { en: "Submit a request, ask, collect the answer", zh: "提交请求、查询状态、取回结果" },
    async show({ url, headgate }, { call, answer, tell, expect }) {
      call(`curl -X POST ${url}/api/quick -d '{"param1": "value1"}'`);
      const task = await headgate.submit("/api/quick", { json: { param1: "value1" } });
      answer(`202  task_id ${task.id}`);
      tell({
        en: "The request is on the disk. The client can go; it asks later, by the id:",
        zh: "请求已写入磁盘，客户端可以离开，之后凭 ID 查询：",
      });
      call(`curl "${url}/task/${task.id}?wait=30"`);
      const view = await task.wait();
      answer(`200  status ${view.status}, result ${JSON.stringify(view.result)}`);
      expect(view.status === "completed", "the task is completed");
      call(`curl ${url}/task/${task.id}/result`);
      const result = await task.result();
      answer(`${result.status}  ${await result.text()}`);
      tell({
        en: "The service's own answer: status, header fields, bytes.",
        zh: "这就是服务自己的响应：状态码、头部和正文。",
      });
    },
  },
  {
    title: { en: "Wait for the answer itself (Prefer: wait)", zh: "直接等待结果（Prefer: wait）" },
    async show({ url }, { call, answer, tell, expect }) {
      call(`curl -X POST ${url}/api/quick -H "Prefer: wait=10" -d '{}'`);
      const response = await fetch(`${url}/api/quick`, {
        method: "POST",
        headers: { Prefer: "wait=10" },
        body: "{}",
      });
      answer(`${response.status}  ${await response.text()}`);
      expect(response.status === 200, "the answer comes on the same connection");
      tell({
        en: "As if the service had been called, with the queue in between.",
        zh: "就像直接调用服务一样，只是中间多了一个队列。",
      });
    },
  },
  {
    title: { en: "Priority and delay", zh: "优先级与延迟" },
    async show({ url, headgate }, { call, answer, tell, expect }) {
      call(`curl -X POST ${url}/api/quick -H "Headgate-Priority: 9" -H "Headgate-Delay: 1h" -d '{}'`);
      const task = await headgate.submit("/api/quick", { json: {}, priority: 9, delay: "1h" });
      const view = await task.status();
      answer(`status ${view.status}, reason ${view.reason}, waiting_for ${JSON.stringify(view.waiting_for)}`);
      expect(view.reason === "delayed" && view.priority === 9, "it waits for its time");
      call(`curl -X POST ${url}/task/${task.id}/cancel`);
      await task.cancel();
      answer(`status ${(await task.status()).status}`);
      tell({
        en: "What waits says what for. This one is called off.",
        zh: "等待中的任务会说明在等什么。这个任务已取消。",
      });
    },
  },
  {
    title: {
      en: "The same request twice is one task (Idempotency-Key)",
      zh: "重复请求只算一个任务（Idempotency-Key）",
    },
    async show({ url, headgate }, { call, answer, tell, expect }) {
      const key = `order-${crypto.randomUUID().slice(0, 8)}`;
      call(`curl -X POST ${url}/api/quick -H "Idempotency-Key: ${key}" -d '{"order": 1}'   # twice`);
      const first = await headgate.submit("/api/quick", { json: { order: 1 }, idempotencyKey: key });
      const second = await headgate.submit("/api/quick", { json: { order: 1 }, idempotencyKey: key });
      answer(`${first.id}\n${second.id}  Idempotent-Replayed: ${second.receipt?.isReplay}`);
      expect(first.id === second.id, "both have one id");
      tell({
        en: "A client that is not sure may simply send again.",
        zh: "客户端不确定是否成功时，放心重发即可。",
      });
    },
  },
  {
    title: { en: "Many at once, all or none", zh: "批量提交，要么全部要么全不" },
    async show({ url }, { call, answer, tell, expect }) {
      const requests = Array.from({ length: 20 }, (_, i) => ({
        path: `/api/quick/${i}`,
        body: { number: i },
      }));
      call(`curl -X POST ${url}/tasks/batch -H "Content-Type: application/json" -d '{"requests": [… 20 …]}'`);
      const response = await fetch(`${url}/tasks/batch`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ requests }),
      });
      const batch = (await response.json()) as { readonly batch_id: string; readonly count: number };
      answer(`${response.status}  batch_id ${batch.batch_id}, count ${batch.count}`);
      expect(response.status === 202 && batch.count === 20, "all are accepted");
      call(`curl ${url}/batches/${batch.batch_id}`);
      answer(await (await fetch(`${url}/batches/${batch.batch_id}`)).text());
      tell({
        en: "One transaction, one id to ask for all of them.",
        zh: "一个事务，一个 ID 即可查询全部进度。",
      });
    },
  },
  {
    title: { en: "Answers from the cache", zh: "缓存响应" },
    async show({ url }, { call, answer, tell, expect }) {
      const status: string[] = [];
      for (let i = 0; i < 2; i++) {
        call(`curl -i ${url}/api/prices/tour -H "Prefer: wait=10"`);
        const response = await fetch(`${url}/api/prices/tour`, { headers: { Prefer: "wait=10" } });
        await response.text();
        status.push(response.headers.get("Cache-Status") ?? "");
        answer(`${response.status}  Cache-Status: ${status.at(-1)}`);
      }
      expect(status[1]?.includes("hit") === true, "the second comes from the cache");
      tell({ en: "The service was asked once (RFC 9111).", zh: "服务只被请求了一次（RFC 9111）。" });
    },
  },
];
