import { Headgate } from "../../../client/client.ts";
import { createClock } from "../../lib/clock.ts";
import { toError } from "../../lib/error.ts";
import type { Language } from "../../lib/language.ts";
import { ExitCode } from "../exit-code.ts";
import { notify, print } from "../terminal.ts";
import type { DemoOptions } from "./options.ts";
import { setStage, type Stage } from "./stage.ts";
import { tour } from "./tour.ts";
import { trickle } from "./trickle.ts";

/** `headgate demo`: until a signal comes, the time is over or, with `--tour`, everything was shown. Leaves nothing behind. */
export async function demo(options: DemoOptions): Promise<ExitCode> {
  const end = new AbortController();
  const abort = (): void => end.abort();
  for (const signal of SIGNALS) process.on(signal, abort);
  const forget = options.forMs === null ? null : createClock().after(options.forMs, abort);
  let stage: Stage | null = null;
  try {
    stage = await setStage(options.port, options.locale);
    const failure = stage.failed.then((error) => Promise.reject(error));
    const shown = options.tour ? tour(stage, options, end.signal) : serveTasks(stage, options, end.signal);
    return (await Promise.race([shown, failure])) ? ExitCode.ok : ExitCode.failure;
  } catch (thrown) {
    notify(`headgate: the demo failed: ${toError(thrown).message}`);
    return ExitCode.failure;
  } finally {
    forget?.();
    await stage?.stop();
    for (const signal of SIGNALS) process.off(signal, abort);
  }
}

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

async function serveTasks(
  { url, file }: Stage,
  { locale }: DemoOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const headgate = new Headgate(url);
  print(WELCOME[locale](url, file));
  const telling = setInterval(() => void tell(headgate, locale), TOLD_EACH_MS);
  try {
    await trickle(headgate, signal);
  } finally {
    clearInterval(telling);
  }
  await tell(headgate, locale);
  print(GOODBYE[locale]);
  return true;
}

const TOLD_EACH_MS = 5_000;

async function tell(headgate: Headgate, locale: Language): Promise<void> {
  // While the demo ends nobody may answer any more.
  const stats = await headgate.stats().catch(() => null);
  if (stats !== null) print(STANDING[locale](stats.tasks));
}

const WELCOME: Readonly<Record<Language, (url: string, file: string) => string>> = {
  en: (
    url,
    file,
  ) => `The demo runs: a slow service, Headgate in front of it, and three clients that want something all the time.

  Dashboard      ${url}/dashboard
  Configuration  ${file}

Try it yourself:
  curl --json '{"month":"2026-02"}' ${url}/api/report
  curl '${url}/tasks?limit=5'

headgate demo --tour shows every feature, step by step. Ctrl-C ends; nothing stays.
`,
  zh: (url, file) => `演示已启动：一个缓慢的服务，前面是 Headgate，还有三个不断提交请求的客户端。

  控制台  ${url}/dashboard
  配置    ${file}

自己试一试：
  curl --json '{"month":"2026-02"}' ${url}/api/report
  curl '${url}/tasks?limit=5'

headgate demo --tour 会逐步展示每一项功能。按 Ctrl-C 结束，不留任何数据。
`,
};

type Counts = Readonly<Record<"pending" | "processing" | "completed" | "failed" | "cancelled", number>>;

const STANDING: Readonly<Record<Language, (counts: Counts) => string>> = {
  en: ({ pending, processing, completed, failed }) =>
    `${pending} waiting, ${processing} running, ${completed} completed, ${failed} failed`,
  zh: ({ pending, processing, completed, failed }) =>
    `等待 ${pending}，执行中 ${processing}，已完成 ${completed}，失败 ${failed}`,
};

const GOODBYE: Readonly<Record<Language, string>> = {
  en: "The demo has ended. Nothing of it stays.",
  zh: "演示结束，数据已删除。",
};
