/** The five races that a simulator of processes must find at least. */
import type { Pid, Process } from "@otp/core";
import { call, type Call, cast, GenServer, noreply, ok, reply, start } from "@otp/genserver";
import type { Simulation } from "@otp/testing";
import { expect } from "vitest";

import { planted } from "./planted.ts";

// A name is looked up, and taken if it is free; in between something takes a moment.

const registry = (isCareful: boolean) => async (sim: Simulation) => {
  const node = await sim.node("a");
  const refused: unknown[] = [];
  const enter = async (self: Process, after: number): Promise<void> => {
    await self.sleep(after);
    if (self.whereis("singleton") !== undefined) return;
    await self.sleep(5);
    try {
      self.register("singleton");
    } catch (error) {
      // That somebody was faster is as good.
      if (!isCareful) refused.push(error);
    }
    await self.sleep(100);
  };
  node.spawn(enter, 10);
  node.spawn(enter, 20);
  await sim.run("toQuiescence");
  expect(refused).toEqual([]);
};

planted("a name that is looked up and then taken", {
  faulty: registry(false),
  mended: registry(true),
  says: /to deeply equal \[\]/u,
  by: /^time</u,
  options: { time: "adversarial" },
});

// Questions are answered by plain messages; who gave up on one takes its answer for that of the next.

async function answerer(self: Process): Promise<void> {
  for (;;) {
    const { from, question } = (await self.receive()) as { from: Pid; question: number };
    self.send<unknown>(from, { answer: question });
  }
}

const lateReply = (isCareful: boolean) => async (sim: Simulation) => {
  const [a, b] = [await sim.node("a"), await sim.node("b")];
  await sim.mesh();
  const server = b.spawn(answerer);
  const got: [number, unknown][] = [];
  const asker = async (self: Process): Promise<void> => {
    for (let question = 1; question <= 6; question += 1) {
      self.send<unknown>(server, { from: self.pid, question });
      const answer = isCareful
        ? await self.receive({ answer: question }, { after: 15 })
        : await self.receive({ after: 15 });
      if (typeof answer !== "symbol") got.push([question, (answer as { answer: number }).answer]);
    }
  };
  const probe = sim.probe(a);
  await probe.expectDown(a.spawn(asker));
  for (const [question, answer] of got)
    expect(`${String(question)} got ${String(answer)}`).toBe(`${String(question)} got ${String(question)}`);
};

planted("a late reply that the next call takes", {
  faulty: lateReply(false),
  mended: lateReply(true),
  says: /expected '\d got \d' to be/u,
  by: /^(?:latency|hold) /u,
  options: { runs: 60 },
});

// A worker elsewhere is watched again after its node came back, and its end then counts twice.

const downTwice = (isCareful: boolean) => async (sim: Simulation) => {
  const [a, b] = [await sim.node("a"), await sim.node("b")];
  await sim.mesh();
  const worker: Pid = b.spawn(async (self: Process) => self.sleep("infinity"));
  let replacements = 0;
  const watcher = a.spawn(async (self: Process) => {
    self.monitorNodes(true);
    let ref = self.monitor(worker);
    for (;;) {
      const message = (await self.receive()) as { type: string; ref?: unknown; reason?: unknown };
      if (message.type === "DOWN") {
        const isOnlyUnreachable = message.reason === "noconnection";
        if (!isCareful || (!isOnlyUnreachable && message.ref === ref)) replacements += 1;
      } else if (message.type === "nodeup") {
        if (isCareful) self.demonitor(ref, { flush: true });
        ref = self.monitor(worker);
      }
    }
  });
  sim.nemesis({ partition: true, everyMs: 1_000, rounds: 4, durations: [4_000] });
  await sim.run({ for: 8_000 });
  await sim.settle({ until: () => a.isProcessAlive(watcher) });
  b.sendExit(worker, "kill");
  await sim.run({ for: 5_000 });
  expect(replacements).toBe(1);
};

planted("a DOWN that comes twice, over a partition and its end", {
  faulty: downTwice(false),
  mended: downTwice(true),
  says: /expected [02-9] to be 1/u,
  by: /^isolate /u,
  options: { runs: 60 },
});

// A cache fills itself with what was read before it was told to forget.

const staleCache = (isCareful: boolean) => async (sim: Simulation) => {
  const node = await sim.node("a");
  const store = node.spawn(async (self: Process) => {
    let value = 1;
    for (;;) {
      const message = (await self.receive()) as { write?: number; read?: Pid };
      if (message.write !== undefined) value = message.write;
      if (message.read !== undefined) self.send<unknown>(message.read, { stored: value });
    }
  });
  const cache = node.spawn(async (self: Process) => {
    let cached: number | undefined;
    let generation = 0;
    let askedIn = 0;
    let waiting: Pid[] = [];
    for (;;) {
      const message = (await self.receive()) as { get?: Pid; stored?: number; forget?: true };
      if (message.forget === true) {
        cached = undefined;
        generation += 1;
      }
      if (message.stored !== undefined) {
        if (!isCareful || askedIn === generation) cached = message.stored;
        for (const client of waiting) self.send<unknown>(client, { value: message.stored });
        waiting = [];
      }
      if (message.get !== undefined) {
        if (cached !== undefined) self.send<unknown>(message.get, { value: cached });
        else {
          waiting.push(message.get);
          askedIn = generation;
          self.send<unknown>(store, { read: self.pid });
        }
      }
    }
  });
  const probe = sim.probe(node);
  node.spawn(async (self: Process) => self.send<unknown>(cache, { get: self.pid }));
  node.spawn(async (self: Process) => {
    await self.sleep(1);
    self.send<unknown>(store, { write: 2 });
    self.send<unknown>(cache, { forget: true });
  });
  await sim.run({ for: 10 });
  node.send<unknown>(cache, { get: probe.pid });
  await probe.assertReceive({ value: 2 });
};

planted("a cache that is filled with what was read before it was told to forget", {
  faulty: staleCache(false),
  mended: staleCache(true),
  says: /expected a message like \{ value: 2 \}/u,
  by: /^(?:hold |time<)/u,
  options: { time: "adversarial" },
});

// Two servers that ask each other while neither answers.

interface Peer {
  call: Call<"ask" | "tell", number>;
  cast: { readonly ask: string };
}

class Careless extends GenServer<string, Peer, string> {
  override init(name: string) {
    return ok(name);
  }
  override handleCall(_request: Peer["call"], _from: unknown, state: string) {
    return reply(1, state);
  }
  override async handleCast({ ask }: { readonly ask: string }, state: string) {
    await call(this.self, ask, { type: "ask" }, 1_000);
    return noreply(state);
  }
}

class Careful extends Careless {
  override async handleCast({ ask }: { readonly ask: string }, state: string) {
    // Not in its own turn: whoever asks it meanwhile gets an answer.
    this.self.spawnLink(async (helper: Process) => void (await call(helper, ask, { type: "ask" }, 1_000)));
    return noreply(state);
  }
}

const deadlock = (Server: typeof Careless) => async (sim: Simulation) => {
  const node = await sim.node("a");
  for (const name of ["one", "two"]) await start(node, Server, name, { name });
  const [one, two] = [node.whereis("one"), node.whereis("two")];
  node.spawn((self: Process) => void cast(self, "one", { ask: "two" }));
  node.spawn(async (self: Process) => {
    for (let turn = 0; turn < 4; turn += 1) await self.receive({ after: 0 });
    cast(self, "two", { ask: "one" });
  });
  await sim.run("toQuiescence");
  expect([one, two].map((pid) => pid !== undefined && node.isProcessAlive(pid))).toEqual([true, true]);
};

planted("two servers that call each other", {
  faulty: deadlock(Careless),
  mended: deadlock(Careful),
  says: /to deeply equal \[ true, true \]/u,
  by: /^hold /u,
});
