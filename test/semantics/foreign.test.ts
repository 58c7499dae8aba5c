/** Pids and refs that code carries by hand from one node of a program to another. */
import { Node } from "@otp/core";
import { ManualRuntime } from "@otp/core/runtime";
import { describe, expect, it } from "vitest";

import { arrivals, waits } from "./world.ts";

describe("pids of another node in the same program", () => {
  it("JS-7 are strangers that have ended, never the own process of the same number", async () => {
    process.env["OTP_LOG"] = "silent";
    const runtime = new ManualRuntime();
    const [one, two] = [await Node.start({ runtime }), await Node.start({ runtime })];
    const theirs = Array.from({ length: 3 }, () => two.spawn(waits));
    const seen: unknown[] = [];
    one.spawn(async (self) => {
      self.trapExit = true;
      const [a] = theirs;
      if (a === undefined) return;
      seen.push(self.send(a, "hello"), self.sendExit(a, "kill"), self.link(a), one.isProcessAlive(a));
      self.monitor(a);
      seen.push(...(await arrivals(self)).map((message) => (message as { reason: unknown }).reason));
      self.spawn(async (p) => {
        seen.push(String(a) === String(p.pid));
      });
    });
    await runtime.advance(1_000);
    expect(seen).toEqual(["hello", true, true, false, "noproc", "noproc", false]);
    expect(theirs.every((pid) => two.isProcessAlive(pid))).toBe(true);
    expect(two.info(theirs[0] ?? one.spawn(waits), "messages")).toEqual([]);
    expect([...one.check(), ...two.check()]).toEqual([]);
    await one.stop();
    await two.stop();
  });
});
