import { pause } from "./pause.ts";
import type { Stage } from "./stage.ts";
import type { Locale } from "./step.ts";
import { STEPS } from "./steps.ts";

interface TourOptions {
  readonly locale: Locale;
  /** Without time to read. */
  readonly fast: boolean;
  readonly print: (line: string) => void;
}

const READING_MS = 2_500;

/** Shows every feature, one after the other; answers the titles of those that did not do what was said. */
export async function guide(stage: Stage, { locale, fast, print }: TourOptions): Promise<readonly string[]> {
  const failed: string[] = [];
  for (const [index, step] of STEPS.entries()) {
    const title = step.title[locale];
    print(`\n── ${index + 1}/${STEPS.length}  ${title}`);
    try {
      await step.show(stage, {
        call: (command) => print(`   $ ${command}`),
        answer: (text) => print(indent(text)),
        tell: (words) => print(`   ${words[locale]}`),
        expect(isTrue, what) {
          if (!isTrue) throw new Error(`not as said: ${what}`);
        },
      });
    } catch (error) {
      failed.push(title);
      print(`   ✗ ${error instanceof Error ? error.message : String(error)}`);
    }
    if (!fast) await pause(READING_MS);
  }
  return failed;
}

function indent(text: string): string {
  return text
    .split("\n")
    .map((line) => `     ${line}`)
    .join("\n");
}
