import { pino } from "pino";
import { describe, expect, it } from "vitest";

import { Node } from "../node/node.ts";
import type { Process } from "../process/process.ts";
import type { Pid } from "../term/pid.ts";
import * as IO from "./io.ts";
import * as StringIO from "./string-io.ts";

const logger = pino({ level: "silent" });

async function inProcess<Result>(body: (self: Process) => Promise<Result>): Promise<Result> {
  await using node = await Node.start({ logger });
  return await new Promise<Result>((resolve, reject) => {
    node.spawn((self: Process) => body(self).then(resolve, reject));
  });
}

async function deadProcess(self: Process): Promise<Pid> {
  const { pid, ref } = self.spawnMonitor(() => undefined);
  await self.receive({ type: "DOWN", ref });
  return pid;
}

describe("a client of a device", () => {
  it("may receive messages while its output is under way (JS-11)", async () => {
    await inProcess(async (self) => {
      const device = StringIO.open(self);
      const writes = [IO.write(self, device, "a"), IO.write(self, device, "b")];
      self.send(self.pid, "message");
      expect(await self.receive()).toBe("message");
      await Promise.all(writes);
      expect(await StringIO.flush(self, device)).toBe("ab");
    });
  });

  it("ends, and not the program, when output that nobody waits for fails (JS-9)", async () => {
    await inProcess(async (self) => {
      const dead = await deadProcess(self);
      const { ref } = self.spawnMonitor(async (child) => {
        child.groupLeader = dead;
        void child.io.puts("lost");
        await child.receive();
      });
      expect(await self.receive({ type: "DOWN", ref })).toMatchObject({ reason: "terminated" });
      const dying = self.spawn((it) => it.receive());
      const second = self.spawnMonitor(async (child) => {
        void IO.puts(child, dying, "lost too");
        await child.receive();
      });
      expect(await self.receive({ type: "DOWN", ref: second.ref })).toMatchObject({ reason: "terminated" });
    });
  });

  it("may catch what went wrong", async () => {
    await inProcess(async (self) => {
      self.groupLeader = await deadProcess(self);
      await expect(self.io.gets()).rejects.toMatchObject({ code: "device", reason: "terminated" });
      await expect(self.io.write("x").catch((error: unknown) => error)).resolves.toMatchObject({ code: "device" });
      expect(self.node.info(self.pid, "monitors")).toEqual([]);
    });
  });

  it("is watched by the device's end only while it waits", async () => {
    await inProcess(async (self) => {
      const device = StringIO.open(self);
      await IO.puts(self, device, "x");
      expect(self.node.info(device, "monitoredBy")).toEqual([]);
      expect(self.node.check()).toEqual([]);
    });
  });

  it("needs no process where the device is on this node, and says so where it is not", async () => {
    await using node = await Node.start({ logger });
    const device = StringIO.open(node, "in");
    await IO.puts(device, "out");
    expect(await StringIO.close(node, device)).toEqual({ input: "in", output: "out\n" });
    await expect(IO.puts(device, "more")).rejects.toMatchObject({ reason: "terminated" });
    // @ts-expect-error -- not a context
    await expect(async () => IO.puts("user", "x")).rejects.toThrow(/expected a process, a node or a device's pid/);
    // @ts-expect-error -- not text
    await expect(async () => IO.puts(node, 5)).rejects.toThrow(/expected text as a string. Got: 5/);
  });
});
