/** Global names of whole nodes on a virtual clock, while the cluster falls apart and comes together again. */
import { Node, type Pid, type Process } from "@otp/core";
import { ManualRuntime } from "@otp/core/runtime";
import fc from "fast-check";
import { pino } from "pino";
import { describe, expect, it } from "vitest";

import { faultyHub } from "../support/faulty-medium.ts";

const names = ["a@host", "b@host", "c@host", "d@host"];
const tickTimeMs = 2_000;

const sleeper = async (self: Process): Promise<void> => {
  await self.sleep("infinity");
};

const action = fc.record({
  kind: fc.constantFrom("register", "register", "reRegister", "unregister", "kill", "cut", "heal", "wait"),
  at: fc.nat(3),
  name: fc.constantFrom("x", "y"),
  mask: fc.nat(15),
  ms: fc.nat(1_500),
});

type Action = typeof action extends fc.Arbitrary<infer Value> ? Value : never;

/** Runs the actions and returns what each node finds in the end, with what went wrong. */
async function live(actions: readonly Action[], seed: number): Promise<void> {
  const runtime = new ManualRuntime(seed);
  const { faults, transport } = faultyHub({ runtime });
  const logger = pino({ level: "silent" });
  const stretch = { N: 2, r: 1, p: 1 };
  const nodes: Node[] = [];
  for (const name of names) {
    nodes.push(
      await Node.start({ name, cookie: "test", transport: transport(), runtime, logger, stretch, tickTimeMs }),
    );
  }
  const at = (index: number): Node => nodes[index % nodes.length] ?? failing();
  const connect = async (): Promise<void> => {
    for (const node of nodes) for (const other of names) void node.connect(other);
    await runtime.advance(100);
  };
  let open = 0;
  const pids: { readonly node: Node; readonly pid: Pid }[] = [];
  const count = (promise: Promise<unknown>): void => {
    open += 1;
    void promise.finally(() => (open -= 1));
  };
  await connect();
  for (const { kind, at: index, name, mask, ms } of actions) {
    const node = at(index);
    if (kind === "register" || kind === "reRegister") {
      const pid = node.spawn(sleeper);
      pids.push({ node, pid });
      count(kind === "register" ? node.global.registerName(name, pid) : node.global.reRegisterName(name, pid));
    } else if (kind === "unregister") count(node.global.unregisterName(name));
    else if (kind === "kill") {
      const victim = pids[mask % Math.max(1, pids.length)];
      victim?.node.sendExit(victim.pid, "kill");
    } else if (kind === "cut") faults.partOf = (peer) => (mask >> names.indexOf(peer)) & 1;
    else if (kind === "heal") faults.partOf = () => 0;
    await runtime.advance(ms);
    if (kind === "heal") await connect();
  }
  faults.partOf = () => 0;
  await runtime.advance(tickTimeMs * 2);
  await connect();
  await runtime.advance(tickTimeMs * 2);
  expect(nodes.map((node) => node.list().length)).toEqual([3, 3, 3, 3]);
  for (const name of ["x", "y"]) {
    const found = nodes.map((node) => node.global.whereisName(name));
    expect(new Set(found.map((pid) => pid && `${pid.node} ${pid.number}`)).size).toBe(1);
    const [owner] = found;
    const alive = pids
      .filter(({ node, pid }) => node.isProcessAlive(pid))
      .map(({ pid }) => `${pid.node} ${pid.number}`);
    if (owner !== undefined) expect(alive).toContain(`${owner.node} ${owner.number}`);
  }
  expect(open).toBe(0);
  expect(nodes.flatMap((node) => node.check())).toEqual([]);
  for (const node of nodes) {
    const stopped = node.stop();
    await runtime.advance(1_000);
    await stopped;
  }
}

function failing(): never {
  throw new Error("no such node");
}

describe("global names of a cluster that falls apart", () => {
  it("GLOBAL-5 D4 belong to one living process, the same for all, when it has come together", async () => {
    await fc.assert(fc.asyncProperty(fc.array(action, { maxLength: 25 }), fc.integer({ min: 1 }), live), {
      numRuns: Number(process.env["OTP_SIMULATIONS"] ?? 15),
      endOnFailure: true,
    });
  }, 120_000);
});
