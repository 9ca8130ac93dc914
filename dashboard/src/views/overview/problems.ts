import type { Lane, Stats, Target } from "../../../../client/views.ts";

/** Something that an operator should know of before anything else. */
export type Problem =
  | { readonly kind: "circuit" | "unhealthy"; readonly isBad: true; readonly target: Target }
  | {
      readonly kind: "full" | "nearly_full" | "paused" | "former";
      readonly isBad: boolean;
      readonly lane: Lane;
    }
  | { readonly kind: "failing"; readonly isBad: boolean; readonly successRate: number }
  | { readonly kind: "growing"; readonly isBad: false; readonly fullInSeconds: number };

const NEARLY_FULL = 0.8;
const FEW_SUCCEED = 0.9;
const HARDLY_ANY_SUCCEEDS = 0.5;
/** Less than that comes and goes. */
const SHORTEST_GROWTH_SECONDS = 3_600;

/** What is wrong, the worst first. */
export function problemsOf(stats: Stats): readonly Problem[] {
  const problems = [
    ...stats.targets.flatMap(ofTarget),
    ...stats.lanes.flatMap(ofLane),
    ...ofSuccess(stats),
    ...ofGrowth(stats),
  ];
  return problems.toSorted((a, b) => Number(b.isBad) - Number(a.isBad));
}

function ofTarget(target: Target): readonly Problem[] {
  if (target.circuit.state === "open") return [{ kind: "circuit", isBad: true, target }];
  return target.healthy === false ? [{ kind: "unhealthy", isBad: true, target }] : [];
}

function ofLane(lane: Lane): readonly Problem[] {
  const { size, capacity } = lane.queue;
  const share = capacity === null || capacity === 0 ? 0 : size / capacity;
  return [
    ...(share >= 1 ? [{ kind: "full", isBad: true, lane } as const] : []),
    ...(share >= NEARLY_FULL && share < 1 ? [{ kind: "nearly_full", isBad: false, lane } as const] : []),
    ...(lane.paused ? [{ kind: "paused", isBad: false, lane } as const] : []),
    ...(lane.target === null && size > 0 ? [{ kind: "former", isBad: false, lane } as const] : []),
  ];
}

function ofSuccess({ success_rate: successRate }: Stats): readonly Problem[] {
  if (successRate === null || successRate >= FEW_SUCCEED) return [];
  return [{ kind: "failing", isBad: successRate < HARDLY_ANY_SUCCEEDS, successRate }];
}

/** More comes than ends, and more waits than runs. */
function ofGrowth({ throughput, queue, limit }: Stats): readonly Problem[] {
  const perSecond = throughput.accepted_per_second - throughput.ended_per_second;
  const fullInSeconds = (queue.capacity - queue.size) / perSecond;
  if (queue.size <= limit || perSecond <= 0 || fullInSeconds > SHORTEST_GROWTH_SECONDS) return [];
  return fullInSeconds > 0 ? [{ kind: "growing", isBad: false, fullInSeconds }] : [];
}
