import { Node, type Pid, type Process } from "@otp/core";
import { ManualRuntime } from "@otp/core/runtime";
import { type ChildSpec, DynamicSupervisor, type DynamicSupervisorPid, type Restart } from "@otp/genserver";
import fc from "fast-check";
import { pino } from "pino";
import { describe, expect, it } from "vitest";

type Deed =
  | { readonly kind: "start"; readonly restart: Restart; readonly failures: number }
  | { readonly kind: "end"; readonly target: number; readonly reason: unknown }
  | { readonly kind: "terminate"; readonly target: number }
  | { readonly kind: "pass"; readonly ms: number };

interface Limits {
  readonly maxChildren: number | "infinity";
  readonly maxRestarts: number;
}

/** What a dynamic supervisor should do, naively: children by number, and how many of their next starts fail. */
class Model {
  readonly limits: Limits;
  children: { readonly id: number; readonly restart: Restart; failures: number }[] = [];
  restarts: number[] = [];
  isAlive = true;
  now = 0;

  constructor(limits: Limits) {
    this.limits = limits;
  }

  start(child: Model["children"][number]): boolean {
    const { maxChildren } = this.limits;
    if (maxChildren !== "infinity" && this.children.length >= maxChildren) return false;
    this.children.push(child);
    return true;
  }

  remove(id: number): void {
    this.children = this.children.filter((one) => one.id !== id);
  }

  end(id: number, reason: unknown): void {
    const child = this.children.find((one) => one.id === id);
    if (child === undefined) return;
    const isWell = reason === "shutdown" || typeof reason === "object";
    if (child.restart === "temporary" || (child.restart === "transient" && isWell)) {
      this.remove(id);
      return;
    }
    for (;;) {
      this.restarts = [...this.restarts, this.now].filter((time) => this.now - time <= 5_000);
      if (this.restarts.length > this.limits.maxRestarts) {
        this.isAlive = false;
        this.children = [];
        return;
      }
      child.failures -= 1;
      if (child.failures < 0) return;
    }
  }
}

/** The real one, on a virtual clock. */
class Real {
  readonly node: Node;
  readonly runtime: ManualRuntime;
  readonly supervisor: DynamicSupervisorPid;
  /** The living process of each child, as they have told by starting. */
  readonly pids: Map<number, Pid> = new Map();
  readonly #started: Pid[] = [];

  constructor(node: Node, runtime: ManualRuntime, supervisor: DynamicSupervisorPid) {
    this.node = node;
    this.runtime = runtime;
    this.supervisor = supervisor;
  }

  spec(id: number, restart: Restart, failures: number): ChildSpec {
    let starts = 0;
    const start = (self: Process): Pid => {
      starts += 1;
      if (starts > 1 && starts <= 1 + failures) throw new Error("not yet");
      const pid = self.spawnLink(async (child: Process) => {
        await child.receive(() => false);
      });
      this.pids.set(id, pid);
      this.#started.push(pid);
      return pid;
    };
    return { id, restart, start };
  }

  async settled<Value>(promise: Promise<Value>): Promise<Value> {
    await this.runtime.settle();
    return promise;
  }

  get living(): Pid[] {
    return this.#started.filter((pid) => this.node.isProcessAlive(pid));
  }
}

const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("start"),
      restart: fc.constantFrom("permanent", "transient", "temporary"),
      failures: fc.nat(2),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("end"),
      target: fc.nat(20),
      reason: fc.constantFrom("kill", "abn", "shutdown", { shutdown: 1 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("terminate"), target: fc.nat(20) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("pass"), ms: fc.constantFrom(1, 2_500, 4_999, 5_000, 5_001) }),
  },
);

async function perform(deed: Deed, model: Model, real: Real, id: number): Promise<void> {
  const { node, supervisor } = real;
  switch (deed.kind) {
    case "pass":
      model.now += deed.ms;
      await real.runtime.advance(deed.ms);
      return;
    case "start": {
      const child = real.spec(id, deed.restart, deed.failures);
      const result = await real.settled(DynamicSupervisor.startChild(node, supervisor, child));
      expect(result.ok).toBe(model.start({ id, restart: deed.restart, failures: deed.failures }));
      return;
    }
    case "end": {
      const child = model.children[deed.target % Math.max(1, model.children.length)];
      const pid = child === undefined ? undefined : real.pids.get(child.id);
      if (child === undefined || pid === undefined) return;
      node.sendExit(pid, deed.reason);
      model.end(child.id, deed.reason);
      await real.runtime.settle();
      return;
    }
    case "terminate": {
      const child = model.children[deed.target % Math.max(1, model.children.length)];
      const pid = child === undefined ? supervisor : (real.pids.get(child.id) ?? supervisor);
      const result = await real.settled(DynamicSupervisor.terminateChild(node, supervisor, pid));
      expect(result.ok).toBe(child !== undefined);
      if (child !== undefined) model.remove(child.id);
    }
  }
}

async function compare(limits: Limits, deeds: readonly Deed[]): Promise<void> {
  const runtime = new ManualRuntime();
  const node = await Node.start({ runtime, logger: pino({ level: "silent" }) });
  const starting = DynamicSupervisor.start(node, limits);
  await runtime.settle();
  const real = new Real(node, runtime, await starting);
  const model = new Model(limits);
  for (const [id, deed] of deeds.entries()) {
    await perform(deed, model, real, id);
    expect(node.isProcessAlive(real.supervisor)).toBe(model.isAlive);
    expect(real.living).toHaveLength(model.children.length);
    if (!model.isAlive) break;
    const counts = await real.settled(DynamicSupervisor.countChildren(node, real.supervisor));
    const specs = model.children.length;
    expect(counts).toEqual({ specs, active: specs, supervisors: 0, workers: specs });
    const listed = await real.settled(DynamicSupervisor.whichChildren(node, real.supervisor));
    expect(new Set(listed.map(({ pid }) => pid))).toEqual(new Set(real.living));
  }
  if (model.isAlive) await real.settled(DynamicSupervisor.stop(node, real.supervisor));
  expect(real.living).toEqual([]);
  expect(runtime.pendingTimers).toBe(0);
  await node.stop();
}

describe("S2 S3 S4 dynamic supervisors against a naive model", () => {
  it("random starts, ends and terminations leave the children that should run, and no other", async () => {
    const limits = fc.record({
      maxChildren: fc.constantFrom<number | "infinity">("infinity", 1, 3),
      maxRestarts: fc.integer({ min: 0, max: 5 }),
    });
    await fc.assert(fc.asyncProperty(limits, fc.array(deed, { maxLength: 30 }), compare), {
      numRuns: Number(process.env["OTP_RUNS"] ?? 150),
    });
  }, 120_000);
});
