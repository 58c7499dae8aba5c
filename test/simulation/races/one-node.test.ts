/** Races of processes of one node, as they are written every day. */
import type { Pid, Process } from "@otp/core";
import { call, type Call, cast, GenServer, noreply, ok, reply, start, startLink, Supervisor } from "@otp/genserver";
import type { Simulation } from "@otp/testing";
import { expect } from "vitest";

import { planted } from "./planted.ts";

interface Account {
  call:
    | Call<"balance", number>
    | Call<"withdraw", number, { readonly amount: number }>
    | Call<"withdrawIfThere", boolean, { readonly amount: number }>;
  cast: { readonly set: number };
}

class Purse extends GenServer<number, Account> {
  override init() {
    return ok(10);
  }
  override handleCall(request: Account["call"], _from: unknown, balance: number) {
    if (request.type === "balance") return reply(balance, balance);
    if (request.type === "withdraw") return reply(balance - request.amount, balance - request.amount);
    const isThere = balance >= request.amount;
    return reply(isThere, isThere ? balance - request.amount : balance);
  }
  override handleCast({ set }: { readonly set: number }) {
    return noreply(set);
  }
}

/** Lets others go first, that many times. */
async function giveWay(self: Process, turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await self.receive({ after: 0 });
}

const overdraft = (isCareful: boolean) => async (sim: Simulation) => {
  const node = await sim.node("a");
  const purse = await start(node, Purse);
  const buy = async (self: Process, turns: number): Promise<void> => {
    await giveWay(self, turns);
    if (isCareful) await call(self, purse, { type: "withdrawIfThere", amount: 7 });
    else if ((await call(self, purse, { type: "balance" })) >= 7)
      await call(self, purse, { type: "withdraw", amount: 7 });
  };
  node.spawn(buy, 0);
  node.spawn(buy, 5);
  await sim.run("toQuiescence");
  expect(await call(node, purse, { type: "balance" })).toBeGreaterThanOrEqual(0);
};

planted("a balance that is checked before it is spent", {
  faulty: overdraft(false),
  mended: overdraft(true),
  says: /expected -4 to be greater/u,
  by: /^hold /u,
});

const lostUpdate = (isCareful: boolean) => async (sim: Simulation) => {
  const node = await sim.node("a");
  const counter = await start(node, Purse);
  const increment = async (self: Process, turns: number): Promise<void> => {
    await giveWay(self, turns);
    if (isCareful) await call(self, counter, { type: "withdraw", amount: -1 });
    else cast(self, counter, { set: (await call(self, counter, { type: "balance" })) + 1 });
  };
  for (const turns of [0, 4, 8]) node.spawn(increment, turns);
  await sim.run("toQuiescence");
  expect(await call(node, counter, { type: "balance" })).toBe(13);
};

planted("a counter that is read, increased and written", {
  faulty: lostUpdate(false),
  mended: lostUpdate(true),
  says: /expected 1[12] to be 13/u,
  by: /^hold /u,
});

// Who finds a queue empty asks to be woken, but something may have come in between.

const lostWakeup = (isCareful: boolean) => async (sim: Simulation) => {
  const node = await sim.node("a");
  const queue = node.spawn(async (self: Process) => {
    const items: number[] = [];
    let sleeper: Pid | undefined;
    for (;;) {
      const message = (await self.receive()) as { put?: number; look?: Pid; wake?: Pid };
      if (message.put !== undefined) {
        items.push(message.put);
        if (sleeper !== undefined) self.send<unknown>(sleeper, { wakeUp: true });
        sleeper = undefined;
      }
      if (message.look !== undefined) self.send<unknown>(message.look, { item: items.shift() });
      if (message.wake === undefined) continue;
      if (isCareful && items.length > 0) self.send<unknown>(message.wake, { wakeUp: true });
      else sleeper = message.wake;
    }
  });
  const probe = sim.probe(node);
  node.spawn(async (self: Process) => {
    for (;;) {
      self.send<unknown>(queue, { look: self.pid });
      const { item } = (await self.receive((message: unknown) => "item" in Object(message))) as { item?: number };
      if (item !== undefined) self.send<unknown>(probe.pid, { item });
      else {
        self.send<unknown>(queue, { wake: self.pid });
        await self.receive({ wakeUp: true });
      }
    }
  });
  node.spawn(async (self: Process) => {
    await giveWay(self, 6);
    self.send<unknown>(queue, { put: 1 });
  });
  await probe.assertReceive({ item: 1 });
};

planted("a wake-up that comes before the sleep", {
  faulty: lostWakeup(false),
  mended: lostWakeup(true),
  says: /nothing more can come/u,
  by: /^hold /u,
});

// A timer is stopped too late: its message is there already, and is taken for that of the next one.

const staleTimer = (isCareful: boolean) => async (sim: Simulation) => {
  const [a, b] = [await sim.node("a"), await sim.node("b")];
  await sim.mesh();
  const worker: Pid = b.spawn(async (self: Process) => {
    for (;;) {
      const { from, n } = (await self.receive()) as { from: Pid; n: number };
      await self.sleep(30);
      self.send<unknown>(from, { done: n });
    }
  });
  const failed: number[] = [];
  const client = a.spawn(async (self: Process) => {
    for (const n of [1, 2]) {
      const timer = self.startTimer(self.pid, "limit", n === 1 ? 40 : 400);
      self.send<unknown>(worker, { from: self.pid, n });
      const first = (await self.receive((message: unknown) => {
        const { type, ref, done } = Object(message) as { type?: string; ref?: unknown; done?: number };
        return done === n || (type === "timeout" && (!isCareful || ref === timer));
      })) as { type?: string };
      if (first.type === "timeout") failed.push(n);
      // What it does with the result takes a moment.
      await self.sleep(5);
      self.cancelTimer(timer);
    }
  });
  await sim.probe(a).expectDown(client, "normal");
  expect(failed).not.toContain(2);
};

planted("a timeout message of a timer that was stopped too late", {
  faulty: staleTimer(false),
  mended: staleTimer(true),
  says: /to not include 2/u,
  by: /^latency /u,
  options: { runs: 60 },
});

// A server is called while its supervisor starts it again.

interface Delicate {
  call: Call<"ask", number>;
  cast: { readonly crash: true };
}

class Fragile extends GenServer<number, Delicate> {
  static startLink(self: Process) {
    return startLink(self, Fragile, undefined, { name: "fragile" });
  }
  override init() {
    return ok(1);
  }
  override handleCall(_request: { readonly type: "ask" }, _from: unknown, state: number) {
    return reply(state, state);
  }
  override handleCast(_crash: { readonly crash: true }, _state: number): never {
    throw new Error("as it is told");
  }
}

const restarting = (isCareful: boolean) => async (sim: Simulation) => {
  const node = await sim.node("a");
  await Supervisor.start(node, [Fragile], { strategy: "one_for_one" });
  const answers: unknown[] = [];
  const ask = async (self: Process): Promise<void> => {
    await giveWay(self, 8);
    for (let attempt = 1; ; attempt += 1) {
      try {
        answers.push(await call(self, "fragile", { type: "ask" }));
        return;
      } catch (error) {
        if (!isCareful || attempt > 3) throw error;
        await self.sleep(50);
      }
    }
  };
  node.spawn((self: Process) => void cast(self, "fragile", { crash: true }));
  node.spawn(ask);
  await sim.run("toQuiescence");
  expect(answers).toEqual([1]);
};

planted("a call of a server that is being started again", {
  faulty: restarting(false),
  mended: restarting(true),
  says: /to deeply equal \[ 1 \]/u,
  by: /^hold /u,
});
