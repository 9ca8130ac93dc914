import type { TourStep } from "../guide.ts";

/** The whole, from outside. */
export const LOOK_STEPS: readonly TourStep[] = [
  {
    title: { en: "Find tasks", zh: "查找任务" },
    about: {
      en: "Where is the order of that customer? What failed?",
      zh: "那位客户的任务在哪里？哪些失败了？",
    },
    async show({ call, say, check }) {
      const labelled = await call(
        { path: "/tasks?label=customer%3Dacme&limit=5" },
        { members: ["tasks.0.path", "tasks.0.labels", "next_cursor"] },
      );
      check((labelled.json["tasks"] as readonly unknown[]).length === 1, "the task with the label");
      await call({ path: "/tasks?status=failed&limit=1" }, { members: ["tasks.0.path", "tasks.0.error"] });
      say({
        en: "By status, route, method, path, time, client, label or words, page by page.",
        zh: "可按状态、路由、方法、路径、时间、客户端、标签或关键词查找，支持翻页。",
      });
    },
  },
  {
    title: { en: "How it stands", zh: "运行状况" },
    about: {
      en: "All of it at a glance:",
      zh: "整体状况一览：",
    },
    async show({ call, say, check }) {
      const { json } = await call(
        { path: "/stats" },
        { members: ["tasks", "totals", "queue", "success_rate", "queue_wait_seconds", "target_seconds"] },
      );
      check(json["success"] === true, "the statistics");
      await call(
        { path: "/targets" },
        { members: ["targets.0.url", "targets.0.healthy", "targets.1.url", "targets.1.healthy"] },
      );
      say({
        en: "The same for Prometheus at /metrics, as a live stream at /events, for people at /dashboard.",
        zh: "Prometheus 用 /metrics，实时流用 /events，人用 /dashboard。",
      });
    },
  },
  {
    title: { en: "Change limits while it runs", zh: "运行中调整限制" },
    about: {
      en: "The service has grown: the lane that sent one at a time sends four, and then as the file says again. No restart:",
      zh: "服务扩容了：原来一次一个的通道改为一次四个，然后再恢复为配置文件中的值。无需重启：",
    },
    async show({ call, check }) {
      const changed = await call(
        { method: "PATCH", path: "/lanes/single", json: { max_concurrent: 4 } },
        { members: ["lane.limit", "lane.overrides"] },
      );
      check(changed.status === 200, "a changed limit");
      const back = await call(
        { method: "PATCH", path: "/lanes/single", json: { max_concurrent: null } },
        { members: ["lane.limit"] },
      );
      check(back.status === 200, "the limit of the file again");
    },
  },
  {
    title: { en: "Clean up", zh: "清理" },
    about: {
      en: "What has ended is kept until it is collected, or cleaned up:",
      zh: "已结束的任务会一直保留，直到清理：",
    },
    async show({ call, say, check }) {
      const { json } = await call(
        { method: "DELETE", path: "/tasks/cleanup?max_age_hours=0" },
        { members: ["deleted", "message"] },
      );
      check(Number(json["deleted"]) > 0, "tasks deleted");
      const left = await call({ path: "/tasks?status=completed" }, { members: ["tasks"] });
      check((left.json["tasks"] as readonly unknown[]).length === 0, "none left");
      say({
        en: "By itself after --retention (7 days), too.",
        zh: "超过 --retention（7 天）后也会自动清理。",
      });
    },
  },
];
