/** What processes may do in a random program. */
import fc from "fast-check";

const names = ["a", "b", "c"];
const reasons: readonly unknown[] = ["normal", "shutdown", "kill", "x", { r: 1 }];
const ties = ["spawn", "spawnLink", "spawnMonitor"] as const;
/** How a monitor may be an alias as well. */
export const aliasModes = ["explicitUnalias", "demonitor", "replyDemonitor"] as const;
const index = fc.nat(12);
const name = fc.constantFrom(...names);
const reason = fc.constantFrom(...reasons);

/** Aliases in every mode, and what closes them. */
const aliasStep = fc.oneof(
  fc.record({ do: fc.constant("monitor" as const), who: index, whom: index, alias: fc.constantFrom(...aliasModes) }),
  fc.record({ do: fc.constant("alias" as const), who: index, reply: fc.boolean() }),
  fc.record({ do: fc.constant("sendAlias" as const), who: index, ref: fc.nat(1) }),
  fc.record({ do: fc.constant("demonitor" as const), who: index, ref: fc.nat(1), flush: fc.boolean() }),
);

/** One step; `who` acts, `whom` it concerns, both counted among those there are. */
const step = fc.oneof(
  ...Array.from({ length: 3 }, () => aliasStep),
  fc.record({ do: fc.constant("spawn" as const), who: index, how: fc.constantFrom(...ties) }),
  fc.record({ do: fc.constant("spawnDoomed" as const), who: index, how: fc.constantFrom(...ties), reason }),
  fc.record({ do: fc.constantFrom("link" as const, "unlink" as const), who: index, whom: index }),
  fc.record({
    do: fc.constant("monitor" as const),
    who: index,
    whom: index,
    alias: fc.option(fc.constantFrom(...aliasModes)),
  }),
  fc.record({ do: fc.constant("monitorName" as const), who: index, name }),
  fc.record({ do: fc.constant("demonitor" as const), who: index, ref: fc.nat(3), flush: fc.boolean() }),
  fc.record({ do: fc.constantFrom("exit" as const, "throw" as const, "return" as const), who: index, reason }),
  fc.record({ do: fc.constant("sendExit" as const), who: index, whom: index, reason }),
  fc.record({ do: fc.constant("trap" as const), who: index, on: fc.boolean() }),
  fc.record({ do: fc.constant("register" as const), who: index, whom: index, name }),
  fc.record({ do: fc.constantFrom("unregister" as const, "sendName" as const), who: index, name }),
  fc.record({ do: fc.constant("send" as const), who: index, whom: index }),
  fc.record({ do: fc.constant("alias" as const), who: index, reply: fc.boolean() }),
  fc.record({ do: fc.constantFrom("sendAlias" as const, "unalias" as const), who: index, ref: fc.nat(3) }),
  fc.record({ do: fc.constant("timer" as const), who: index, whom: fc.oneof(index, name), ms: fc.nat(6) }),
  fc.record({ do: fc.constant("cancel" as const), who: index, ref: fc.nat(3) }),
  fc.record({ do: fc.constant("receive" as const), who: index, every: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ do: fc.constant("flush" as const), who: index }),
  fc.record({ do: fc.constant("advance" as const), ms: fc.nat(8) }),
);
/** One step. */
export type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** Random programs. */
export const programs: fc.Arbitrary<Step[]> = fc.array(step, { maxLength: 60, size: "max" });
