/** FilterService and its standbys, under partitions, pauses and crashes. */
import type { Node, Pid, Process } from "@otp/core";
import { remote } from "@otp/core";
import { filterRemotely } from "@otp/filter-service/client";
import { FilterService, serviceName } from "@otp/filter-service/filter-service";
import { Standby } from "@otp/filter-service/standby";
import { Supervisor } from "@otp/genserver";
import { type Simulation, simTest } from "@otp/testing";
import { describe, expect } from "vitest";

const isOdd = remote("takeover/isOdd", (item: unknown) => Number(item) % 2 === 1);

/**
 * How long two owners that meet may take until one has given way, in ms: nodes tell each other their names first, ask the
 * resolver, and the one that has to go ends. Longer than that no two are there together.
 */
const meetingMs = 1_000;

/** Who owns the service, looked at after everything that happens. */
class Owners {
  readonly #owners = new Map<Node, Pid<never>>();
  /** Since when two owners are connected, by their nodes. */
  readonly #meetings = new Map<string, number>();
  readonly #sim: Simulation;
  /** How often it was looked at, and how often there was more than one owner. */
  looks = 0;
  several = 0;

  constructor(sim: Simulation) {
    this.#sim = sim;
  }

  async standBy(node: Node): Promise<void> {
    const start = async (self: Process): Promise<Pid> => {
      const owner = await FilterService.startLink(self);
      this.#owners.set(node, owner);
      return owner;
    };
    await Supervisor.start(node, [[Standby, { name: serviceName, start }]], {
      strategy: "one_for_one",
      maxRestarts: 1_000,
    });
  }

  /** The nodes with a living owner. */
  get nodes(): readonly Node[] {
    const nodes: Node[] = [];
    for (const [node, pid] of this.#owners)
      if (node.isProcessAlive(pid) && this.#sim.alive.includes(node)) nodes.push(node);
    return nodes;
  }

  /**
   * Lets things happen until `isOver`, and looks after each turn, timer and datagram. Two owners are in one component from when
   * both of their nodes count the other as connected; that must be over within `meetingMs`.
   */
  async watch(isOver: () => boolean): Promise<void> {
    await this.#sim.run({ until: () => (this.check(), isOver()) });
  }

  /** Fails when two owners have been in one component for longer than it takes to find out. */
  check(): void {
    const { nodes } = this;
    this.looks += 1;
    if (nodes.length < 2) {
      this.#meetings.clear();
      return;
    }
    this.several += 1;
    const now = this.#sim.now();
    const met = new Set<string>();
    for (const one of nodes)
      for (const other of nodes.filter(({ name }) => name > one.name)) {
        if (!one.list().includes(other.name) || !other.list().includes(one.name)) continue;
        const pair = `${one.name} and ${other.name}`;
        met.add(pair);
        const since = this.#meetings.get(pair) ?? now;
        this.#meetings.set(pair, since);
        if (now - since > meetingMs) throw new Error(`GLOBAL-5: two owners for ${String(now - since)} ms, ${pair}`);
      }
    for (const pair of this.#meetings.keys()) if (!met.has(pair)) this.#meetings.delete(pair);
  }
}

async function takeover(sim: Simulation): Promise<void> {
  const owners = new Owners(sim);
  for (const name of ["a", "b", "c"]) await sim.node(name);
  await sim.mesh();
  for (const node of sim.alive) await owners.standBy(node);
  await sim.run({ until: () => owners.nodes.length === 1 });
  const [first] = owners.nodes;
  sim.nemesis({
    partition: true,
    crash: true,
    pause: true,
    rounds: 12,
    everyMs: 700,
    durations: [1_500, 4_000, 7_000],
    restarted: (node) => owners.standBy(node),
  });
  const end = sim.now() + 12_000;
  await owners.watch(() => sim.now() >= end);
  if (owners.nodes.length > 1) sim.mark("an owner in each part");
  if (!owners.nodes.includes(first ?? failing())) sim.mark("takeover");
  await sim.settle({
    until: () => {
      owners.check();
      const seen = new Set(sim.alive.map((node) => String(node.global.whereisName(serviceName)?.node)));
      return owners.nodes.length === 1 && seen.size === 1 && seen.has(String(owners.nodes[0]?.name));
    },
  });
  const [client] = sim.alive;
  const found = await filterRemotely(client ?? failing(), {
    items: [1, 2, 3, 4, 5],
    predicate: isOdd,
    timeoutMs: 10_000,
    pieceSize: 2,
  });
  expect(found).toEqual([1, 3, 5]);
}

function failing(): never {
  throw new Error("no node is alive");
}

describe("the takeover of FilterService", () => {
  simTest(
    "GLOBAL-5 leaves one owner per component, whatever happens to nodes, and one in the end that answers",
    {
      runs: Number(process.env["OTP_LONG"] === undefined ? 40 : 1_000),
      timeoutMs: 3_600_000,
      expectMarks: ["takeover", "an owner in each part"],
    },
    takeover,
  );
});
