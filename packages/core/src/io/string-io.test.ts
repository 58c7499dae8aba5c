import { describe, expect, it } from "vitest";

import { Node } from "../node/node.ts";
import type { Process } from "../process/process.ts";
import { ManualRuntime } from "../runtime/manual.ts";
import * as IO from "./io.ts";
import * as StringIO from "./string-io.ts";

describe("I/O in a simulated world", () => {
  it("carries only what can cross to another node, and needs no time", async () => {
    const runtime = new ManualRuntime();
    const node = await Node.start({ runtime, isolation: "copy" });
    const seen: unknown[] = [];
    node.spawn(async (self: Process) => {
      const device = StringIO.open(self, "l1\nl2\n");
      self.groupLeader = device;
      seen.push(await self.io.gets("? "), await IO.read(self, "eof"));
      await IO.inspect(self, { pid: self.pid });
      seen.push(await StringIO.close(self, device));
      seen.push(await self.io.puts("gone").catch((error: unknown) => String(error)));
    });
    await runtime.settle();
    expect(seen).toEqual([
      "l1\n",
      "l2\n",
      { input: "", output: expect.stringMatching(/^\{ pid: #PID<0\.\d+\.0> \}\n$/) },
      expect.stringMatching(/^DeviceError: the device has terminated: #PID/),
    ]);
    expect(runtime.pendingTimers).toBe(0);
    expect(node.check()).toEqual([]);
    await node.stop();
  });
});
