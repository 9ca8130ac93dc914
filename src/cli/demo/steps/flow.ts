import type { TourStep } from "../guide.ts";

/** Who goes when. */
export const FLOW_STEPS: readonly TourStep[] = [
  {
    title: { en: "Pause, priority, resume", zh: "暂停、优先级、恢复" },
    async show({ submit, ended, call, say, check }) {
      say({
        en: "This lane sends one request at a time. It is paused first, so that two have to wait:",
        zh: "这条队列一次只发送一个请求。先暂停它，让两个任务等待：",
      });
      await call({ method: "POST", path: "/lanes/single/pause" }, { members: ["lane.name", "lane.paused"] });
      const low = await submit({ path: "/single/low", headers: [["Headgate-Priority", "1"]] });
      const high = await submit({ path: "/single/high", headers: [["Headgate-Priority", "9"]] });
      const waiting = await call(
        { path: `/task/${low}` },
        { members: ["status", "position", "waiting_for"] },
      );
      check(waiting.json["position"] === 2, "the low one behind the high one");
      say({
        en: "The one that came later goes first, and the other knows what it waits for.",
        zh: "后到的高优先级任务先执行；另一个任务知道自己在等什么。",
      });
      await call({ method: "POST", path: "/lanes/single/resume" }, { members: ["lane.name", "lane.paused"] });
      const first = await ended(high, { members: ["status", "started_at"] });
      const second = await ended(low, { members: ["status", "started_at"] });
      check(String(first.started_at) < String(second.started_at), "the high one first");
    },
  },
  {
    title: { en: "A full queue says so", zh: "队列已满会明确告知" },
    async show({ submit, ended, call, say, check }) {
      await call({ method: "POST", path: "/lanes/single/pause" }, { members: ["lane.queue"] });
      const ids: string[] = [];
      for (const name of ["a", "b", "c"])
        ids.push(await submit({ path: `/single/${name}` }, { members: ["status"] }));
      const refused = await call(
        { method: "POST", path: "/single/d" },
        { fields: ["Retry-After", "Content-Type"], members: ["code", "detail"] },
      );
      check(refused.status === 503 && refused.headers.has("Retry-After"), "503 with Retry-After");
      say({
        en: "Nothing is taken that could not be kept. The other lanes go on as if nothing were:",
        zh: "装不下的请求不会被接受；其他队列不受影响：",
      });
      const other = await call({ path: "/api/quick", json: {}, headers: [["Prefer", "wait=10"]] });
      check(other.status === 200, "the other lanes at work");
      await call({ method: "POST", path: "/lanes/single/resume" }, { members: ["lane.paused"] });
      for (const id of ids) await ended(id, { members: ["status"] });
    },
  },
  {
    title: { en: "Later", zh: "延迟执行" },
    async show({ submit, ended, call, say, check }) {
      const id = await submit({ path: "/api/quick", json: {}, headers: [["Headgate-Delay", "3s"]] });
      const task = await call({ path: `/task/${id}` }, { members: ["status", "reason", "waiting_for"] });
      check(task.json["reason"] === "delayed", "a delayed task");
      const { created_at: from, started_at: to } = await ended(id, {
        members: ["status", "created_at", "started_at"],
      });
      check(Date.parse(String(to)) - Date.parse(from) >= 3_000, "three seconds in between");
      say({ en: "Also by the clock: Headgate-Not-Before.", zh: "也可以指定时刻：Headgate-Not-Before。" });
    },
  },
  {
    title: { en: "No faster than allowed", zh: "限速" },
    async show({ submit, until, call, ended, say, check }) {
      say({ en: "The partner takes two requests a second:", zh: "合作方每秒只接受两个请求：" });
      const ids: string[] = [];
      for (let n = 1; n <= 6; n++)
        ids.push(await submit({ path: `/partner/metered/${n}` }, { members: ["status", "data.position"] }));
      const last = String(ids.at(-1));
      await until(last, ({ waiting_for: hold }) => hold?.reason === "rate");
      await call({ path: `/task/${last}` }, { members: ["position", "waiting_for"] });
      const started: number[] = [];
      for (const id of ids)
        started.push(Date.parse(String((await ended(id, { members: ["started_at"] })).started_at)));
      check((started.at(-1) ?? 0) - (started[0] ?? 0) >= 2_300, "half a second between two");
    },
  },
  {
    title: { en: "Cancel what runs", zh: "取消执行中的任务" },
    async show({ submit, until, call, say, check, ended, stage: { workers } }) {
      const before = workers.reduce((sum, { left }) => sum + left, 0);
      const id = await submit({ path: "/api/train", json: { seconds: 60 } });
      await until(id, ({ status }) => status === "processing");
      const answer = await call(
        { method: "POST", path: `/task/${id}/cancel` },
        { members: ["success", "status"] },
      );
      check(answer.status === 200, "the cancelling");
      const task = await ended(id, { members: ["status", "reason", "result"] });
      await until(id, () => workers.reduce((sum, { left }) => sum + left, 0) > before);
      check(task.status === "cancelled", "a cancelled task");
      say({
        en: "The service noticed: its connection was closed, and it can stop working.",
        zh: "服务察觉到连接关闭，可以停止工作。",
      });
    },
  },
  {
    title: { en: "Asked for often, fetched once", zh: "缓存" },
    async show({ call, say, check }) {
      const request = { path: "/catalog/42", headers: [["Prefer", "wait=10"]] } as const;
      const first = await call(request, { fields: ["Cache-Status"] });
      const again = await call(request, { fields: ["Cache-Status", "Age"] });
      check(/\bhit\b/.test(again.headers.get("Cache-Status") ?? ""), "a hit");
      check(first.text === again.text, "the same answer");
      say({
        en: "As HTTP allows it: the service had said max-age=30.",
        zh: "遵循 HTTP 规则：服务声明了 max-age=30。",
      });
    },
  },
];
