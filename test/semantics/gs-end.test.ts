/** Chapter 13: how a GenServer ends. */
import { type Pid, type Process } from "@otp/core";
import { call, cast, GenServer, ok, reply, start, startLink, startMonitor, stop } from "@otp/genserver";
import { describe, expect, it } from "vitest";

import { keptLog } from "./behaviour.ts";
import { Puppet, type Told } from "./puppet.ts";
import { arrivals, next, play as playScene } from "./world.ts";

const play = (scene: Parameters<typeof playScene>[0]) => () =>
  playScene(scene, { isolation: "share", logger: keptLog([]) });

describe("ending", () => {
  it(
    "T-GS-14 terminate when trapping and the parent exits",
    play(async (self) => {
      for (const reason of ["parent_gone", "normal", "shutdown"]) {
        const tester = self.pid;
        const parent = self.spawn(async (parent: Process) => {
          const pid = await startLink(parent, Puppet, { tell: tester, trap: true });
          parent.send(tester, { pid });
          await parent.receive();
          parent.exit(reason);
        });
        const { pid } = await self.receive((m): m is { pid: Pid } => typeof m === "object" && m !== null && "pid" in m);
        const ref = self.monitor(pid);
        self.send(parent, "go");
        expect(await arrivals(self)).toMatchObject([{ terminate: reason }, { type: "DOWN", ref, reason }]);
      }
    }),
  );

  it(
    "GS-15 exits of others than the parent are messages to a trapping server",
    play(async (self) => {
      const pid = await start(self, Puppet, { tell: self.pid, trap: true });
      for (const reason of ["normal", "shutdown", "boom"]) {
        self.sendExit(pid, reason);
        expect(await next(self)).toMatchObject({ info: { type: "EXIT", from: self.pid, reason } });
      }
      const linked = await startLink(self, Puppet, { tell: self.pid, trap: true });
      self.sendExit(linked, "normal");
      expect(await next(self)).toEqual({ terminate: "normal" });
      // Who starts a server with a monitor is its parent as well.
      const watched = await startMonitor(self, Puppet, { tell: self.pid, trap: true });
      self.sendExit(watched.pid, "boom");
      expect(await next(self)).toEqual({ terminate: "boom" });
      expect(await next(self)).toMatchObject({ type: "DOWN", ref: watched.ref, reason: "boom" });
    }),
  );

  it(
    "T-GS-15 No terminate without trapping, nor on kill",
    play(async (self) => {
      const one = await startMonitor(self, Puppet, { tell: self.pid });
      const two = await startMonitor(self, Puppet, { tell: self.pid, trap: true });
      self.sendExit(one.pid, "shutdown");
      self.sendExit(two.pid, "kill");
      expect(await arrivals(self)).toMatchObject([
        { ref: one.ref, reason: "shutdown" },
        { ref: two.ref, reason: "killed" },
      ]);
    }),
  );

  it(
    "T-GS-16 Failure in a callback",
    play(async (self) => {
      const error = new Error("e");
      const ends = async (does: Told<unknown>): Promise<unknown[]> => {
        const { pid } = await startMonitor(self, Puppet, { tell: self.pid });
        cast(self, pid, { type: "do", does });
        const [terminate, down] = await arrivals(self);
        return [Reflect.get(Object(terminate), "terminate"), Reflect.get(Object(down), "reason")];
      };
      expect(
        await ends(() => {
          throw error;
        }),
      ).toEqual([error, error]);
      expect(await ends(async () => Promise.reject(error))).toEqual([error, error]);
      const junk = { badReturnValue: "junk" };
      expect(await ends(() => "junk")).toEqual([junk, junk]);
      const ball = { badReturnValue: "ball" };
      expect(
        await ends(() => {
          throw "ball";
        }),
      ).toEqual([ball, ball]);
      expect(await ends((server) => server.self.exit("boom"))).toEqual(["boom", "boom"]);
      const misplaced = reply(1, 2);
      expect(await ends(() => misplaced)).toEqual([{ badReturnValue: misplaced }, { badReturnValue: misplaced }]);
      const pid = await start(self, Puppet, {});
      const thrown = call(self, pid, {
        type: "do",
        does: () => {
          throw reply("thrown", 1);
        },
      });
      expect(await thrown).toBe("thrown");
    }),
  );

  it(
    "GS-16 a terminate that fails replaces the reason, and one that throws does not",
    play(async (self) => {
      const failing = (how: () => never) =>
        class extends GenServer<number> {
          override init() {
            return ok(0);
          }
          override terminate(): never {
            return how();
          }
        };
      const error = new Error("in terminate");
      const ends = async (how: () => never, reason: unknown): Promise<unknown> => {
        const { pid, ref } = await startMonitor(self, failing(how));
        await stop(self, pid, reason).catch(() => undefined);
        const { reason: actual } = await self.receive({ type: "DOWN", ref });
        return actual;
      };
      const throwing = (): never => {
        throw error;
      };
      for (const reason of ["normal", "shutdown", "boom"]) {
        expect(await ends(throwing, reason)).toBe(error);
        expect(await ends(() => self.exit("other"), reason)).toBe("other");
        expect(
          await ends(() => {
            throw "t";
          }, reason),
        ).toBe(reason);
      }
    }),
  );

  it(
    "JS-9 a message that fails when it is looked at ends the server, and nothing else",
    play(async (self) => {
      const { pid, ref } = await startMonitor(self, Puppet, {});
      const hostile = {
        get type(): never {
          throw new Error("do not look");
        },
      };
      self.send(pid, hostile);
      expect(await self.receive({ type: "DOWN", ref })).toMatchObject({ reason: { message: "do not look" } });
    }),
  );
});
