import { Node, type Pid, type Process } from "@otp/core";
import { ManualRuntime } from "@otp/core/runtime";
import { Registry, type RegistryKeys, Supervisor } from "@otp/genserver";
import fc from "fast-check";
import { pino } from "pino";
import { describe, expect, it } from "vitest";

type Deed =
  | { readonly kind: "spawn" }
  | { readonly kind: "kill"; readonly who: number }
  | {
      readonly kind: "register" | "unregister" | "update";
      readonly who: number;
      readonly key: number;
      readonly value: number;
    }
  | { readonly kind: "unregisterMatch"; readonly who: number; readonly key: number; readonly value: number };

interface Row {
  readonly pid: Pid;
  readonly key: unknown;
  value: number;
}

const reg = Registry.named<unknown, number>("reg");

/** Keys of many kinds, of which none is equal to another; made anew each time, for keys count by their values. */
const keys: readonly (() => unknown)[] = [() => "1", () => 1, () => ({ a: [1] }), () => ["1"], () => null, () => "a"];

const keyAt = (index: number): unknown => keys[index % keys.length]?.();

/** A registry, naively: a list of rows. */
class Model {
  readonly keys: RegistryKeys;
  rows: Row[] = [];

  constructor(registryKeys: RegistryKeys) {
    this.keys = registryKeys;
  }

  under(key: unknown): Row[] {
    const wanted = JSON.stringify(key);
    return this.rows.filter((row) => JSON.stringify(row.key) === wanted);
  }

  register(row: Row): boolean {
    if (this.keys === "unique" && this.under(row.key).length > 0) return false;
    this.rows.push(row);
    return true;
  }

  remove(isGone: (row: Row) => boolean): void {
    this.rows = this.rows.filter((row) => !isGone(row));
  }
}

/** The real one, with processes that do what they are told. */
class Real {
  readonly node: Node;
  readonly runtime: ManualRuntime;
  people: Pid[] = [];

  constructor(node: Node, runtime: ManualRuntime) {
    this.node = node;
    this.runtime = runtime;
  }

  spawn(): void {
    const pid = this.node.spawn(async (self: Process) => {
      for (;;) {
        const message = await self.receive();
        if (message instanceof Order) message.act(self);
      }
    });
    this.people.push(pid);
  }

  async order(pid: Pid, act: (self: Process) => void): Promise<void> {
    this.node.send(pid, new Order(act));
    await this.runtime.settle();
  }
}

/** Something that a process shall do. */
class Order {
  readonly act: (self: Process) => void;

  constructor(act: (self: Process) => void) {
    this.act = act;
  }
}

const action = fc.record({
  kind: fc.constantFrom("register", "register", "register", "unregister", "update", "unregisterMatch"),
  who: fc.nat(10),
  key: fc.nat(keys.length - 1),
  value: fc.nat(2),
});

const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("spawn") }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("kill"), who: fc.nat(10) }) },
  { weight: 8, arbitrary: action },
);

async function perform(deed: Deed, model: Model, real: Real): Promise<void> {
  if (deed.kind === "spawn") {
    real.spawn();
    return;
  }
  const pid = real.people[deed.who % Math.max(1, real.people.length)];
  if (pid === undefined) return;
  if (deed.kind === "kill") {
    real.node.sendExit(pid, "kill");
    real.people = real.people.filter((other) => other !== pid);
    model.remove((row) => row.pid === pid);
    return;
  }
  const { value } = deed;
  const key = keyAt(deed.key);
  await real.order(pid, (self) => act({ kind: deed.kind, key, value }, model, self));
}

interface Act {
  readonly kind: "register" | "unregister" | "update" | "unregisterMatch";
  readonly key: unknown;
  readonly value: number;
}

function act({ kind, key, value }: Act, model: Model, self: Process): void {
  const { pid } = self;
  const own = new Set(model.under(key).filter((row) => row.pid === pid));
  switch (kind) {
    case "register":
      expect(Registry.register(self, reg, key, value).ok).toBe(model.register({ pid, key, value }));
      return;
    case "unregister":
      Registry.unregister(self, reg, key);
      model.remove((row) => own.has(row));
      return;
    case "unregisterMatch":
      Registry.unregisterMatch(self, reg, key, value);
      model.remove((row) => own.has(row) && row.value === value);
      return;
    case "update":
      if (model.keys === "duplicate") return;
      expect(Registry.updateValue(self, reg, key, (old) => old + value).ok).toBe(own.size > 0);
      for (const row of own) row.value += value;
  }
}

/** Rows in an order of their own: across partitions, entries of one key have none. */
function sorted(rows: readonly { readonly pid: Pid; readonly key?: unknown; readonly value: number }[]): string[] {
  return rows.map(({ pid, key, value }) => JSON.stringify([pid, key, value])).toSorted();
}

function compareAll(model: Model, { node, people }: Real): void {
  expect(Registry.count(node, reg)).toBe(model.rows.length);
  expect(sorted(Registry.select(node, reg, Registry.any))).toEqual(sorted(model.rows));
  for (const make of keys) {
    const key = make();
    const rows = model.under(key);
    expect(sorted(Registry.lookup(node, reg, key))).toEqual(sorted(rows.map(({ pid, value }) => ({ pid, value }))));
    if (model.keys === "unique") expect(Registry.whereisName(node, [reg, key])).toBe(rows[0]?.pid);
    for (const pid of people) {
      const values = rows.filter((row) => row.pid === pid).map(({ value }) => value);
      expect(Registry.values(node, reg, key, pid)).toEqual(values);
    }
  }
  for (const pid of people) {
    const own = model.rows.filter((row) => row.pid === pid);
    expect(Registry.keys(node, reg, pid)).toHaveLength(own.length);
    // Linked exactly as long as anything is registered (REG-8).
    expect(node.info(pid, "links")).toHaveLength(own.length > 0 ? 1 : 0);
  }
}

async function compare(registryKeys: RegistryKeys, partitions: number, deeds: readonly Deed[]): Promise<void> {
  const runtime = new ManualRuntime();
  const node = await Node.start({ runtime, isolation: "share", logger: pino({ level: "silent" }) });
  const starting = Registry.start(node, { name: reg, keys: registryKeys, partitions });
  await runtime.settle();
  const registry = await starting;
  const model = new Model(registryKeys);
  const real = new Real(node, runtime);
  for (const deed of deeds) {
    await perform(deed, model, real);
    compareAll(model, real);
  }
  const linked = new Set(model.rows.map(({ pid }) => pid));
  const stopping = Supervisor.stop(node, registry);
  await runtime.settle();
  await stopping;
  expect(real.people.filter((pid) => !node.isProcessAlive(pid))).toHaveLength(linked.size);
  expect(node.check()).toEqual([]);
  await node.stop();
}

describe("registries against a naive model", () => {
  it("REG-1 REG-2 REG-3 REG-4 REG-6 REG-8 random registrations and ends leave what a list of rows has", async () => {
    const property = fc.asyncProperty(
      fc.constantFrom("unique" as const, "duplicate" as const),
      fc.constantFrom(1, 3),
      fc.array(deed, { maxLength: 40 }),
      compare,
    );
    await fc.assert(property, { numRuns: Number(process.env["OTP_RUNS"] ?? 150) });
  }, 120_000);
});
