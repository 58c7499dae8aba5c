/** What processes cost: memory, and time that must not grow faster than the work. */
import { Node, type Pid, type Process } from "@otp/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

process.env["OTP_LOG"] = "silent";

let node: Node;
beforeEach(async () => {
  node = await Node.start({ isolation: "share" });
});
afterEach(async () => {
  await node.stop();
});

/** Runs `body` as a process and gives what it returns. */
function run<Result>(body: (self: Process) => Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    node.spawn(async (self) => {
      await body(self).then(resolve, reject);
    });
  });
}

/** The time that `act` takes at its best, in ms: what else the machine does only adds to it. */
async function best(times: number, act: () => Promise<void>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let n = 0; n < times; n += 1) {
    const start = performance.now();
    await act();
    least = Math.min(least, performance.now() - start);
  }
  return least;
}

const idle = async (self: Process): Promise<void> => {
  await self.receive();
};

describe("resources", () => {
  it("an idle process is small: 100,000 of them in less than 200 MB", async () => {
    const many = 100_000;
    const before = process.memoryUsage().heapUsed;
    const pids = Array.from({ length: many }, () => node.spawn(idle));
    await run((self) => self.sleep(1));
    const bytes = (process.memoryUsage().heapUsed - before) / many;
    console.log(`${bytes.toFixed(0)} bytes per idle process, garbage included`);
    expect(node.processes().length).toBeGreaterThanOrEqual(many);
    expect(bytes).toBeLessThan(2_000);
    for (const pid of pids) node.sendExit(pid, "kill");
  }, 60_000);

  it("a backlog drains in linear time: a million messages in about four times that of a quarter of them", async () => {
    const drain = (backlog: number): Promise<number> =>
      best(3, async () => {
        await run(async (self) => {
          for (let n = 0; n < backlog; n += 1) self.send(self.pid, n);
          for (let n = 0; n < backlog; n += 1) await self.receive();
        });
      });
    const quarter = await drain(250_000);
    const whole = await drain(1_000_000);
    expect(whole / quarter).toBeLessThan(10);
  }, 120_000);

  it("selective receives over a backlog drain in linear time, too, when they take what is oldest", async () => {
    const drain = (backlog: number): Promise<number> =>
      best(3, async () => {
        await run(async (self) => {
          for (let n = 0; n < backlog; n += 1) self.send(self.pid, { type: "a", n });
          for (let n = 0; n < backlog; n += 1) await self.receive({ type: "a" });
        });
      });
    const quarter = await drain(50_000);
    const whole = await drain(200_000);
    expect(whole / quarter).toBeLessThan(10);
  }, 120_000);

  it("RECV-7 a reply with a fresh ref costs the same behind 100,000 messages as in an empty mailbox", async () => {
    const requests = 2_000;
    const server = node.spawn(async (self: Process<{ from: Pid; ref: unknown }>) => {
      for (;;) {
        const { from, ref } = await self.receive();
        self.send(from, { ref });
      }
    });
    const ask = (backlog: number): Promise<number> =>
      run(async (self) => {
        for (let n = 0; n < backlog; n += 1) self.send(self.pid, { n });
        return best(3, async () => {
          for (let n = 0; n < requests; n += 1) {
            const ref = self.makeRef();
            self.send(server, { from: self.pid, ref });
            await self.receive({ ref });
          }
        });
      });
    const empty = await ask(0);
    const full = await ask(100_000);
    expect(full / empty).toBeLessThan(10);
    node.sendExit(server, "kill");
  }, 60_000);

  it("SYS-2 a behaviour that takes system messages only does not look again at the backlog for each", async () => {
    const kernel = Node.kernelOf(node);
    let looks = 0;
    const handled: unknown[] = [];
    const server = kernel.spawn(
      {
        start: () => undefined,
        handle: (message) => void handled.push(message),
        accepts: (message) => {
          looks += 1;
          return message === "system";
        },
      },
      kernel.root,
    );
    for (let n = 0; n < 1_000; n += 1) {
      node.send(server.pid, n);
      node.send(server.pid, "system");
      if (n % 10 === 0) await run((self) => self.receive({ after: 0 }));
    }
    await run((self) => self.receive({ after: 0 }));
    expect(handled).toHaveLength(1_000);
    expect(looks).toBeLessThan(5_000);
    expect(node.info(server.pid, "messageQueueLen")).toBe(1_000);
    node.sendExit(server.pid, "kill");
  });

  it("LINK-10 a chain of 100,000 links dies in a loop, not in a recursion", async () => {
    const length = 100_000;
    const last = await run(async (self) => {
      self.trapExit = true;
      let reached: (() => void) | undefined;
      const end = new Promise<void>((resolve) => (reached = resolve));
      const chain = async (link: Process, left: number): Promise<void> => {
        if (left === 0) reached?.();
        else link.spawnLink(chain, left - 1);
        await idle(link);
      };
      const head = self.spawnLink(chain, length);
      await end;
      self.sendExit(head, "crash");
      return self.receive();
    });
    expect(last).toMatchObject({ type: "EXIT", reason: "crash" });
    expect(node.processes().length).toBeLessThan(10);
    expect(node.check()).toEqual([]);
  }, 60_000);

  it("100,000 monitors on one process, and 100,000 of one process, go in one sweep", async () => {
    const many = 100_000;
    const downs = await run(async (self) => {
      const target = self.spawn(idle);
      for (let n = 0; n < many; n += 1) self.monitor(target);
      self.sendExit(target, "x");
      return self.flush().length;
    });
    expect(downs).toBe(many);
    const target = node.spawn(idle);
    await run(async (self) => {
      for (let n = 0; n < many; n += 1) self.monitor(target);
    });
    await run((self) => self.sleep(1));
    expect(node.info(target, "monitoredBy")).toEqual([]);
    node.sendExit(target, "kill");
  }, 60_000);

  it("a process that sleeps, waits and asks again and again holds on to nothing", async () => {
    const held = await run(async (self) => {
      for (let n = 0; n < 2_000; n += 1) {
        await self.receive({ after: 0 });
        self.cancelTimer(self.sendAfter(self.pid, "never", 60_000));
        self.demonitor(self.monitor(self.pid));
        self.unalias(self.alias());
        if (n % 100 === 0) await self.sleep(1);
      }
      const kernel = Node.kernelOf(node);
      const { sleepers, aliases, monitors, timers } = kernel.find(self.pid)?.parts ?? {};
      return [
        sleepers?.size ?? 0,
        aliases?.size ?? 0,
        monitors?.size ?? 0,
        timers ?? null,
        kernel.userTimers.size,
        kernel.aliases.size,
        kernel.timers.size,
      ];
    });
    expect(held).toEqual([0, 0, 0, null, 0, 0, 0]);
  });
});
