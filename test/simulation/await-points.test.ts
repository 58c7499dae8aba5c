/** Plain awaits of the code under test, as decisions of the schedule. */
import { fileURLToPath } from "node:url";

import type { Process } from "@otp/core";
import { explore, type Simulation } from "@otp/testing";
import { awaitPoints } from "@otp/testing/await-points";
import { runnerImport } from "vite";
import { describe, expect, it } from "vitest";

import * as plain from "../fixtures/lazy-singleton.ts";

const path = fileURLToPath(new URL("../fixtures/lazy-singleton.ts", import.meta.url));

/** The fixture as a project with the plugin gets it. */
async function instrumented(): Promise<typeof plain> {
  const plugins = [awaitPoints({ include: /fixtures\/lazy-singleton/u })];
  const { module } = await runnerImport<typeof plain>(path, { configFile: false, logLevel: "silent", plugins });
  return module;
}

const valid = async (): Promise<boolean> => true;

const taking = (take: typeof plain.takeName) => async (sim: Simulation) => {
  const node = await sim.node("a");
  const refused: unknown[] = [];
  for (let client = 0; client < 2; client += 1) {
    node.spawn(async (self: Process) => {
      try {
        await take(self, valid);
      } catch (error) {
        refused.push(error);
      }
      await self.sleep(10);
    });
  }
  await sim.run("toQuiescence");
  expect(refused).toEqual([]);
};

describe("a check and an act with a plain await between them", () => {
  it("pass without await points, since whole turns alone are reordered", async () => {
    await explore(taking(plain.takeName));
  }, 120_000);

  it("are found to be a race with await points, and shrunk", async () => {
    const { takeName } = await instrumented();
    // The plain order is no accident of the first run: it has the point as well, and there both look before either acts.
    const failure: unknown = await explore(taking(takeName)).catch((error: unknown) => error);
    expect(String(failure)).toMatch(/to deeply equal \[\]/u);
    const deviations = (/deviations\): (.*)/u.exec(String(failure))?.[1] ?? "").split("; ").slice(1);
    expect(deviations.length).toBeLessThanOrEqual(3);
  }, 120_000);

  it("pass with await points when nothing is between them", async () => {
    const { takeNameAtOnce } = await instrumented();
    await explore(taking(takeNameAtOnce));
  }, 120_000);
});

describe("the plugin", () => {
  const parse = (code: string): unknown => {
    const at = code.indexOf("await f()");
    return { type: "AwaitExpression", argument: { type: "CallExpression", start: at + 6, end: at + 9 } };
  };

  it("changes what it is told to, and keeps lines where they are", () => {
    const { transform } = awaitPoints({ include: /src/u });
    const changed = transform.call({ parse }, "x;\nawait f();\n", "/src/a.ts?v=1");
    expect(changed?.code.split("\n").slice(0, 2)).toEqual(["x;", "await __otpAwaitPoint(f());"]);
    expect(transform.call({ parse }, "await f()", "/other/a.ts")).toBeUndefined();
    expect(transform.call({ parse }, "await f()", "/src/node_modules/a.ts")).toBeUndefined();
  });
});
