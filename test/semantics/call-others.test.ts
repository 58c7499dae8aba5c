/** Chapter 13, what is no call: casts, stop, calls to many nodes, requests whose response is fetched later. */
import { ArgumentError } from "@otp/core";
import {
  abcast,
  call,
  cast,
  checkResponse,
  multiCall,
  noreply,
  receiveResponse,
  reply,
  sendRequest,
  start,
  stop,
  waitResponse,
} from "@otp/genserver";
import { describe, expect, it } from "vitest";

import { callFailure, failure, keptLog } from "./behaviour.ts";
import { Bare, Puppet, viaMap } from "./puppet.ts";
import { arrivals, dead, endOf, next, play as playScene, waits } from "./world.ts";

const play = (scene: Parameters<typeof playScene>[0]) => () =>
  playScene(scene, { isolation: "share", logger: keptLog([]) });

describe("casts", () => {
  it(
    "T-CALL-07 Cast never fails",
    play(async (self, { node }) => {
      const gone = {
        ...viaMap(),
        whereisName: () => {
          throw new ArgumentError("unknown registry");
        },
      };
      const targets = [
        await dead(self),
        "none",
        { global: "none" },
        { via: viaMap(), name: "none" },
        { via: gone, name: "none" },
        { name: "x", node: "unreachable@node" },
        null,
      ];
      for (const target of targets) expect(cast(self, target, "x")).toBe("ok");
      expect(cast(node, "none", "x")).toBe("ok");
      expect(() => cast(self, 42 as unknown as string, "x")).toThrow(ArgumentError);
    }),
  );

  it(
    "CALL-10 a cast comes before a later call, and both stand in one line with sends",
    play(async (self) => {
      const pid = await start(self, Puppet, { tell: self.pid });
      cast(self, pid, { type: "do", does: (server: Puppet) => (server.say("cast", 1), noreply(0)) });
      self.send(pid, 2);
      cast(self, pid, { type: "do", does: (server: Puppet) => (server.say("cast", 3), noreply(0)) });
      await call(self, pid, { type: "do", does: (server: Puppet) => (server.say("call", 4), reply(0, 0)) });
      expect(self.flush()).toEqual([{ cast: 1 }, { info: 2 }, { cast: 3 }, { call: 4 }]);
    }),
  );

  it(
    "T-CALL-08 abcast",
    play(async (self, { node }) => {
      await start(self, Puppet, { tell: self.pid }, { name: "n" });
      const message = { type: "do", does: (server: Puppet) => (server.say("cast", 1), noreply(0)) };
      expect(abcast(self, { nodes: [node.name, "foo@bar"], name: "n" }, message)).toBe("abcast");
      expect(await arrivals(self)).toEqual([{ cast: 1 }]);
    }),
  );

  it(
    "T-CALL-09 multi_call",
    play(async (self, { node }) => {
      await start(self, Puppet, {}, { name: "n" });
      const request = { type: "do", does: () => reply("state", 0) };
      expect(await multiCall(self, { nodes: [node.name, "foo@bar"], name: "n" }, request)).toEqual({
        replies: [[node.name, "state"]],
        badNodes: ["foo@bar"],
      });
      expect(await multiCall(self, { name: "none" }, request)).toEqual({ replies: [], badNodes: [node.name] });
    }),
  );
});

describe("stop", () => {
  it(
    "T-CALL-10 stop shapes",
    play(async (self, { node }) => {
      const gone = await dead(self);
      for (const target of [gone, null]) {
        const error = await callFailure(stop(self, target));
        expect(error).toMatchObject({ operation: "stop", reason: "noproc", request: "normal", timeoutMs: "infinity" });
      }
      const pid = await start(self, Puppet, {});
      const own = call(self, pid, {
        type: "do",
        does: async (server: Puppet) => reply(await callFailure(stop(server.self, server.self.pid)), 0),
      });
      expect(await own).toMatchObject({ reason: "calling_self" });
      const deaf = self.spawn(waits);
      expect(await callFailure(stop(self, deaf, "normal", 20))).toMatchObject({ reason: "timeout", timeoutMs: 20 });
      expect(node.isProcessAlive(deaf)).toBe(true);
    }),
  );

  it(
    "PLIB-5 stop resolves after terminate, with any reason; another end is a failure",
    play(async (self) => {
      for (const reason of ["normal", "boom", { shutdown: ["x"] }]) {
        const pid = await start(self, Puppet, { tell: self.pid });
        expect(await stop(self, pid, reason)).toBe("ok");
        expect(self.flush()).toEqual([{ terminate: reason }]);
      }
      class Slow extends Bare {
        override async terminate(): Promise<void> {
          await this.self.sleep(50);
          throw new Error("in terminate");
        }
      }
      const slow = await start(self, Slow);
      const end = endOf(self, slow);
      expect((await callFailure(stop(self.node, slow, "normal", 10))).reason).toBe("timeout");
      expect(await end).toMatchObject({ message: "in terminate" });
      const failing = await start(self, Slow);
      expect((await callFailure(stop(self, failing))).reason).toMatchObject({ message: "in terminate" });
    }),
  );
});

describe("requests", () => {
  it(
    "CALL-13 responses are fetched later",
    play(async (self) => {
      const pid = await start(self, Puppet, {});
      const slow = async (server: Puppet): Promise<unknown> => {
        await server.self.sleep(50);
        return reply("slow", 0);
      };
      const one = sendRequest(self, pid, { type: "do", does: slow });
      expect(await waitResponse(self, one, 0)).toEqual({ type: "timeout" });
      expect(checkResponse("other", one)).toEqual({ type: "no_reply" });
      expect(await waitResponse(self, one)).toEqual({ type: "reply", reply: "slow" });
      const two = sendRequest(self, pid, { type: "do", does: slow });
      expect(await receiveResponse(self, two, 10)).toEqual({ type: "timeout" });
      expect(await arrivals(self)).toEqual([]);
      const three = sendRequest(self, pid, { type: "do", does: () => reply("quick", 0) });
      const message = await next(self);
      expect(checkResponse(message, three)).toEqual({ type: "reply", reply: "quick" });
      const four = sendRequest(self, "none", "request");
      expect(await receiveResponse(self, four)).toEqual({ type: "error", reason: "noproc", server: "none" });
      expect(await failure(Promise.resolve().then(() => sendRequest(self.node as never, "none", 1)))).toBeInstanceOf(
        ArgumentError,
      );
    }),
  );
});
