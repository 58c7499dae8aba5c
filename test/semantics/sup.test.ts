import { Supervisor } from "@otp/genserver";
import { describe, expect, it } from "vitest";

import { killChild, told, worker } from "./sup-world.ts";
import { playing } from "./world.ts";

const play = playing("freeze");

describe("order", () => {
  it(
    "T-SUP-01 starts in order and stops in reverse",
    play(async (self) => {
      const children = [worker(self, "c"), worker(self, "a"), worker(self, "b")];
      const supervisor = await Supervisor.startLink(self, children, { strategy: "one_for_one" });
      expect(await told(self)).toEqual(["start c", "start a", "start b"]);
      await Supervisor.stop(self, supervisor);
      expect(await told(self)).toEqual(["terminate b shutdown", "terminate a shutdown", "terminate c shutdown"]);
    }),
  );
  it(
    "T-SUP-04 one_for_all",
    play(async (self) => {
      const children = [worker(self, "a"), worker(self, "b"), worker(self, "c")];
      const supervisor = await Supervisor.startLink(self, children, { strategy: "one_for_all" });
      await told(self);
      await killChild(self, supervisor, "b");
      expect(await told(self)).toEqual(["terminate c shutdown", "terminate a shutdown", "start a", "start b", "start c"]);
    }),
  );
});
