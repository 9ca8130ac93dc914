import type { Clock } from "../lib/clock.ts";
import { createAnswerWindow } from "./answer-window.ts";
import { createCeiling } from "./ceiling.ts";
import type { ConcurrencyLimit, Sample } from "./concurrency.ts";

export interface AdaptiveSettings {
  readonly clock: Pick<Clock, "monotonicMs">;
  /** The limit never goes above it. Read again each time. */
  readonly most: () => number;
}

/**
 *  - `ramping`    doubles with every window until the first sign that the target has enough
 *  - `following`  after every window the limit is set anew
 *  - `measuring`  half the limit for one window, to see how long the target takes when it is not crowded
 */
type Phase = "ramping" | "following" | "measuring";

const FIRST_LIMIT = 4;

/** How much longer than uncrowded answers may take, and what timers and a busy event loop add to fast ones. */
const TOLERANCE = 0.1;
const LEAST_TOLERANCE_MS = 2;

/** From one window to the next. */
const LOWEST_GRADIENT = 0.5;
const HIGHEST_GRADIENT = 2;

/** After the first refusal, and when what was sent since is refused too. */
const FIRST_BACKOFF = 0.9;
const NEXT_BACKOFF = 0.7;

/** In windows. A measurement takes about one, at half speed. */
const MEASURE_EVERY = 25;

/** A measurement that is so much above the last one is made again soon: maybe this machine was busy for a moment. */
const SUSPECT_ABOVE = 1.2;
const SUSPECT_FOR = 5;

/** Below this share of the limit at which it was measured, the target may have changed as well as its load. */
const DOUBTFUL_BELOW = 0.6;

/** A window without crowding that is this much faster shows a faster target; what is less may be chance, and counts little. */
const SURELY_FASTER = 0.6;
const CHANCE_WEIGHT = 0.2;

/**
 * A limit that follows what the target can bear: the gradient controller of Envoy's adaptive concurrency filter
 * (https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/adaptive_concurrency_filter), that is
 *
 *     limit' = limit × clamp(uncrowded time × (1 + tolerance) / time now) + headroom
 *
 * A baseline that is averaged from whatever comes, as in Netflix's Gradient2, is of no use here: a queue keeps the target
 * at its limit for hours, and the average learns the crowding. So the uncrowded time is measured now and then, as Envoy
 * does, with these differences:
 *
 *  - Windows and pauses are counted in answers, not in seconds, for a target may take 10 ms or 10 minutes.
 *  - It is measured at half the limit instead of nearly none: cheaper, and whatever crowding half the limit still has is
 *    gone after a few measurements, for each lowers the limit of the next. It is not measured while answers are as fast as
 *    they should be, nor waited for when the limit has fallen far: then it tells a slower target from a smaller one.
 *  - Headroom is log10(limit), the unit of Netflix's Vegas: none at a limit of 1, where one more is twice as many.
 *  - A refusal (429, 503, no answer in time) lowers the limit at once, and once for all that was sent before; but while it
 *    is halved for a measurement the first one only lowers what it goes back to.
 *  - While less than half of the limit is in use nothing is concluded (for TCP, RFC 7661 3): such answers do not show what
 *    the limit would do.
 */
export function createAdaptiveLimit({ clock, most }: AdaptiveSettings): ConcurrencyLimit {
  const window = createAnswerWindow();
  const ceiling = createCeiling();
  let phase: Phase = "ramping";
  let limit = FIRST_LIMIT;
  let uncrowdedMs: number | null = null;
  /** When it was measured: at what limit, and how many windows ago. */
  let measured = { limit, windowsAgo: MEASURE_EVERY };
  let backedOff = { at: -Infinity, isRecent: false };

  function current(): number {
    return Math.max(1, Math.floor(Math.min(limit, most())));
  }

  function move(to: number, inFlight: number): void {
    limit = Math.max(1, Math.min(to, most()));
    window.restart(inFlight);
  }

  function backOff({ durationMs, inFlight }: Sample): void {
    const now = clock.monotonicMs();
    if (now - durationMs < backedOff.at) return;
    if (phase === "measuring" && !backedOff.isRecent) {
      measured.limit *= FIRST_BACKOFF;
    } else {
      ceiling.refused(current());
      const backoff = backedOff.isRecent ? NEXT_BACKOFF : FIRST_BACKOFF;
      move(Math.min(limit * backoff, ceiling.highest()), inFlight);
      phase = "following";
    }
    backedOff = { at: now, isRecent: true };
  }

  function conclude({ inFlight }: Sample): void {
    const typicalMs = window.typicalMs();
    if (phase === "measuring") return endMeasuring(typicalMs, inFlight);
    if (window.meanInFlight() < limit / 2) return window.restart(0);
    backedOff.isRecent = false;
    ceiling.borne(current());
    measured.windowsAgo += 1;
    const gradient = gradientOf(typicalMs);
    if (gradient < 1) phase = "following";
    const next = phase === "ramping" ? limit * 2 : limit * gradient + Math.log10(limit);
    move(Math.min(next, ceiling.highest()), inFlight);
    if (gradient < 1 && isMeasuringDue()) beginMeasuring(inFlight);
  }

  function gradientOf(typicalMs: number): number {
    if (uncrowdedMs === null || current() === 1 || typicalMs < uncrowdedMs * SURELY_FASTER)
      uncrowdedMs = typicalMs;
    else if (typicalMs < uncrowdedMs) uncrowdedMs += (typicalMs - uncrowdedMs) * CHANCE_WEIGHT;
    const bearableMs = uncrowdedMs + Math.max(LEAST_TOLERANCE_MS, uncrowdedMs * TOLERANCE);
    return Math.min(HIGHEST_GRADIENT, Math.max(LOWEST_GRADIENT, bearableMs / typicalMs));
  }

  function isMeasuringDue(): boolean {
    const isOld = measured.windowsAgo >= MEASURE_EVERY || limit < measured.limit * DOUBTFUL_BELOW;
    return isOld && limit >= 2;
  }

  function beginMeasuring(inFlight: number): void {
    phase = "measuring";
    measured = { limit, windowsAgo: 0 };
    move(limit / 2, inFlight);
  }

  function endMeasuring(typicalMs: number, inFlight: number): void {
    phase = "following";
    if (uncrowdedMs !== null && typicalMs > uncrowdedMs * SUSPECT_ABOVE)
      measured.windowsAgo = MEASURE_EVERY - SUSPECT_FOR;
    uncrowdedMs = typicalMs;
    move(measured.limit, inFlight);
  }

  return {
    current,
    record(sample) {
      if (sample.outcome === "unreached") return;
      if (sample.outcome === "overloaded") return backOff(sample);
      window.add(sample.durationMs, sample.inFlight);
      if (window.isFull(current())) conclude(sample);
    },
  };
}
