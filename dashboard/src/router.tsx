import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { BASE_PATH } from "./session/base-url.ts";
import { Broken, Loading, NotFound } from "./shell/outcomes.tsx";
import { Shell } from "./shell/shell.tsx";
import { readSearch } from "./views/tasks/search.ts";
import { toDeliverySearch } from "./views/webhooks/search.ts";

const root = createRootRoute({
  component: Shell,
  notFoundComponent: NotFound,
  errorComponent: Broken,
  pendingComponent: Loading,
});
const at = { getParentRoute: () => root };

// Each view is loaded when one first goes there.
const overview = createRoute({
  ...at,
  path: "/",
  component: lazyRouteComponent(() => import("./views/overview/overview.tsx"), "Overview"),
});

const tasks = createRoute({
  ...at,
  path: "/tasks",
  validateSearch: readSearch,
  component: lazyRouteComponent(() => import("./views/tasks/tasks.tsx"), "Tasks"),
});
const task = createRoute({
  ...at,
  path: "/tasks/$id",
  component: lazyRouteComponent(() => import("./views/task/task.tsx"), "OneTask"),
});
const lanes = createRoute({
  ...at,
  path: "/lanes",
  component: lazyRouteComponent(() => import("./views/lanes/lanes.tsx"), "Lanes"),
});
const webhooks = createRoute({
  ...at,
  path: "/webhooks",
  validateSearch: toDeliverySearch,
  component: lazyRouteComponent(() => import("./views/webhooks/webhooks.tsx"), "Webhooks"),
});
const submit = createRoute({
  ...at,
  path: "/submit",
  // The task whose request is to be changed and sent again.
  validateSearch: ({ from }: Readonly<Record<string, unknown>>): { readonly from?: string } =>
    typeof from === "string" ? { from } : {},
  component: lazyRouteComponent(() => import("./views/submit/submit.tsx"), "Submit"),
});

export const router = createRouter({
  routeTree: root.addChildren([overview, tasks, task, lanes, webhooks, submit]),
  basepath: BASE_PATH,
  defaultPreload: "intent",
  defaultPendingComponent: Loading,
  // In place of the view only: one can go elsewhere.
  defaultErrorComponent: Broken,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
