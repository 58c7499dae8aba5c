/** Races of clusters: what goes wrong when nodes are slow, apart, or gone. */
import type { Node, Pid, Process } from "@otp/core";
import type { Simulation } from "@otp/testing";
import { expect } from "vitest";

import { planted } from "./planted.ts";

/** What a message has, if it has it. */
function field(message: unknown, name: string): unknown {
  return typeof message === "object" && message !== null ? Reflect.get(message, name) : undefined;
}

// A reply goes to a name, and whoever is to have it may not have the name yet.

const lostReply = (isCareful: boolean) => async (sim: Simulation) => {
  const node = await sim.node("a");
  const probe = sim.probe(node);
  const server = node.spawn(async (self: Process) => {
    for (;;) {
      const to = field(await self.receive(), "to");
      const target = typeof to === "string" ? self.whereis(to) : undefined;
      if (target !== undefined) self.send<unknown>(target, { reply: true });
    }
  });
  node.spawn(async (self: Process) => {
    if (isCareful) self.register("client");
    // Some helper gives the name, since that is how it was found.
    else self.spawn((helper: Process) => void helper.register("client", self.pid));
    await self.receive({ after: 0 });
    await self.receive({ after: 0 });
    self.send<unknown>(server, { to: "client" });
    self.send<unknown>(probe.pid, await self.receive({ reply: true }));
  });
  await probe.assertReceive({ reply: true });
};

planted("a reply to a name that is not given yet", {
  faulty: lostReply(false),
  mended: lostReply(true),
  says: /nothing more can come/u,
  by: /^hold /u,
});

// A standby takes over with what it was told so far, which may not be all that was acknowledged.

const takeover = (isCareful: boolean) => async (sim: Simulation) => {
  const [a, b, c] = [await sim.node("a"), await sim.node("b"), await sim.node("c")];
  await sim.mesh();
  const copy = { value: 0 };
  const standby = b.spawn(async (self: Process) => {
    for (;;) {
      const message = await self.receive();
      copy.value = Number(field(message, "value"));
      const from = field(message, "from");
      if (isCareful) self.send<unknown>(from as Pid, { copied: copy.value });
    }
  });
  const primary = a.spawn(async (self: Process) => {
    for (;;) {
      const message = await self.receive();
      self.send<unknown>(standby, { value: field(message, "write"), from: self.pid });
      if (isCareful) await self.receive({ copied: Number(field(message, "write")) });
      self.send<unknown>(field(message, "from") as Pid, { written: field(message, "write") });
    }
  });
  const probe = sim.probe(c);
  c.send<unknown>(primary, { write: 7, from: probe.pid });
  await probe.assertReceive({ written: 7 });
  await sim.run({ for: 4 });
  sim.crash(a);
  await sim.run({ for: 10_000 });
  expect(copy.value).toBe(7);
};

planted("a standby that has not heard of what was acknowledged", {
  faulty: takeover(false),
  mended: takeover(true),
  says: /expected \+?0 to be 7/u,
  by: /^(?:lose|latency) /u,
  options: { runs: 60, weather: { loss: 0.1 } },
});

// A job whose worker cannot be reached is given to another one, and the first one has done it as well.

const twice = (isCareful: boolean) => async (sim: Simulation) => {
  const [a, b, c] = [await sim.node("a"), await sim.node("b"), await sim.node("c")];
  await sim.mesh();
  const done: string[] = [];
  const worker = (where: Node): Pid =>
    where.spawn(async (self: Process) => {
      for (;;) {
        const job = await self.receive();
        await self.sleep(2_000);
        if (!isCareful) done.push(where.name);
        else {
          // Asks whether it still has the job: what it may not do, it does not do.
          self.send<unknown>(field(job, "from") as Pid, { mayI: self.pid });
          if ((await self.receive({ yes: true }, { after: 1_000 })) !== undefined) continue;
        }
        self.send<unknown>(field(job, "from") as Pid, { done: true });
      }
    });
  const workers = [worker(b), worker(c)];
  a.spawn(async (self: Process) => {
    for (const pid of workers) {
      const ref = self.monitor(pid);
      self.send<unknown>(pid, { from: self.pid });
      const message = await self.receive(
        (some: unknown) =>
          field(some, "ref") === ref || field(some, "done") === true || field(some, "mayI") !== undefined,
      );
      if (field(message, "mayI") !== undefined) done.push("permitted");
      if (field(message, "type") !== "DOWN") return;
    }
  });
  sim.nemesis({ partition: true, everyMs: 500, rounds: 3, durations: [4_000] });
  await sim.run({ for: 12_000 });
  await sim.settle({ until: () => true });
  expect(done.length).toBeLessThanOrEqual(1);
};

planted("a job that is done twice, since its worker was only out of reach", {
  faulty: twice(false),
  mended: twice(true),
  says: /expected 2 to be less than or equal to 1/u,
  by: /^(?:isolate|latency) /u,
  options: { runs: 60 },
});

// Who sees no greater node leads: on both sides of a partition somebody does.

const leaders = (isCareful: boolean) => async (sim: Simulation) => {
  const nodes = [await sim.node("a"), await sim.node("b"), await sim.node("c")];
  await sim.mesh();
  // Since when each would lead.
  const since = new Map<Node, number>(nodes.map((node) => [node, -10_000]));
  const leading = (node: Node): boolean => {
    const seen = [node.name, ...node.list()];
    const isFirst = seen.every((name) => name <= node.name);
    if (!isCareful) return isFirst;
    if (!isFirst || seen.length * 2 <= nodes.length) since.set(node, sim.now());
    // With a majority, and not before the other side must have found out.
    return sim.now() - (since.get(node) ?? 0) > 3_000;
  };
  let most = 0;
  sim.nemesis({ partition: true, everyMs: 500, rounds: 3, durations: [1_000, 6_000] });
  for (let look = 0; look < 60; look += 1) {
    await sim.run({ for: 100 });
    most = Math.max(most, nodes.filter(leading).length);
  }
  expect(most).toBeLessThanOrEqual(1);
};

planted("two leaders, one on each side of a partition", {
  faulty: leaders(false),
  mended: leaders(true),
  says: /expected 2 to be less than or equal to 1/u,
  by: /^isolate /u,
  options: { runs: 60 },
});

// Whoever hears nothing asks again, and what is asked twice is done twice.

const retried = (isCareful: boolean) => async (sim: Simulation) => {
  const [a, b] = [await sim.node("a"), await sim.node("b")];
  await sim.mesh();
  const orders: unknown[] = [];
  const shop = b.spawn(async (self: Process) => {
    const seen = new Set<unknown>();
    for (;;) {
      const message = await self.receive();
      const key = field(message, "key");
      if (!isCareful || !seen.has(key)) orders.push(key);
      seen.add(key);
      self.send<unknown>(field(message, "from") as Pid, { ordered: true });
    }
  });
  const client = a.spawn(async (self: Process) => {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      self.send<unknown>(shop, { from: self.pid, key: "book" });
      if (typeof (await self.receive({ ordered: true }, { after: 150 })) !== "symbol") return;
    }
  });
  await sim.probe(a).expectDown(client);
  await sim.run({ for: 5_000 });
  expect(orders.length).toBeLessThanOrEqual(1);
};

planted("an order that is sent again since nobody answered in time", {
  faulty: retried(false),
  mended: retried(true),
  says: /expected [23] to be less than or equal to 1/u,
  by: /^latency /u,
  options: { time: "bounded", runs: 60 },
});
