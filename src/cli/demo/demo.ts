import { ExitCode } from "../exit-code.ts";
import { notify, print } from "../terminal.ts";
import { pause } from "./pause.ts";
import { setStage, type Stage } from "./stage.ts";
import type { Locale } from "./step.ts";
import { guide } from "./tour.ts";
import { trickle } from "./traffic.ts";

export interface DemoFlags {
  readonly tour?: boolean;
  readonly fast?: boolean;
  readonly locale: Locale;
  /** How long requests trickle; until Ctrl-C without it. */
  readonly for?: number;
}

/** `headgate demo`: the real program in front of a slow service, with something going on, in a folder that goes away. */
export async function demo(flags: DemoFlags): Promise<ExitCode> {
  const stage = await setStage(flags.locale);
  try {
    return flags.tour === true ? await tour(stage, flags) : await run(stage, flags);
  } finally {
    await stage.close();
  }
}

async function tour(stage: Stage, { locale, fast = false }: DemoFlags): Promise<ExitCode> {
  print(WELCOME[locale](stage.url));
  const failed = await guide(stage, { locale, fast, print });
  if (failed.length === 0) {
    print(`\n${DONE[locale]}`);
    return ExitCode.ok;
  }
  notify(`\nheadgate: these steps did not show what they should: ${failed.join("; ")}`);
  return ExitCode.failure;
}

async function run(stage: Stage, { locale, for: forMs }: DemoFlags): Promise<ExitCode> {
  print(RUNNING[locale](stage.url));
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
  if (forMs !== undefined) void pause(forMs).then(() => stop.abort());
  const sent = await trickle(stage.headgate, stop.signal);
  print(ENDED[locale](sent));
  return ExitCode.ok;
}

const RUNNING: Readonly<Record<Locale, (url: string) => string>> = {
  en: (url) => `Headgate is in front of a slow service, and requests trickle in.

  dashboard   ${url}/dashboard
  API         ${url}/docs
  try         curl -X POST ${url}/api/reports/1 -d '{}'

Everything is in a temporary folder. Ctrl-C ends it.`,
  zh: (url) => `Headgate 已在一个缓慢的服务之前运行，示例请求正在陆续提交。

  仪表盘      ${url}/dashboard
  API 文档    ${url}/docs
  试一试      curl -X POST ${url}/api/reports/1 -d '{}'

所有数据都在临时目录中。按 Ctrl-C 结束。`,
};

const WELCOME: Readonly<Record<Locale, (url: string) => string>> = {
  en: (url) =>
    `A tour of Headgate. It runs at ${url} in front of a service that is slow here and broken there.`,
  zh: (url) => `Headgate 功能导览。它运行在 ${url}，后面是一个时快时慢、偶尔出错的服务。`,
};

const DONE: Readonly<Record<Locale, string>> = {
  en: "That was all. Without --tour the demo stays, and its dashboard shows what goes on.",
  zh: "导览结束。不带 --tour 运行 demo，可以在仪表盘上看到实时情况。",
};

const ENDED: Readonly<Record<Locale, (sent: number) => string>> = {
  en: (sent) => `Ended, after ${sent} requests.`,
  zh: (sent) => `已结束，共提交 ${sent} 个请求。`,
};
