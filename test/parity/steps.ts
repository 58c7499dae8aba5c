/** Random programs: what processes, servers and supervisors do, step by step, in a form that both sides read. */
import fc from "fast-check";

/** An exit reason as it is written in a step. */
export const reason = fc.constantFrom("normal", "shutdown", "kill", "killed", "x", "shutdown y", "noproc");
const name = fc.constantFrom("a", "a", "b", "undefined");
/** Whom or what something concerns, by number among those there are. */
export const index = fc.nat(12);
const recent = fc.nat(3);
const number = fc.nat(9);
const tie = fc.constantFrom("none", "link", "monitor");
const aliasMode = fc.constantFrom("none", "none", "explicit_unalias", "demonitor", "reply_demonitor");
const options = fc.uniqueArray(fc.constantFrom("flush", "info"), { maxLength: 2 });
const what = fc.constantFrom("any", "any", "even", "down", "exit");

/** The step of that name, done by somebody. */
export function does<const Name extends string, Rest extends unknown[]>(
  verb: Name,
  ...rest: { [At in keyof Rest]: fc.Arbitrary<Rest[At]> }
): fc.Arbitrary<readonly [Name, number, ...Rest]> {
  const inOrder = (who: number, given: Rest): readonly [Name, number, ...Rest] => [verb, who, ...given];
  return fc.tuple(fc.nat(12), fc.tuple<Rest>(...rest)).map(([who, given]) => inOrder(who, given));
}

const tieStep = fc.oneof(
  does("link", index),
  does("link", index),
  does("unlink", index),
  does("monitor", index, aliasMode),
  does("monitor", index, aliasMode),
  does("monitorName", name, aliasMode),
  does("demonitor", recent, options),
  does("trap", fc.constantFrom(0, 1, 1)),
);
const endStep = fc.oneof(
  does("exit", reason),
  does("raise"),
  does("throw", reason),
  does("return"),
  does("sendExit", index, reason),
  does("sendExit", index, reason),
  does("doomed", tie, reason),
);
const messageStep = fc.oneof(
  does("send", index, number),
  does("sendName", name, number),
  does("sendAlias", recent, number),
  does("sendAlias", recent, number),
  does("alias", fc.constantFrom("explicit_unalias", "reply")),
  does("unalias", recent),
  does("receive", what, fc.constant<number | "infinity">(0)),
  does("receive", what, fc.constantFrom<number | "infinity">(0, -1, "infinity")),
  does("flush"),
);
const nameStep = fc.oneof(
  does("register", index, name),
  does("register", index, name),
  does("unregister", name),
  does("whereis", name),
  does("leader", index, index),
);
const signalStep = fc.oneof(
  { weight: 3, arbitrary: does("spawn", tie) },
  { weight: 8, arbitrary: tieStep },
  { weight: 5, arbitrary: endStep },
  { weight: 7, arbitrary: messageStep },
  { weight: 3, arbitrary: nameStep },
);
const timerStep = fc.oneof(
  does("sendAfter", fc.nat(5), fc.oneof(index, name), number),
  does("startTimer", fc.nat(5), fc.oneof(index, name), number),
  does("cancel", recent),
  does("readTimer", recent),
  does(
    "receive",
    what,
    fc.integer({ min: 1, max: 3 }).map((units): number | "infinity" => units),
  ),
);
const advance = fc.tuple(fc.constant("advance" as const), fc.integer({ min: 1, max: 4 }));

const scriptReason = fc.constantFrom("normal", "shutdown", "x", "shutdown y");
/** What a callback is asked to do, and with which reason. */
const script = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.tuple(fc.constantFrom("reply", "defer", "noreply", "idle", "continue", "settle", "settle")),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constantFrom("replyIdle", "replyContinue", "replyEarly", "replyTwice", "throw")),
  },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom("crash", "throwBad", "bad")) },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom("stop", "stopReply", "continueStop", "exit"), scriptReason) },
);
/** The same, where nobody waits for a reply. */
const quietScript = script.filter(([verb]) => !["reply", "replyIdle", "replyContinue", "stopReply"].includes(verb));
const initTrait = fc.constantFrom("idle", "continue", "refuse", "shutdown", "ignore", "crash", "exit", "throw", "bad");
const endTrait = fc.constantFrom("terminateCrash", "terminateExit");
const traits = fc
  .tuple(fc.boolean(), fc.option(initTrait, { freq: 3, nil: "" }), fc.option(endTrait, { freq: 4, nil: "" }))
  .map(([traps, init, end]) => [traps ? "trap" : "", init, end].filter((trait) => trait !== ""));
const serverStep = fc.oneof(
  { weight: 3, arbitrary: does("serve", tie, fc.constantFrom("none", "none", "a", "b"), traits) },
  { weight: 6, arbitrary: does("call", index, script, fc.constant("infinity" as const)) },
  { weight: 1, arbitrary: does("call", index, fc.constant(["defer"]), fc.constant(1)) },
  { weight: 1, arbitrary: does("callName", name, script) },
  { weight: 4, arbitrary: does("cast", index, quietScript) },
  { weight: 2, arbitrary: does("info", index, quietScript) },
  { weight: 2, arbitrary: does("stop", index, scriptReason) },
  { weight: 2, arbitrary: does("killAny", fc.constant("server"), index, reason) },
);

const id = fc.constantFrom("c0", "c1", "c2", "c3");
const childTraits = fc
  .tuple(
    fc.constantFrom("", "trap"),
    fc.constantFrom("", "", "", "", "flaky", "flaky", "ignore", "refuse", "crash"),
    fc.constantFrom("", "", "terminateCrash", "hang"),
  )
  .map((all) => all.filter((trait) => trait !== ""));
/** `[id, restart, shutdown, significant, traits]`; one that hangs is given up. */
const child = fc
  .tuple(
    id,
    fc.constantFrom("permanent", "transient", "temporary"),
    fc.constantFrom<string | number>("brutal_kill", "infinity", 5),
    fc.constantFrom(0, 0, 1),
    childTraits,
  )
  .map(([name_, restart, shutdown, significant, all]) => {
    const given = all.includes("hang") && shutdown === "infinity" ? 5 : shutdown;
    return [name_, restart, given, significant, all] as const;
  });
/** `[strategy, intensity, autoShutdown]`. */
const flags = fc.tuple(
  fc.constantFrom("one_for_one" as const, "one_for_all" as const, "rest_for_one" as const),
  fc.nat(3),
  fc.constantFrom("never" as const, "never" as const, "any_significant" as const, "all_significant" as const),
);
const supervisorStep = fc.oneof(
  { weight: 2, arbitrary: does("supervise", flags, fc.uniqueArray(child, { maxLength: 4, selector: ([one]) => one })) },
  { weight: 3, arbitrary: does("startChild", index, child) },
  { weight: 3, arbitrary: does("terminateChild", index, id) },
  { weight: 3, arbitrary: does("restartChild", index, id) },
  { weight: 2, arbitrary: does("deleteChild", index, id) },
  { weight: 1, arbitrary: does("countChildren", index) },
  { weight: 6, arbitrary: does("killAny", fc.constant("server"), index, reason) },
  { weight: 1, arbitrary: does("killAny", fc.constant("supervisor"), index, reason) },
  { weight: 5, arbitrary: does("cast", index, quietScript) },
  { weight: 2, arbitrary: does("trap", fc.constantFrom(0, 1, 1)) },
);

/** A stop is a call in two stages, and whoever is stuck between them is seen to watch twice or once: nobody stops what may hang. */
const patientStep = serverStep.filter(([verb]) => verb !== "stop");

const step = fc.oneof(signalStep, timerStep, advance, serverStep, supervisorStep);
/** One step. */
export type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;
/** A program. */
export type Program = readonly Step[];
/** The flags of a supervisor. */
export type FlagStep = typeof flags extends fc.Arbitrary<infer Value> ? Value : never;
/** A child of a supervisor. */
export type ChildStep = typeof child extends fc.Arbitrary<infer Value> ? Value : never;

const weighted = <Value>(...all: readonly (readonly [number, fc.Arbitrary<Value>])[]): fc.Arbitrary<Value> =>
  fc.oneof(...all.map(([weight, arbitrary]) => ({ weight, arbitrary })));
const programOf = (steps: fc.Arbitrary<Step>, maxLength: number): fc.Arbitrary<Program> =>
  fc.array(steps, { minLength: 1, maxLength, size: "max" });

/** Programs by what they are mostly about. */
export const programs: Readonly<Record<"signals" | "timers" | "servers" | "supervisors", fc.Arbitrary<Program>>> = {
  signals: programOf(signalStep, 40),
  timers: programOf(weighted<Step>([3, signalStep], [5, timerStep], [3, advance]), 20).filter(isWithoutTies),
  servers: programOf(weighted<Step>([2, signalStep], [5, serverStep]), 30),
  supervisors: programOf(weighted<Step>([1, signalStep], [6, supervisorStep], [1, patientStep]), 30),
};

/**
 * Whether no two timers that were set at different times are due at the same one: on Erlang's clock, which runs by itself, that
 * one goes first whose step was less late.
 */
function isWithoutTies(program: Program): boolean {
  const setAt = new Map<number, number>();
  let now = 0;
  for (const step of program) {
    if (step[0] === "advance") now += step[1];
    const units = step[0] === "sendAfter" || step[0] === "startTimer" ? step[2] : step[0] === "receive" ? step[3] : -1;
    if (typeof units !== "number" || units < 0 || (step[0] === "receive" && units === 0)) continue;
    const before = setAt.get(now + units);
    if (before !== undefined && before !== now) return false;
    setAt.set(now + units, now);
  }
  return true;
}

/** A program as a list of readable steps, with their numbers. */
export function written(program: Program): string {
  return program.map((one, at) => `${String(at + 1)}. ${one.map((part) => JSON.stringify(part)).join(" ")}`).join("\n");
}
