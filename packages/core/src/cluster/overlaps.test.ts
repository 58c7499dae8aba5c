import fc from "fast-check";
import { pino } from "pino";
import { describe, expect, it } from "vitest";

import type { PartitionPolicy } from "./cluster-host.ts";
import { Overlaps } from "./overlaps.ts";

const creation = 7;

interface Member {
  readonly name: string;
  readonly overlaps: Overlaps;
  readonly peers: Set<string>;
}

/** Nodes whose messages and losses are delivered in an order that the test chooses. */
class World {
  readonly members: readonly Member[];
  readonly log: string[] = [];
  sent = 0;
  readonly #lanes = new Map<string, { queue: ("end" | object)[] }>();
  readonly #turns: (() => void)[] = [];

  constructor(size: number, partitions: PartitionPolicy = "prevented") {
    this.members = Array.from({ length: size }, (_, at) => this.#member(`${String(at)}@host`, partitions));
    for (const a of this.members) {
      for (const b of this.members) if (a !== b) this.#up(a, b);
    }
  }

  #member(name: string, partitions: PartitionPolicy): Member {
    const peers = new Set<string>();
    const write = (line: string): void => {
      const { msg } = JSON.parse(line) as { readonly msg: string };
      this.log.push(msg);
    };
    const overlaps = new Overlaps({
      kernel: { own: { name, creation } },
      soon: (run) => void this.#turns.push(run),
      log: pino({ level: "info" }, { write }),
      send: (node, _service, message) => {
        this.sent += 1;
        if (peers.has(node) && typeof message === "object" && message !== null)
          this.#lane(name, node).queue.push(message);
      },
      disconnect: (node) => this.disconnect(name, node),
      creationOf: () => creation,
      partitions: () => partitions,
    });
    return { name, overlaps, peers };
  }

  #lane(from: string, to: string): { queue: ("end" | object)[] } {
    const lane = this.#lanes.get(`${from}>${to}`) ?? { queue: [] };
    this.#lanes.set(`${from}>${to}`, lane);
    return lane;
  }

  #up(member: Member, other: Member): void {
    member.peers.add(other.name);
    member.overlaps.up(other.name);
  }

  find(name: string): Member {
    const member = this.members.find((each) => each.name === name);
    if (member === undefined) throw new Error("no such node");
    return member;
  }

  /** One side ends the connection; the other hears of it behind what was said before. */
  disconnect(from: string, to: string): void {
    if (!this.find(from).peers.delete(to)) return;
    this.#lane(to, from).queue = [];
    this.#lane(from, to).queue.push("end");
    this.find(from).overlaps.down(to);
  }

  /** The connection breaks: what is under way is lost, and both sides notice some time. */
  cut(a: string, b: string): void {
    if (!this.find(a).peers.has(b) || !this.find(b).peers.has(a)) return;
    this.#lane(a, b).queue = ["end"];
    this.#lane(b, a).queue = ["end"];
  }

  connect(a: string, b: string): void {
    if (this.find(a).peers.has(b) || this.find(b).peers.has(a)) return;
    this.#lane(a, b).queue = [];
    this.#lane(b, a).queue = [];
    this.#up(this.find(a), this.find(b));
    this.#up(this.find(b), this.find(a));
  }

  /** Something that is due happens; false when nothing is. */
  step(choice: number): boolean {
    const lanes = [...this.#lanes].filter(([, { queue }]) => queue.length > 0);
    const at = choice % Math.max(1, lanes.length + this.#turns.length);
    const turn = at < lanes.length ? undefined : this.#turns.splice(at - lanes.length, 1)[0];
    turn?.();
    const [key, lane] = lanes[at] ?? [];
    const [from = "", to = ""] = key?.split(">") ?? [];
    const message = lane?.queue.shift();
    if (message === undefined) return turn !== undefined;
    const { overlaps, peers } = this.find(to);
    if (message !== "end") {
      if (peers.has(from)) overlaps.receive(from, message);
    } else if (peers.delete(from)) overlaps.down(from);
    return true;
  }

  drain(choose: () => number = () => 0): void {
    for (let steps = 0; this.step(choose()); steps += 1) expect(steps).toBeLessThan(100_000);
  }

  lists(): string[][] {
    return this.members.map(({ peers }) => [...peers].toSorted());
  }
}

describe("NODE-8 partitions", () => {
  it("do not overlap, whatever is lost in whatever order", () => {
    const loss = fc.record({ a: fc.nat(4), b: fc.nat(4), isCut: fc.boolean(), steps: fc.nat(6) });
    fc.assert(
      fc.property(fc.array(loss, { maxLength: 6 }), fc.infiniteStream(fc.nat(1000)), (losses, chance) => {
        const world = new World(5);
        const choose = (): number => chance.next().value ?? 0;
        for (const { a, b, isCut, steps } of losses) {
          if (a !== b && isCut) world.cut(`${String(a)}@host`, `${String(b)}@host`);
          else if (a !== b) world.disconnect(`${String(a)}@host`, `${String(b)}@host`);
          for (let step = 0; step < steps; step += 1) world.step(choose());
        }
        world.drain(choose);
        // Whoever is connected to one of a part is connected to all of it.
        for (const { name, peers } of world.members) {
          const part = [name, ...peers].toSorted();
          for (const peer of peers) expect([peer, ...world.find(peer).peers].toSorted()).toEqual(part);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("cost each node a message to each other at most, and are quiet about the dead", () => {
    const world = new World(40);
    for (let at = 1; at < 40; at += 1) world.cut("0@host", `${String(at)}@host`);
    world.drain();
    expect(world.lists()[0]).toEqual([]);
    expect(
      world
        .lists()
        .slice(1)
        .map(({ length }) => length),
    ).toEqual(Array.from({ length: 39 }, () => 38));
    expect(world.sent).toBeLessThanOrEqual(39 * 39);
    expect(world.log).toEqual([]);
  });

  it("may overlap where that is allowed, but who is asked to go goes", () => {
    const world = new World(3, "allowed");
    world.disconnect("0@host", "1@host");
    world.drain();
    expect(world.lists()).toEqual([["2@host"], ["2@host"], ["0@host", "1@host"]]);
    world.find("2@host").overlaps.receive("0@host", { type: "remove" });
    world.drain();
    expect(world.lists()).toEqual([[], ["2@host"], ["1@host"]]);
  });

  it("are told once, and of one incarnation; what comes late separates nobody", () => {
    const world = new World(3);
    const { overlaps, peers } = world.find("0@host");
    const lost = { type: "lost", by: "9@host", creation, serial: 1, nodes: [["1@host", creation]] };
    overlaps.receive("2@host", { ...lost, nodes: [["1@host", creation + 1]] });
    overlaps.receive("2@host", { ...lost, serial: 2, by: "1@host" });
    overlaps.receive("2@host", { ...lost, serial: 2, by: "0@host" });
    overlaps.receive("8@host", { ...lost, serial: 2 });
    world.drain();
    expect(peers.size).toBe(2);
    overlaps.receive("2@host", { ...lost, serial: 2 });
    world.drain();
    expect([...peers]).toEqual(["2@host"]);
    world.connect("0@host", "1@host");
    overlaps.receive("2@host", { ...lost, serial: 2 });
    world.drain();
    expect(peers.size).toBe(2);
    overlaps.receive("2@host", { ...lost, serial: 1, creation: creation + 1 });
    world.drain();
    expect([...peers]).toEqual(["2@host"]);
    expect(world.log).toHaveLength(4);
  });

  it("are nothing that can be claimed to have been left", () => {
    const world = new World(2);
    const { overlaps } = world.find("0@host");
    overlaps.receive("1@host", { type: "removed" });
    overlaps.receive("1@host", { type: "remove", more: 1 });
    overlaps.receive("1@host", { type: "removed" });
    expect(world.log).toEqual([
      "'global' at node 0@host disconnected node 1@host in order to prevent overlapping partitions",
    ]);
  });

  it("are told of each loss in a moment of its own, also when an earlier one had to be told before its time", () => {
    const moments: (() => void)[] = [];
    const told: string[] = [];
    const overlaps = new Overlaps({
      kernel: { own: { name: "0@host", creation } },
      soon: (run) => void moments.push(run),
      log: pino({ level: "silent" }),
      send: (node, _service, message) => void told.push(`${node} ${JSON.stringify(message)}`),
      disconnect: (node) => overlaps.down(node),
      creationOf: () => creation,
      partitions: () => "prevented",
    });
    for (const node of ["1@host", "2@host", "3@host", "4@host"]) overlaps.up(node);
    const lost = (serial: number, node: string): string =>
      `4@host ${JSON.stringify({ type: "lost", by: "0@host", creation, serial, nodes: [[node, creation]] })}`;
    overlaps.down("1@host");
    overlaps.receive("2@host", { type: "remove" });
    expect(told).toContain(lost(1, "1@host"));
    overlaps.down("3@host");
    const [early, due] = moments;
    early?.();
    expect(told).not.toContain(lost(2, "3@host"));
    due?.();
    expect(told).toContain(lost(2, "3@host"));
  });
});
