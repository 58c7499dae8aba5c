import { Supervisor, type SupervisorOptions } from "@otp/genserver";
import { describe, expect, it } from "vitest";

import { family, killChild, pidOf, states, told, worker } from "./sup-world.ts";
import { playing } from "./world.ts";

const play = playing("freeze");
const oneForOne: SupervisorOptions = { strategy: "one_for_one" };

describe("order", () => {
  it(
    "T-SUP-01 children start in order and stop in reverse",
    play(async (self) => {
      const supervisor = await Supervisor.startLink(
        self,
        ["c", "a", "b"].map((id) => worker(self, id)),
        oneForOne,
      );
      expect(await told(self)).toEqual(["start c", "start a", "start b"]);
      expect(await Supervisor.stop(self, supervisor)).toBe("ok");
      expect(await told(self)).toEqual(["terminate b shutdown", "terminate a shutdown", "terminate c shutdown"]);
    }),
  );

  it(
    "T-SUP-02 whichChildren names the newest first",
    play(async (self) => {
      const supervisor = await family(self, "cab");
      const children = await Supervisor.whichChildren(self, supervisor);
      expect(children.map(({ id, type, modules }) => ({ id, type, modules }))).toEqual(
        ["b", "a", "c"].map((id) => ({ id, type: "worker", modules: ["Worker"] })),
      );
      expect(children.every(({ pid }) => typeof pid === "object")).toBe(true);
    }),
  );

  it(
    "SUP-5 a restarted child keeps its place, an added one comes last",
    play(async (self) => {
      const supervisor = await family(self, "ab");
      await Supervisor.startChild(self, supervisor, worker(self, "c"));
      await killChild(self, supervisor, "a");
      await told(self);
      await Supervisor.stop(self, supervisor);
      expect(await told(self)).toEqual(["terminate c shutdown", "terminate b shutdown", "terminate a shutdown"]);
    }),
  );
});

describe("strategies", () => {
  it(
    "T-SUP-03 one_for_one restarts the failed child alone",
    play(async (self) => {
      const supervisor = await family(self, "abc");
      await killChild(self, supervisor, "b");
      expect(await told(self)).toEqual(["start b"]);
    }),
  );

  it(
    "T-SUP-04 one_for_all stops all others in reverse and starts all in order",
    play(async (self) => {
      const supervisor = await family(self, "abc", { strategy: "one_for_all" });
      await killChild(self, supervisor, "b");
      const restarted = ["terminate c shutdown", "terminate a shutdown", "start a", "start b", "start c"];
      expect(await told(self)).toEqual(restarted);
    }),
  );

  it(
    "T-SUP-05 rest_for_one stops those after it in reverse and starts it and them in order",
    play(async (self) => {
      const supervisor = await family(self, "abcd", { strategy: "rest_for_one" });
      await killChild(self, supervisor, "b");
      const restarted = ["terminate d shutdown", "terminate c shutdown", "start b", "start c", "start d"];
      expect(await told(self)).toEqual(restarted);
    }),
  );

  it(
    "T-SUP-06 restart types: permanent always, transient after failures, temporary never",
    play(async (self) => {
      const seen: Record<string, string[]> = {};
      for (const restart of ["permanent", "transient", "temporary"] as const) {
        const outcomes: string[] = [];
        for (const reason of ["normal", "shutdown", { shutdown: 1 }, "abn"]) {
          const supervisor = await Supervisor.startLink(self, [worker(self, "x", { restart })], oneForOne);
          const pid = await pidOf(self, supervisor, "x");
          self.send(pid, { type: "$gen_cast", message: { type: "end", reason } });
          await told(self);
          const { specs, active } = await Supervisor.countChildren(self, supervisor);
          outcomes.push(`${specs} ${active} ${(await states(self, supervisor)).join()}`);
          await Supervisor.stop(self, supervisor);
        }
        seen[restart] = outcomes;
      }
      expect(seen).toEqual({
        permanent: ["1 1 x runs", "1 1 x runs", "1 1 x runs", "1 1 x runs"],
        transient: ["1 0 x undefined", "1 0 x undefined", "1 0 x undefined", "1 1 x runs"],
        temporary: ["0 0 ", "0 0 ", "0 0 ", "0 0 "],
      });
    }),
  );

  it(
    "T-SUP-10 temporary siblings are stopped in a group restart and not started again",
    play(async (self) => {
      const children = [worker(self, "a"), worker(self, "t", { restart: "temporary" }), worker(self, "c")];
      const supervisor = await Supervisor.startLink(self, children, { strategy: "one_for_all" });
      await told(self);
      await killChild(self, supervisor, "a");
      expect(await told(self)).toEqual(["terminate c shutdown", "terminate t shutdown", "start a", "start c"]);
      expect(await states(self, supervisor)).toEqual(["a runs", "c runs"]);
    }),
  );

  it(
    "T-SUP-11 terminateChild does not touch siblings",
    play(async (self) => {
      const supervisor = await family(self, "abc", { strategy: "rest_for_one" });
      expect(await Supervisor.terminateChild(self, supervisor, "b")).toEqual({ ok: true });
      expect(await told(self)).toEqual(["terminate b shutdown"]);
      expect(await Supervisor.restartChild(self, supervisor, "b")).toMatchObject({ ok: true });
      expect(await told(self)).toEqual(["start b"]);
    }),
  );

  it(
    "SUP-12 a child that was stopped by hand is started again in a group restart",
    play(async (self) => {
      const supervisor = await family(self, "abc", { strategy: "one_for_all" });
      await Supervisor.terminateChild(self, supervisor, "c");
      await told(self);
      await killChild(self, supervisor, "a");
      expect(await told(self)).toEqual(["terminate b shutdown", "start a", "start b", "start c"]);
    }),
  );

  it(
    "SUP-13 the end of a child that needs no restart leaves its siblings alone",
    play(async (self) => {
      const children = [worker(self, "a"), worker(self, "t", { restart: "temporary" }), worker(self, "c")];
      const supervisor = await Supervisor.startLink(self, children, { strategy: "one_for_all" });
      await told(self);
      await killChild(self, supervisor, "t");
      expect(await told(self)).toEqual([]);
    }),
  );
});
