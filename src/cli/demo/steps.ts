import type { Step } from "./step.ts";
import { submitting } from "./steps-of-submitting.ts";
import { trouble } from "./steps-of-trouble.ts";
import { watching } from "./steps-of-watching.ts";

/** The tour, in its order. */
export const STEPS: readonly Step[] = Object.freeze([...submitting, ...watching, ...trouble]);
