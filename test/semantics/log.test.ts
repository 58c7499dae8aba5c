/** Chapter 24: what is logged of processes that end. */
import { inspect } from "node:util";

import type { Pid, Process } from "@otp/core";
import {
  call,
  cast,
  type From,
  GenServer,
  ok,
  procLib,
  reply,
  type ShownStatus,
  start,
  startLink,
  stop,
  stopWith,
} from "@otp/genserver";
import { describe, expect, it } from "vitest";

import { callFailure, keptLog, type LogLine, startFailure } from "./behaviour.ts";
import { Bare, Puppet } from "./puppet.ts";
import { next, pause, play as playScene, type Scene } from "./world.ts";

/** Plays with a log, of which the scene sees what is new since it looked last. */
function logged(scene: (self: Process, fresh: () => LogLine[]) => unknown): () => Promise<void> {
  const lines: LogLine[] = [];
  const play: Scene = (self) => scene(self, () => lines.splice(0));
  return () => playScene(play, { isolation: "share", logger: keptLog(lines) });
}

const eventsOf = (lines: readonly LogLine[]): unknown[] => lines.map(({ event }) => event);

describe("behaviours", () => {
  it(
    "T-LOG-01 Behaviour stop reasons",
    logged(async (self, fresh) => {
      for (const reason of ["normal", "shutdown", { shutdown: "x" }]) {
        const pid = await start(self, Puppet, {});
        cast(self, pid, { type: "do", does: () => stopWith(reason, 0) });
        await pause(self);
        expect(fresh()).toEqual([]);
      }
      const pid = await start(self, Puppet, {});
      cast(self, pid, { type: "do", does: () => stopWith("other", "the state") });
      await pause(self);
      const [terminate, crash, ...rest] = fresh();
      expect(rest).toEqual([]);
      expect(terminate).toMatchObject({
        level: 50,
        event: "genserver_terminate",
        msg: `GenServer ${pid} terminating`,
        name: String(pid),
        reason: "other",
        state: "'the state'",
        lastMessage: expect.stringContaining("$gen_cast"),
      });
      expect(terminate).not.toHaveProperty("client");
      expect(crash).toMatchObject({
        level: 50,
        event: "crash_report",
        domain: ["otp", "sasl"],
        msg: `Process ${pid} terminating`,
        initialCall: "Puppet.init",
        ancestors: [String(self.pid)],
        messageQueueLen: 0,
        messages: [],
        links: [],
        trapExit: false,
      });
    }),
  );

  it(
    "LOG-1 the report names the server, the message, the state as it is to be shown, and the client",
    logged(async (self, fresh) => {
      class Secretive extends GenServer<{ password: string }> {
        override init() {
          return ok({ password: "secret" });
        }
        override handleCall(_request: unknown, _from: From, _state: unknown): never {
          throw new Error("boom");
        }
        override formatStatus(): ShownStatus {
          return { state: "hidden" };
        }
      }
      const pid = await start(self, Secretive, undefined, { name: "named" });
      await callFailure(call(self, pid, { ask: 1 }));
      expect(fresh()[0]).toMatchObject({
        msg: "GenServer named terminating",
        name: "named",
        reason: "Error: boom",
        err: { type: "Error", message: "boom", stack: expect.stringContaining("log.test.ts") },
        lastMessage: "{ ask: 1 }",
        state: "'hidden'",
        client: String(self.pid),
        clientStatus: "alive",
      });
      const other = await start(self, Secretive, undefined, { name: { global: "everywhere" } });
      await stop(self, other, "boom");
      expect(fresh()[0]).toMatchObject({ msg: "GenServer everywhere terminating", lastMessage: "[]", reason: "boom" });
    }),
  );

  it(
    "LOG-1 the end of the parent is reported by a server that traps exits, with that message",
    logged(async (self, fresh) => {
      const to = self.pid;
      const parent = self.spawn(async (parent: Process) => {
        parent.send(to, await startLink(parent, Puppet, { trap: true }));
        await parent.receive();
        parent.exit("boom");
      });
      await next(self);
      self.send(parent, "go");
      await pause(self);
      expect(fresh()[0]).toMatchObject({ reason: "boom", lastMessage: expect.stringMatching(/EXIT.*boom/) });
    }),
  );

  it(
    "LOG-3 a server ended by an exit signal reports nothing",
    logged(async (self, fresh) => {
      for (const reason of ["boom", "kill"]) {
        self.sendExit(await start(self, Puppet, {}), reason);
        await pause(self);
      }
      expect(fresh()).toEqual([]);
    }),
  );

  it(
    "LOG-4 an init that fails is a crash report, unless it is a shutdown; ignore is nothing",
    logged(async (self, fresh) => {
      const events = async (init: (server: Puppet) => unknown): Promise<unknown[]> => {
        await startFailure(start(self, Puppet, { init }));
        return eventsOf(fresh());
      };
      expect(await events(() => stopWith("bad"))).toEqual(["crash_report"]);
      expect(await events((server) => server.self.exit("bad"))).toEqual(["crash_report"]);
      expect(await events(() => "weird")).toEqual(["crash_report"]);
      expect(await events(() => stopWith("shutdown"))).toEqual([]);
      expect(await events((server) => server.self.exit("normal"))).toEqual([]);
    }),
  );

  it(
    "T-LOG-03 Unexpected message",
    logged(async (self, fresh) => {
      const pid = await start(self, Bare, undefined, { name: "bare" });
      self.send(pid, { type: "x" });
      await pause(self);
      expect(fresh()).toMatchObject([
        {
          level: 50,
          event: "unexpected_message",
          name: "bare",
          msg: "Bare bare received unexpected message in handleInfo: { type: 'x' }",
        },
      ]);
      expect(self.node.isProcessAlive(pid)).toBe(true);
    }),
  );

  it(
    "LOG-6 a state that cannot be shown is no obstacle to the end",
    logged(async (self, fresh) => {
      const pid = await start(self, Puppet, {});
      const odd = {
        get trap(): never {
          throw new Error("do not look");
        },
        big: 10n,
        [inspect.custom](): never {
          throw new Error("do not show");
        },
      };
      const cyclic: Record<string, unknown> = { odd };
      cyclic["self"] = cyclic;
      cast(self, pid, { type: "do", does: () => stopWith("boom", cyclic) });
      await pause(self);
      expect(eventsOf(fresh())).toEqual(["genserver_terminate", "crash_report"]);
    }),
  );
});

describe("processes", () => {
  it(
    "T-LOG-02 Plain processes",
    logged(async (self, fresh) => {
      const events = async (run: () => Pid): Promise<unknown[]> => {
        run();
        await pause(self);
        return eventsOf(fresh());
      };
      const exits = (reason: unknown) => (child: Process) => child.exit(reason);
      const throws = (): never => {
        throw new Error("e");
      };
      expect(await events(() => self.spawn(throws))).toEqual(["process_error"]);
      expect(await events(() => self.spawn(exits("x")))).toEqual([]);
      expect(await events(() => procLib.spawn(self, exits("x")))).toEqual(["crash_report"]);
      expect(await events(() => procLib.spawn(self, exits({ shutdown: 1 })))).toEqual([]);
      expect(await events(() => procLib.spawn(self, throws))).toEqual(["crash_report"]);
    }),
  );
});

describe("replies", () => {
  it(
    "a server that goes on says nothing",
    logged(async (self, fresh) => {
      const pid = await start(self, Puppet, {});
      await call(self, pid, { type: "do", does: () => reply(1, 2) });
      expect(fresh()).toEqual([]);
    }),
  );
});
