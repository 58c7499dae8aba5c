/** Random programs of processes, played on a node and on a naive model of it; after each step both worlds must be equal. */
import { Node } from "@otp/core";
import { ManualRuntime } from "@otp/core/runtime";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { programs } from "./process-steps.ts";
import { Stage } from "./stage.ts";

process.env["OTP_LOG"] = "silent";

describe.each(["freeze", "copy"] as const)(
  "K1 K2 K3 K4 K5 K6 K7 K8 K9 T1 random programs, isolation %s",
  (isolation) => {
    it("do to processes what they do to the naive model", async () => {
      await fc.assert(
        fc.asyncProperty(programs, async (program) => {
          const runtime = new ManualRuntime();
          const node = await Node.start({ runtime, isolation });
          const stage = new Stage(node, runtime);
          for (const step of program) await stage.play(step);
          await node.stop();
          await runtime.settle();
          expect(runtime.pendingTimers).toBe(0);
          expect(node.check()).toEqual([]);
        }),
        { numRuns: isolation === "freeze" ? 100 : 40 },
      );
    }, 120_000);
  },
);
