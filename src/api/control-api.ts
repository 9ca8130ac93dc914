import fastify, { type FastifyInstance } from "fastify";
import { validatorCompiler } from "fastify-type-provider-zod";
import { type AccessSettings, guardRoutes } from "./access.ts";
import { type ActionSettings, addActionRoutes } from "./actions.ts";
import { addAmendRoute, type AmendSettings } from "./amend.ts";
import { addBatchSubmitRoute, type BatchSubmitSettings } from "./batch.ts";
import { addBatchStatusRoute, type BatchStatusSettings } from "./batches.ts";
import { addBulkRoutes } from "./bulk.ts";
import { addCleanupRoute, type CleanupSettings } from "./cleanup.ts";
import { addDocument } from "./document.ts";
import { addEventsRoute, type EventsSettings } from "./events.ts";
import type { ControlInstance } from "./instance.ts";
import { readJson, refuseEncodedBodies } from "./json-body.ts";
import { addKeyCreationRoute, addKeyRoutes, type KeySettings } from "./keys.ts";
import { addLaneChangeRoute, addLaneRoutes, type LaneControlSettings } from "./lanes.ts";
import { addListRoute, type ListSettings } from "./list.ts";
import { addLiveRoutes } from "./live.ts";
import { addMetricsRoute, type MetricsSettings } from "./metrics.ts";
import { addPageRoutes, type PageSettings } from "./pages.ts";
import { answerUnknownPaths, createSendProblem, type OnUnexpected, toValidationError } from "./problems.ts";
import { addProgressRoute, type ProgressRouteSettings } from "./progress.ts";
import { addReplayRoute, type ReplaySettings } from "./replay.ts";
import { addServiceRoutes, type ServiceSettings } from "./service.ts";
import { addStatusRoute, type StatusSettings } from "./status.ts";
import { addStoredRequestRoutes, type StoredRequestSettings } from "./stored-request.ts";
import { addTaskEventsRoute, type TaskEventsSettings } from "./task-events.ts";
import { addWebhookRoutes, type WebhookSettings } from "./webhooks.ts";

/** Everything the control API is given; each part names what it needs. */
export interface ApiSettings
  extends
    ServiceSettings,
    StatusSettings,
    ReplaySettings,
    ListSettings,
    CleanupSettings,
    ActionSettings,
    AmendSettings,
    BatchSubmitSettings,
    BatchStatusSettings,
    LaneControlSettings,
    MetricsSettings,
    TaskEventsSettings,
    EventsSettings,
    ProgressRouteSettings,
    PageSettings,
    WebhookSettings,
    KeySettings,
    StoredRequestSettings,
    AccessSettings {
  readonly viewOptions: LaneControlSettings["viewOptions"];
  /** An error of ours that a client was told no more about. */
  readonly onUnexpected: OnUnexpected;
}

/** A body that nobody reads may still be sent along; a larger one is refused. */
const LARGEST_UNREAD_BODY_BYTES = 64 * 1024;

/** Longer than any request line that node:http takes: the schema of a parameter says what is wrong with it. */
const LONGEST_PARAMETER = 64 * 1024;

/** The control API, ready for `routing(request, response)`; it listens nowhere itself. */
export async function createControlApi(settings: ApiSettings): Promise<FastifyInstance> {
  const sendProblem = createSendProblem(settings);
  const app: ControlInstance = fastify({
    logger: false,
    bodyLimit: LARGEST_UNREAD_BODY_BYTES,
    routerOptions: { maxParamLength: LONGEST_PARAMETER },
    frameworkErrors: sendProblem,
    schemaErrorFormatter: toValidationError,
  });
  app.setErrorHandler(sendProblem);
  app.setValidatorCompiler(validatorCompiler);
  // Answers are checked against their schemas in tests; doing so for each costs more than making it.
  app.setSerializerCompiler(() => JSON.stringify);
  guardRoutes(app, settings);
  refuseEncodedBodies(app);
  answerUnknownPaths(app);
  await addDocument(app, { version: settings.version, controlPrefix: settings.viewOptions.controlPrefix });
  // Only PATCH and PUT read a body; whatever comes along with other requests is passed over.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, _body, done) => done(null, undefined));
  addServiceRoutes(app, settings);
  addStatusRoute(app, settings);
  addTaskEventsRoute(app, settings);
  addEventsRoute(app, settings);
  addReplayRoute(app, settings);
  addListRoute(app, settings);
  addCleanupRoute(app, settings);
  addActionRoutes(app, settings);
  addBatchStatusRoute(app, settings);
  addLiveRoutes(app, settings);
  addLaneRoutes(app, settings);
  addMetricsRoute(app, settings);
  addPageRoutes(app, settings);
  addWebhookRoutes(app, settings);
  addKeyRoutes(app, settings);
  addStoredRequestRoutes(app, settings);
  await app.register(async (scope: ControlInstance) => {
    readJson(scope);
    addAmendRoute(scope, settings);
    addBulkRoutes(scope, settings);
    addLaneChangeRoute(scope, settings);
    addProgressRoute(scope, settings);
    addKeyCreationRoute(scope, settings);
  });
  await app.register(async (scope: ControlInstance) => addBatchSubmitRoute(scope, settings));
  await app.ready();
  return app;
}
