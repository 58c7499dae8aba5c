/** What the small traces that laws are tried on are made of: processes `a.1` and `a.2` of node `a`, and a node `b`. */
import type { Happening } from "@otp/testing";

/** A happening, on node `a` unless another one is named. */
export type Step = Happening | readonly [node: string, happening: Happening];

/** Traces that break a law, and such as keep it. */
export interface Case {
  readonly bad: readonly (readonly Step[])[];
  readonly good: readonly (readonly Step[])[];
}

export const send = (message: string, to = "a.2", from = "a.1"): Happening => ({ kind: "send", from, to, message });
export const deliver = (message: string, more: Partial<Extract<Happening, { kind: "deliver" }>> = {}): Happening => ({
  kind: "deliver",
  to: "a.2",
  message,
  ...more,
});
export const spawn = (pid: string): Happening => ({ kind: "spawn", pid });
export const exit = (pid: string, reason = "'normal'", links: readonly string[] = []): Happening => ({
  kind: "exit",
  pid,
  reason,
  links,
});
export const boot: Happening = { kind: "boot", creation: 4 };
export const watch: Happening = { kind: "monitor", pid: "a.2", ref: "r1", object: "a.1" };
export const down = (reason = "'normal'", object = "a.1"): Happening => ({
  kind: "down",
  to: "a.2",
  ref: "r1",
  object,
  reason,
});
export const signal = (reason: string, isFromLink = true, to = "a.2"): Happening => ({
  kind: "signal",
  to,
  from: "a.1",
  reason,
  isFromLink,
});
export const signalled: Happening = { kind: "signalled", to: "a.2" };
export const settled: Happening = { kind: "settled" };
export const rest = (what: Extract<Happening, { kind: "rest" }>["what"], who: string, whom: string): Happening => ({
  kind: "rest",
  what,
  who,
  whom,
});
export const out = (op: string, text: string, from = "a.1", to = "b.1"): Happening => ({
  kind: "out",
  peer: "b",
  op,
  from,
  to,
  text,
});
export const into = (op: string, text: string, from = "a.1", to = "b.1"): readonly [string, Happening] => [
  "b",
  { kind: "in", peer: "a", op, from, to, text },
];
export const upA: Happening = { kind: "up", peer: "b" };
export const lostA: Happening = { kind: "lost", peer: "b" };
export const both: readonly Step[] = [
  boot,
  ["b", { kind: "boot", creation: 5 }],
  upA,
  ["b", { kind: "up", peer: "a" }],
];
export const timer = (id: number, ms: number, clock: number): Happening => ({ kind: "timer", id, ms, clock });
export const expire = (id: number, clock: number): Happening => ({ kind: "expire", id, clock });
export const handle = (n: number, pid = "a.2", clock = 0): Happening => ({ kind: "handle", pid, n, over: 0, clock });
export const handled = (pid = "a.2"): Happening => ({ kind: "handled", pid });
export const call: Happening = { kind: "call", id: "c1", from: "a.1", to: "a.2" };
export const reply = (value: string): Happening => ({ kind: "reply", id: "c1", value });
export const answer = (value: string, ok = true): Happening => ({ kind: "answer", id: "c1", ok, value });
export const register = (name: string, pid: string): Happening => ({ kind: "register", name, pid });
export const about = (what: string, n: number, to = "a.2"): Happening => ({
  kind: "deliver",
  to,
  message: "…",
  n,
  about: what,
});
export const numbered = (first: number, last: number, epoch = 1, run = 7): Happening => ({
  kind: "numbered",
  pid: "a.2",
  from: "b",
  run,
  epoch,
  first,
  last,
});

/** A supervisor `a.9` of the children `a.1` and `a.3`, started in this order. */
export const office = (strategy: string, restart = "permanent", maxRestarts = 1): readonly Step[] => [
  spawn("a.9"),
  { kind: "supervisor", pid: "a.9", strategy, maxRestarts, maxSeconds: 5, auto: false },
  spawn("a.1"),
  spawn("a.3"),
  { kind: "children", pid: "a.9", list: [`'x'|a.1|${restart}|100`, `'y'|a.3|${restart}|100`] },
];
export const tell = (to: string, reason = "'shutdown'", clock = 0): Happening => ({
  kind: "tell",
  from: "a.9",
  to,
  reason,
  clock,
});
export const crash = (pid: string, n: number, reason = "'oops'", clock = 0): readonly Step[] => [
  exit(pid, reason),
  about(`EXIT ${pid}`, n, "a.9"),
  handle(n, "a.9", clock),
];
export const children = (...list: readonly string[]): Happening => ({ kind: "children", pid: "a.9", list });
export const ending: Happening = { kind: "terminate", pid: "a.9" };
