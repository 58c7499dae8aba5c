import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { IdentityTable } from "../term/identity.ts";
import { Pid } from "../term/pid.ts";
import type { GlobalMessage } from "./global-messages.ts";
import { GlobalNames } from "./global-state.ts";
import type { Conflict } from "./own-names.ts";
import { termKey } from "./term-key.ts";
import { Waits } from "./waits.ts";

interface Member {
  readonly name: string;
  readonly names: GlobalNames;
  readonly waits: Waits<boolean>;
  readonly watched: Set<Pid>;
}

/** One direction of a connection: what is under way, and what its end has yet to be told. */
interface Lane {
  readonly messages: GlobalMessage[];
  status: "down" | "coming" | "up" | "going";
}

const winners = {
  least: ({ mine, other }: Conflict) => (mine.node < other.node ? mine : other),
  other: ({ other }: Conflict) => other,
  none: () => null,
};

/** Nodes whose messages, ups and downs are delivered in an order that the test chooses. */
class World {
  readonly members: Member[];
  readonly alive = new Set<Pid>();
  readonly judged: string[] = [];
  readonly #lanes = new Map<string, Lane>();
  #pids = 0;
  #epoch = 0;
  readonly #table = new IdentityTable("test@localhost", 4);

  constructor(size: number, judge: (conflict: Conflict) => Pid | null = winners.least) {
    this.members = Array.from({ length: size }, (_, at) => this.#member(`${"abcdef".charAt(at)}@host`, judge));
  }

  #member(name: string, judge: (conflict: Conflict) => Pid | null): Member {
    const watched = new Set<Pid>();
    const waits = new Waits<boolean>();
    const names = new GlobalNames(
      {
        self: name,
        send: (node, message) => {
          const lane = this.#lane(name, node);
          if (this.#lane(node, name).status === "up") lane.messages.push(message);
        },
        isAlive: (pid) => this.alive.has(pid),
        watch: (pid) => watched.add(pid),
        unwatch: (pid) => watched.delete(pid),
        judge: (conflict) => {
          this.judged.push(`${this.#epoch} ${String(conflict.name)} ${conflict.mine} ${conflict.other}`);
          return judge(conflict);
        },
        severalNames: () => undefined,
      },
      waits,
    );
    return { name, names, waits, watched };
  }

  /** The lane on which `to` hears `from`. */
  #lane(from: string, to: string): Lane {
    const key = `${from}>${to}`;
    const lane = this.#lanes.get(key) ?? { messages: [], status: "down" };
    this.#lanes.set(key, lane);
    return lane;
  }

  member(at: number): Member {
    return this.members[at % this.members.length] ?? this.#member("none@host", winners.none);
  }

  spawn(member: Member): Pid {
    const pid = new Pid(this.#table.get(member.name, 4), (this.#pids += 1));
    this.alive.add(pid);
    return pid;
  }

  kill(pid: Pid): void {
    if (!this.alive.delete(pid)) return;
    for (const { watched, names } of this.members) if (watched.has(pid)) names.ended(pid);
  }

  connectAll(): void {
    for (const a of this.members) {
      for (const b of this.members) {
        const lanes = [this.#lane(a.name, b.name), this.#lane(b.name, a.name)];
        if (a === b || lanes.some(({ status }) => status !== "down")) continue;
        this.#epoch += 1;
        for (const lane of lanes) lane.status = "coming";
      }
    }
  }

  split(mask: number): void {
    for (const [i, a] of this.members.entries()) {
      for (const [j, b] of this.members.entries()) {
        const lanes = [this.#lane(a.name, b.name), this.#lane(b.name, a.name)];
        if (((mask >> i) & 1) === ((mask >> j) & 1) || lanes.some(({ status }) => /down|going/.test(status))) continue;
        for (const lane of lanes) lane.messages.length = 0;
        for (const lane of lanes) lane.status = lane.status === "coming" ? "down" : "going";
      }
    }
  }

  /** Delivers one thing on one of the lanes that have something; false when none has. */
  step(choice: number): boolean {
    const ready = this.members.flatMap((from) =>
      this.members.flatMap((to) => {
        const lane = this.#lane(from.name, to.name);
        const isReady = lane.status === "coming" || lane.status === "going" || lane.messages.length > 0;
        return isReady && from !== to ? [{ from, to, lane }] : [];
      }),
    );
    const chosen = ready[choice % Math.max(1, ready.length)];
    if (chosen === undefined) return false;
    const { from, to, lane } = chosen;
    if (lane.status === "coming") {
      lane.status = "up";
      to.names.up(from.name);
    } else if (lane.status === "going") {
      lane.status = "down";
      to.names.down(from.name);
    } else if (lane.status === "up") {
      const message = lane.messages.shift();
      if (message !== undefined) to.names.receive(from.name, message);
    } else lane.messages.length = 0;
    return true;
  }

  drain(random: () => number): void {
    let steps = 0;
    while (this.step(random())) expect((steps += 1)).toBeLessThan(100_000);
  }

  found(name: string): (Pid | undefined)[] {
    return this.members.map(({ names }) => names.table.find(termKey(name)));
  }
}

const order = (name: string, pid: Pid, replace = false) => ({ key: termKey(name), name, pid, resolver: null, replace });

const action = fc.record({
  kind: fc.constantFrom("register", "register", "reRegister", "unregister", "kill", "split", "heal", "step", "sync"),
  at: fc.nat(3),
  home: fc.nat(3),
  name: fc.constantFrom("x", "y"),
  many: fc.nat(12),
  choice: fc.nat(1000),
});

type Action = typeof action extends fc.Arbitrary<infer Value> ? Value : never;

/** Does one thing to the world; `open` counts the answers that are due. */
function perform(world: World, doing: Action, open: { count: number }): void {
  const member = world.member(doing.at);
  const closed = (): void => {
    open.count -= 1;
  };
  switch (doing.kind) {
    case "register":
    case "reRegister":
      open.count += 1;
      member.names.register(
        order(doing.name, world.spawn(world.member(doing.home)), doing.kind === "reRegister"),
        closed,
      );
      break;
    case "unregister":
      open.count += 1;
      member.names.unregister(order(doing.name, world.spawn(member)), closed);
      break;
    case "kill": {
      const victim = [...world.alive][doing.choice % Math.max(1, world.alive.size)];
      if (victim !== undefined) world.kill(victim);
      break;
    }
    case "split":
      world.split(doing.choice);
      break;
    case "heal":
      world.connectAll();
      break;
    case "sync":
      open.count += 1;
      member.names.sync(closed);
      break;
    case "step":
      break;
  }
  for (let step = 0; step < doing.many; step += 1) world.step(doing.choice + step * 7);
}

/** Registers, and finds the name everywhere when that is done, unless it has been freed before. */
function beginAndCheck(world: World, { at, home, name, many, choice }: Action): void {
  const pid = world.spawn(world.member(home));
  world.member(at).names.register(order(name, pid), (isYes) => {
    const has = isYes && world.alive.has(pid) && world.member(home).names.table.find(termKey(name)) === pid;
    if (has && world.member(home) === world.member(at)) expect(new Set(world.found(name)).size).toBe(1);
  });
  for (let step = 0; step < many; step += 1) world.step(choice + step * 7);
}

describe("D4 global names between nodes", () => {
  it.each(["least", "other", "none"] as const)(
    "GLOBAL-5 agree everywhere once all nodes are together again (%s wins)",
    (winner) => {
      fc.assert(
        fc.property(fc.array(action, { maxLength: 60 }), fc.infiniteStream(fc.nat(1000)), (actions, chance) => {
          const world = new World(4, winners[winner]);
          const random = (): number => chance.next().value ?? 0;
          const open = { count: 0 };
          world.connectAll();
          world.drain(random);
          for (const doing of actions) perform(world, doing, open);
          world.drain(random);
          world.connectAll();
          world.drain(random);
          for (const name of ["x", "y"]) {
            const found = world.found(name);
            expect(new Set(found).size).toBe(1);
            const [owner] = found;
            if (owner !== undefined) expect(world.alive.has(owner)).toBe(true);
          }
          for (const { names, waits, watched } of world.members) {
            expect(names.table.contested).toBe(0);
            expect(waits.size).toBe(0);
            for (const pid of watched) expect(names.table.claims(pid)).not.toEqual([]);
          }
          expect(open.count).toBe(0);
          expect(new Set(world.judged).size).toBe(world.judged.length);
        }),
        { numRuns: 300 },
      );
    },
  );

  it("GLOBAL-4 give a free name to exactly one of those that claim it at once", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(3), { minLength: 1, maxLength: 8 }),
        fc.infiniteStream(fc.nat(1000)),
        (homes, chance) => {
          const world = new World(4);
          const random = (): number => chance.next().value ?? 0;
          world.connectAll();
          world.drain(random);
          const winners: Pid[] = [];
          for (const home of homes) {
            const pid = world.spawn(world.member(home));
            world.member(random()).names.register(order("x", pid), (isYes) => {
              if (!isYes) return;
              winners.push(pid);
              // Complete means: known to every node by now.
              for (const { names } of world.members) {
                expect(names.table.find(termKey("x"))).toBe(pid);
              }
            });
            for (let step = random() % 5; step > 0; step -= 1) world.step(random());
          }
          world.drain(random);
          expect(winners).toHaveLength(1);
          expect(world.found("x")).toEqual(world.members.map(() => winners[0]));
        },
      ),
      { numRuns: 300 },
    );
  });

  it("GLOBAL-4 make a name that is given known everywhere, whatever else goes on in a cluster that stays together", () => {
    const calm = action.filter(({ kind }) => !["split", "heal", "reRegister"].includes(kind));
    fc.assert(
      fc.property(fc.array(calm, { maxLength: 60 }), fc.infiniteStream(fc.nat(1000)), (actions, chance) => {
        const world = new World(4);
        const random = (): number => chance.next().value ?? 0;
        world.connectAll();
        world.drain(random);
        for (const doing of actions) {
          if (doing.kind !== "register") perform(world, doing, { count: 0 });
          else beginAndCheck(world, doing);
        }
        world.drain(random);
        expect(world.judged).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
