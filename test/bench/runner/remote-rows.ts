/** The rows between two operating-system processes, over NATS. */
import type { ContenderName, Row } from "./rows.ts";

function remote(name: string, title: string, [size, quickSize]: readonly [number, number], rest: Partial<Row>): Row {
  return {
    name,
    title,
    unit: "/s",
    better: "more",
    isRemote: true,
    size,
    quickSize,
    contenders: ["otp", "beam", "nats"],
    goals: {},
    ...rest,
  };
}

/** One row of a kind shows what sealing and batches cost and are worth. */
function withSwitches(rest: typeof latency | typeof concurrent, off: readonly ContenderName[]): Partial<Row> {
  return { ...rest, contenders: [...rest.contenders, ...off], notQuick: off, goals: { ...rest.goals, unsealed: 0.85 } };
}

/** Half of the sequential calls take at most this long. */
const latency = {
  unit: "ms",
  better: "less",
  contenders: ["otp", "beam", "nats", "moleculer"],
  goals: { nats: 0.8 },
} as const satisfies Partial<Row>;

const concurrent = {
  contenders: ["otp", "beam", "nats", "moleculer"],
  goals: { beam: 1, nats: 1.5, moleculer: 2 },
} as const satisfies Partial<Row>;

/** Remote rows, in the order of the table. */
export const remoteRows: readonly Row[] = [
  remote("remote_call_1", "p50 of a call, 16 B, 1 in flight", [5_000, 200], withSwitches(latency, ["unsealed"])),
  remote("remote_call_1_1k", "p50 of a call, 1 KB, 1 in flight", [5_000, 200], latency),
  remote(
    "remote_call_100",
    "calls, 16 B, 100 in flight",
    [50_000, 3_000],
    withSwitches(concurrent, ["unsealed", "unbatched"]),
  ),
  remote("remote_call_100_1k", "calls, 1 KB, 100 in flight", [50_000, 3_000], concurrent),
  remote("remote_cast_16", "casts of 16 B, then one call", [300_000, 20_000], {}),
  remote("remote_cast_128", "casts of 128 B, then one call", [300_000, 20_000], {
    contenders: ["otp", "beam", "nats", "unsealed", "unbatched"],
    goals: { beam: 1, nats: 2, unsealed: 0.8 },
  }),
  remote("remote_cast_1k", "casts of 1 KB, then one call", [50_000, 6_000], {}),
  remote("remote_cast_16k", "casts of 16 KB, then one call", [5_000, 400], {
    contenders: ["otp", "beam", "nats", "unsealed"],
    notQuick: ["unsealed"],
    goals: { nats: 0.85, unsealed: 0.8 },
  }),
  remote("remote_monitor", "monitors of nobody, and their DOWNs", [20_000, 2_000], { contenders: ["otp", "beam"] }),
  remote("remote_spawn", "processes spawned elsewhere, which answer", [20_000, 1_000], { contenders: ["otp", "beam"] }),
  remote("global_register", "global names registered and given back, 3 nodes", [1_000, 40], {
    contenders: ["otp", "beam"],
    goals: { beam: 2 },
  }),
  remote("fanout", "messages to processes on 10 nodes", [10_000, 10_000], { contenders: ["otp"] }),
  remote("idle_traffic", "bytes per second and node, 50 idle nodes; size is ms", [5_000, 300], {
    unit: "B/s",
    better: "less",
    contenders: ["otp"],
  }),
];
