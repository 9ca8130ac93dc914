import { setTimeout } from "node:timers/promises";
import { diag, DiagLogLevel } from "@opentelemetry/api";
import { VERSION } from "../lib/version.ts";

/** An SDK that exports spans until it is stopped. */
export interface Telemetry {
  /** Sends what is left, as far as the receiver takes it; never rejects. */
  stop(): Promise<void>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Loads the OpenTelemetry SDK when the usual variables ask for it (`OTEL_EXPORTER_OTLP_ENDPOINT`), and null otherwise. It
 * is no dependency: who wants spans installs it. The exporter and the SDK read the other variables by themselves.
 */
export async function startTelemetry(
  environment: Environment,
  warn: (words: string) => void,
): Promise<Telemetry | null> {
  if (!isWanted(environment)) return null;
  try {
    return await load(warn);
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code !== "ERR_MODULE_NOT_FOUND") throw thrown;
    warn(`no spans: to send them to the OTLP endpoint, install the SDK: npm install ${PACKAGES.join(" ")}`);
    return null;
  }
}

const PACKAGES: readonly string[] = [
  "@opentelemetry/sdk-trace-node",
  "@opentelemetry/exporter-trace-otlp-http",
  "@opentelemetry/resources",
];

/** https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ */
function isWanted(environment: Environment): boolean {
  const { OTEL_SDK_DISABLED, OTEL_TRACES_EXPORTER = "otlp" } = environment;
  if (OTEL_SDK_DISABLED?.toLowerCase() === "true" || OTEL_TRACES_EXPORTER !== "otlp") return false;
  return ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"].some(
    (name) => (environment[name] ?? "") !== "",
  );
}

/** A receiver that is gone must not keep the process. */
const STOP_WITHIN_MS = 3_000;

async function load(warn: (words: string) => void): Promise<Telemetry> {
  const [sdk, { OTLPTraceExporter }, resources] = await Promise.all([
    import("@opentelemetry/sdk-trace-node"),
    import("@opentelemetry/exporter-trace-otlp-http"),
    import("@opentelemetry/resources"),
  ]);
  const ours = resources.resourceFromAttributes({ "service.name": "headgate", "service.version": VERSION });
  const given = resources.detectResources({ detectors: [resources.envDetector] });
  const provider = new sdk.NodeTracerProvider({
    resource: resources.defaultResource().merge(ours).merge(given),
    spanProcessors: [new sdk.BatchSpanProcessor(new OTLPTraceExporter())],
  });
  provider.register();
  const tell = (words: string): void => warn(`spans: ${words}`);
  const nothing = (): void => {};
  diag.setLogger(
    { error: tell, warn: tell, info: nothing, debug: nothing, verbose: nothing },
    DiagLogLevel.WARN,
  );
  return {
    async stop() {
      const late = setTimeout(STOP_WITHIN_MS, undefined, { ref: false });
      await Promise.race([provider.shutdown().catch(nothing), late]);
    },
  };
}
