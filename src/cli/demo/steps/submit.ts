import type { TourStep } from "../guide.ts";

/** Handing over, asking, collecting. */
export const SUBMIT_STEPS: readonly TourStep[] = [
  {
    title: { en: "Submit a request", zh: "提交请求" },
    about: {
      en: "A report takes seconds. The request goes to the path it always went to; the answer comes at once.",
      zh: "生成报表需要几秒钟。请求发往原来的路径，立即得到回答。",
    },
    async show({ submit, ended, call, say, check }) {
      const id = await submit(
        { path: "/api/report", json: { month: "2026-02", pages: 3 } },
        { fields: ["Location", "Retry-After"], members: ["task_id", "status", "message", "data.position"] },
      );
      say({
        en: "202: it is on the disk, and is not lost even if the machine is switched off now. Its status:",
        zh: "202：任务已写入磁盘，即使现在断电也不会丢失。查询状态：",
      });
      const { status } = await call(
        { path: `/task/${id}` },
        { members: ["status", "reason", "route", "created_at"] },
      );
      check(status === 200, "the status of the task");
      say({
        en: "And when it has ended (?wait= holds the answer until then):",
        zh: "等待其结束（?wait= 会保持连接）：",
      });
      const task = await ended(id, { members: ["status", "queue_seconds", "duration_seconds", "result"] });
      check(task.status === "completed", "a completed task");
      say({ en: "The service's own answer, byte for byte:", zh: "服务自身的回答，逐字节一致：" });
      const result = await call({ path: `/task/${id}/result` }, { fields: ["Content-Type"] });
      check(result.status === 200 && result.json["month"] === "2026-02", "the answer of the service");
    },
  },
  {
    title: { en: "Wait for the answer itself", zh: "直接等待回答" },
    about: {
      en: "Who can wait says so, and gets no receipt but the answer. If it took longer, there would be a 202 as before.",
      zh: "愿意等待的客户端声明等待时间，直接得到结果；超时则照常返回 202。",
    },
    async show({ call, check }) {
      const { status, headers } = await call(
        { path: "/api/quick", json: { n: 1 }, headers: [["Prefer", "wait=10"]] },
        { fields: ["Preference-Applied", "Headgate-Task-Id"] },
      );
      check(
        status === 200 && headers.get("Preference-Applied") === "wait=10",
        "an answer in place of a receipt",
      );
    },
  },
  {
    title: { en: "Any answer, of any size", zh: "任意类型与大小的回答" },
    about: {
      en: "Whatever the service answers is kept as it is. A picture, and a table of a megabyte:",
      zh: "服务返回什么就原样保存什么。先是一张图片，再是一张 1 MB 的表格：",
    },
    async show({ submit, ended, call, say, check }) {
      const picture = await submit({
        method: "GET",
        path: "/api/picture",
        headers: [["Prefer", "respond-async"]],
      });
      const task = await ended(picture, { members: ["status", "result_encoding", "response"] });
      check(task.result_encoding === "base64", "bytes as base64");
      const table = await submit({ method: "GET", path: "/api/export" });
      await ended(table, { members: ["status", "result", "result_url", "response.size_bytes"] });
      say({
        en: "Bytes come as base64 in the status, large ones by their URL. A part is enough, too:",
        zh: "二进制内容在状态中以 base64 表示，大的内容通过 URL 获取，也可以只取一部分：",
      });
      const part = await call(
        { path: `/task/${table}/result`, headers: [["Range", "bytes=0-39"]] },
        { fields: ["Content-Type", "Content-Range"] },
      );
      check(part.status === 206 && part.text.length === 40, "a part of the answer");
    },
  },
  {
    title: { en: "The same request twice is one task", zh: "重复请求只产生一个任务" },
    about: {
      en: "A client that cannot know whether its request arrived gives it a key, and may send it as often as it likes.",
      zh: "客户端无法确定请求是否送达时，可以附上一个幂等键，然后放心重发。",
    },
    async show({ submit, call, say, check }) {
      const request = {
        path: "/api/quick",
        json: { payment: 4711 },
        headers: [["Idempotency-Key", '"payment-4711"']],
      } as const;
      const first = await submit(request);
      say({
        en: "The network broke, so the client asks again, with the same key:",
        zh: "网络中断，客户端用同一个键重试：",
      });
      const again = await call(request, { fields: ["Idempotent-Replayed"], members: ["task_id"] });
      check(again.json["task_id"] === first, "one task for both");
      check(again.headers.get("Idempotent-Replayed") === "true", "a word that it is not new");
      say({ en: "Another request under that key is refused:", zh: "同一个键用于不同的请求会被拒绝：" });
      const other = await call(
        { ...request, json: { payment: 1 } },
        { members: ["status", "code", "detail"] },
      );
      check(other.status === 422, "422 for another request");
    },
  },
  {
    title: { en: "A batch: all or none", zh: "批量提交：全部或全不" },
    about: {
      en: "Many requests in one call. This one has a mistake in it:",
      zh: "一次调用提交多个请求。这一批里有一个错误：",
    },
    async show({ call, say, check }) {
      const requests = [1, 2, 3].map((page) => ({ path: "/api/quick", body: { page } }));
      const bad = await call(
        { path: "/tasks/batch", json: { requests: [...requests, { path: "no slash" }] } },
        { members: ["code", "detail", "field", "index"] },
      );
      check(bad.status === 400, "a batch with a mistake refused");
      say({
        en: "One was wrong, so none was taken. Without it:",
        zh: "其中一个有误，因此全部不接受。去掉它：",
      });
      const good = await call(
        { path: "/tasks/batch", json: { requests } },
        { members: ["batch_id", "count"] },
      );
      check(good.status === 202, "the batch taken");
      const batch = await call(
        { path: `/batches/${String(good.json["batch_id"])}?wait=30` },
        { members: ["size", "tasks", "percent"] },
      );
      check(batch.json["percent"] === 100, "the batch done");
    },
  },
];
