/** Chapters 4 and 5 between nodes: links and monitors that cross each other, connections that end, reasons that cannot cross. */
import type { Node, Pid, Process } from "@otp/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { nothing } from "../fixtures/node-functions.ts";
import { cluster, inProcess, pair, until } from "../support/clusters.ts";
import { waits, waitsTrapping } from "./world.ts";

/** Waits until everything that was sent between the two has arrived, there and back. */
async function quiet(one: Node, two: Node): Promise<void> {
  for (let n = 0; n < 2; n += 1) {
    await one.rpc.call(two.name, nothing, []);
    await two.rpc.call(one.name, nothing, []);
  }
}

const linksOf = (node: Node, pid: Pid): string[] =>
  (node.info(pid, "links") ?? []).map(({ node, number }) => `${node} ${number}`);

describe("links between nodes", () => {
  it("LINK-3 after unlink no EXIT of that link comes, though the other had ended before it knew", async () => {
    const [one, two] = await pair();
    const far = two.spawn(waits);
    const got = await inProcess(one, async (self) => {
      self.trapExit = true;
      self.link(far);
      await quiet(one, two);
      two.sendExit(far, "ends on its own node");
      self.unlink(far);
      await quiet(one, two);
      return self.flush();
    });
    expect(got).toEqual([]);
    expect([...one.check(), ...two.check()]).toEqual([]);
  });

  it("LINK-4 unlink followed by link works, however quickly repeated: one death, one EXIT", async () => {
    const [one, two] = await pair();
    const far = two.spawn(waits);
    const got = await inProcess(one, async (self) => {
      self.trapExit = true;
      for (let n = 0; n < 200; n += 1) {
        self.link(far);
        if (n % 7 === 0) self.link(far);
        if (n < 199) self.unlink(far);
        if (n % 50 === 0) await quiet(one, two);
      }
      await quiet(one, two);
      expect(linksOf(two, far)).toEqual([`${one.name} ${self.pid.number}`]);
      two.sendExit(far, "over");
      await quiet(one, two);
      return self.flush().map((message) => (message as { reason: unknown }).reason);
    });
    expect(got).toEqual(["over"]);
  });

  it("K4 links that both sides make and take at once are symmetric when everything has arrived", async () => {
    const [one, two] = await pair();
    const step = fc.record({
      side: fc.boolean(),
      do: fc.constantFrom("link" as const, "unlink" as const),
      wait: fc.nat(3),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (program) => {
        const hands = new Map<string, Process>();
        const hold = async (self: Process): Promise<void> => {
          hands.set(self.pid.node, self);
          await waitsTrapping(self);
        };
        one.spawn(hold);
        two.spawn(hold);
        await until(() => hands.size === 2);
        const [a, b] = [hands.get(one.name), hands.get(two.name)];
        if (a === undefined || b === undefined) throw new Error("the two processes are not there");
        for (const { side, do: act, wait } of program) {
          if (side) a[act](b.pid);
          else b[act](a.pid);
          for (let n = 0; n < wait; n += 1) await Promise.resolve();
        }
        await quiet(one, two);
        expect([...one.check(), ...two.check()]).toEqual([]);
        const isLinked = [linksOf(one, a.pid).length === 1, linksOf(two, b.pid).length === 1];
        expect(isLinked[0]).toBe(isLinked[1]);
        two.sendExit(b.pid, "kill");
        await quiet(one, two);
        expect(a.flush()).toHaveLength(isLinked[0] === true ? 1 : 0);
        one.sendExit(a.pid, "kill");
      }),
      { numRuns: 40 },
    );
  });

  it("LINK-11 LINK-12 losing the connection is one EXIT to each side, and the links are gone", async () => {
    const [one, two] = await pair();
    const hands: Process[] = [];
    const far = two.spawn(async (self) => {
      hands.push(self);
      await waitsTrapping(self);
    });
    const got = await inProcess(one, async (self) => {
      self.trapExit = true;
      self.link(far);
      await quiet(one, two);
      await one.disconnect(two.name);
      const message = await self.receive();
      await until(() => (two.info(far, "messageQueueLen") ?? 0) > 0);
      expect([one.info(self.pid, "links"), two.info(far, "links")]).toEqual([[], []]);
      return [message, ...(hands[0]?.flush() ?? [])];
    });
    expect(got).toMatchObject([
      { type: "EXIT", reason: "noconnection" },
      { type: "EXIT", reason: "noconnection" },
    ]);
    expect(two.isProcessAlive(far)).toBe(true);
  });

  it("LINK-13 a pid of an earlier start of its node counts as dead", async () => {
    const world = await cluster();
    const { node: one } = await world.start("one@host");
    const { node: first } = await world.start("two@host");
    const old = first.spawn(waits);
    expect(await one.connect(first.name)).toBe(true);
    await first.stop();
    await until(() => one.list().length === 0);
    const { node: second } = await world.start("two@host");
    // The same number again, in another incarnation.
    second.spawn(waits);
    const got = await inProcess(one, async (self) => {
      self.trapExit = true;
      expect(await one.connect(second.name)).toBe(true);
      self.link(old);
      return self.receive();
    });
    expect(got).toMatchObject({ type: "EXIT", reason: "noproc" });
    expect(String((got as { from: Pid }).from)).toBe(`#PID<two@host.${old.number}.0>`);
    expect([...one.check(), ...second.check()]).toEqual([]);
  });

  it("EXIT-14 a reason that cannot cross is told in words, and everybody hears of the end (K9)", async () => {
    const [one, two] = await pair();
    const far = two.spawn(async (self) => {
      await self.receive();
      self.exit({ closure: () => 1 });
    });
    const got = await inProcess(one, async (self) => {
      self.trapExit = true;
      self.link(far);
      const ref = self.monitor(far);
      self.monitor(far);
      await quiet(one, two);
      self.send(far, "go");
      const downs = [await self.receive({ type: "DOWN", ref }), await self.receive({ type: "DOWN" })];
      return [...downs, await self.receive({ type: "EXIT" })];
    });
    for (const message of got) expect(message["reason"]).toContain("closure");
    expect([...one.check(), ...two.check()]).toEqual([]);
  });

  it("JS-7 a pid that code carries to another node by hand is the same process there, and back home", async () => {
    const [one, two] = await pair();
    const echoing = two.spawn(async (self: Process<{ from: Pid; pid: Pid }>) => {
      for (;;) {
        const { from, pid } = await self.receive();
        self.send(from, pid);
      }
    });
    const got = await inProcess(one, async (self) => {
      self.send<unknown>(echoing, { from: self.pid, pid: self.pid });
      return [self.pid, await self.receive()];
    });
    expect(got[1]).toBe(got[0]);
  });
});
