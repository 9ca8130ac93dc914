import { setTimeout as pause } from "node:timers/promises";
import { toError } from "../../lib/error.ts";
import type { Language } from "../../lib/language.ts";
import { notify, print } from "../terminal.ts";
import { createGuide, type TourStep, type Words } from "./guide.ts";
import type { DemoOptions } from "./options.ts";
import type { Stage } from "./stage.ts";
import { ACCESS_STEPS } from "./steps/access.ts";
import { FAILURE_STEPS } from "./steps/failures.ts";
import { FLOW_STEPS } from "./steps/flow.ts";
import { LOOK_STEPS } from "./steps/look.ts";
import { SUBMIT_STEPS } from "./steps/submit.ts";
import { WATCH_STEPS } from "./steps/watch.ts";

const STEPS: readonly TourStep[] = [
  ...SUBMIT_STEPS,
  ...WATCH_STEPS,
  ...FLOW_STEPS,
  ...FAILURE_STEPS,
  ...LOOK_STEPS,
  ...ACCESS_STEPS,
];

const PAUSE_MS = 3_000;

/** Every feature, one after the other: the call as one would type it, the answer, what happened. Answers whether all was shown. */
export async function tour(
  stage: Stage,
  { locale, fast }: DemoOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const guide = createGuide(stage, locale, signal);
  print(INTRODUCTION[locale](stage.url));
  for (const [index, { title, about, show }] of STEPS.entries()) {
    guide.head(`── ${index + 1}/${STEPS.length}  ${title[locale]}`);
    guide.say(about);
    try {
      await show(guide);
      if (!fast) await pause(PAUSE_MS, null, { signal });
    } catch (thrown) {
      if (signal.aborted) {
        print(CUT_SHORT[locale]);
        return true;
      }
      notify(`headgate: the tour could not show this: ${toError(thrown).message}`);
      return false;
    }
  }
  print(END[locale]);
  return true;
}

const INTRODUCTION: Readonly<Record<Language, (url: string) => string>> = {
  en: (url) => `A tour of Headgate: a real one at ${url} before a slow service that is made up.
Lines with $ are what you would type, lines with < what comes back, shortened.`,
  zh: (url) => `Headgate 导览：${url} 上运行着真正的 Headgate，后面是一个虚构的缓慢服务。
以 $ 开头的行是您会输入的命令，以 < 开头的行是（缩短的）回答。`,
};

const CUT_SHORT: Words = { en: "\nThe tour was cut short.", zh: "\n导览提前结束。" };

const END: Words = {
  en: "\nThat was everything. headgate demo runs it with a dashboard and a trickle of tasks.",
  zh: "\n以上就是全部功能。headgate demo 会带着控制台和持续的任务运行。",
};
