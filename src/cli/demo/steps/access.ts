import type { TourStep } from "../guide.ts";

/** Last, for from here on a key is wanted. */
export const ACCESS_STEPS: readonly TourStep[] = [
  {
    title: { en: "Keys", zh: "访问密钥" },
    about: {
      en: "So far anybody could do anything. The first key is an administrator's:",
      zh: "到目前为止任何人都可以做任何事。第一个密钥属于管理员：",
    },
    async show({ call, say, check }) {
      const admin = await call(
        { path: "/keys", json: { name: "me", role: "admin" } },
        { members: ["name", "key"] },
      );
      check(admin.status === 201, "a key");
      const asAdmin = [["Headgate-Key", String(admin.json["key"])]] as const;
      const customer = await call(
        { path: "/keys", json: { name: "acme", role: "submit", rate: "60/m" }, headers: asAdmin },
        { members: ["name", "key"] },
      );
      const asCustomer = [["Headgate-Key", String(customer.json["key"])]] as const;
      say({ en: "Without one, from now on:", zh: "此后没有密钥：" });
      check((await call({ path: "/tasks" }, { members: ["code"] })).status === 401, "401 without a key");
      const { json } = await call(
        { path: "/api/quick", json: {}, headers: asAdmin },
        { members: ["task_id"] },
      );
      say({
        en: "And a customer sees tasks of its own, others as if they were not there:",
        zh: "客户只能看到自己的任务，别人的任务如同不存在：",
      });
      const foreign = await call(
        { path: `/task/${String(json["task_id"])}`, headers: asCustomer },
        { members: ["status", "code"] },
      );
      check(foreign.status === 404, "404 for somebody else's task");
    },
  },
];
