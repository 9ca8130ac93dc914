/** How long a target takes at one pace: gathers answers until they say enough. */
export interface AnswerWindow {
  add(durationMs: number, inFlight: number): void;
  /** Forgets what was gathered and leaves out the next `skip` answers: those to requests sent at another pace. */
  restart(skip: number): void;
  isFull(limit: number): boolean;
  /** The geometric mean: a slowdown of all requests multiplies it, and one slow request in many hardly moves it. */
  typicalMs(): number;
  meanInFlight(): number;
}

/** Fast and slow targets are judged by as many answers: so many rounds of as many as are sent at once. */
const FEWEST_ROUNDS = 2;
const MOST_ROUNDS = 10;
const FEWEST_ANSWERS = 6;

/** Times that vary much are gathered for longer, until the standard error of their mean is some 10 %. */
const LARGEST_ERROR = 0.1;

/** Less than this is none, and none has no logarithm. */
const SHORTEST_MS = 0.1;

export function createAnswerWindow(): AnswerWindow {
  let skipping = 0;
  let count = 0;
  let inFlightSum = 0;
  // Of logarithms, kept as they come in (Welford 1962): sums of squares would lose the small differences.
  let mean = 0;
  let squaredDeviations = 0;

  return {
    add(durationMs, inFlight) {
      if (skipping > 0) {
        skipping -= 1;
        return;
      }
      const value = Math.log(Math.max(SHORTEST_MS, durationMs));
      const deviation = value - mean;
      count += 1;
      inFlightSum += inFlight;
      mean += deviation / count;
      squaredDeviations += deviation * (value - mean);
    },
    restart(skip) {
      skipping = skip;
      count = inFlightSum = mean = squaredDeviations = 0;
    },
    isFull(limit) {
      if (count < Math.max(FEWEST_ANSWERS, FEWEST_ROUNDS * limit)) return false;
      const squaredError = squaredDeviations / (count - 1) / count;
      return squaredError <= LARGEST_ERROR ** 2 || count >= MOST_ROUNDS * Math.max(FEWEST_ANSWERS, limit);
    },
    typicalMs: () => Math.exp(mean),
    meanInFlight: () => inFlightSum / count,
  };
}
