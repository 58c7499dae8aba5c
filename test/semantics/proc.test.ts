/** Chapter 8: process basics. */
import { ArgumentError, type Pid, type Process, remote, UndefError } from "@otp/core";
import { lookupRemote } from "@otp/core/internal";
import { describe, expect, it } from "vitest";

import { dead, isolations, next, pause, playing, reasonOf, waits } from "./world.ts";

const nothing = remote("semantics/proc/nothing", () => undefined);

describe.each(isolations)("processes, isolation %s", (isolation) => {
  const play = playing(isolation);

  it(
    "T-PROC-01 Dictionary",
    play((self) => {
      const own = self.dictionary;
      expect(own.put("a", 1)).toBeUndefined();
      expect(own.put("a", 2)).toBe(1);
      expect(own.get("a")).toBe(2);
      expect(own.get("zz")).toBeUndefined();
      expect(own.get("zz", "d")).toBe("d");
      expect(own.delete("a")).toBe(2);
      expect(own.get("a")).toBeUndefined();
      expect(own.getKeys(99)).toEqual([]);
    }),
  );

  it(
    "T-PROC-02 Dictionary and flags are not inherited",
    play(async (self, { node }) => {
      const g = self.spawn(waits);
      self.dictionary.put("k", 1);
      self.trapExit = true;
      self.groupLeader = g;
      self.register("parent");
      self.label = "parent";
      const report = async (child: Process, parent: Pid): Promise<void> => {
        const { dictionary, trapExit, groupLeader, links, monitors, registeredName } = node.info(child.pid) ?? {};
        child.send(parent, {
          k: child.dictionary.get("k"),
          dictionary,
          trapExit,
          groupLeader,
          links,
          monitors,
          registeredName,
          label: child.label,
        });
      };
      self.spawn(report, self.pid);
      expect(await next(self)).toEqual({
        k: undefined,
        dictionary: [],
        trapExit: false,
        groupLeader: g,
        links: [],
        monitors: [],
        registeredName: [],
        label: undefined,
      });
    }),
  );

  it(
    "T-PROC-03 info of the dead",
    play(async (self, { node }) => {
      const d = await dead(self);
      expect(node.info(d)).toBeUndefined();
      expect(node.info(d, "links")).toBeUndefined();
      expect(node.info(d, ["links"])).toBeUndefined();
    }),
  );

  it(
    "T-PROC-04 trap_exit flag values",
    play((self) => {
      expect(self.flag("trapExit", true)).toBe(false);
      expect(self.flag("trapExit", true)).toBe(true);
      expect(self.flag("trapExit", false)).toBe(true);
      expect(() => Reflect.apply(self.flag, self, ["trapExit", "gurka"])).toThrow(ArgumentError);
      expect(() => Reflect.set(self, "trapExit", "gurka")).toThrow(ArgumentError);
      expect(() => Reflect.apply(self.flag, self, ["gurka", true])).toThrow(ArgumentError);
      expect(self.trapExit).toBe(false);
    }),
  );

  it(
    "T-PROC-05 spawn is asynchronous",
    play(async (self) => {
      const order: string[] = [];
      order.push("before");
      self.spawn(() => order.push("child"));
      order.push("after");
      await pause(self);
      expect(order).toEqual(["before", "after", "child"]);
    }),
  );

  it(
    "T-PROC-06 Process list",
    play(async (self, { node }) => {
      const d = await dead(self);
      const p = self.spawn(waits);
      expect(node.processes()).toContain(p);
      expect(node.processes()).toContain(self.pid);
      expect(node.processes()).not.toContain(d);
    }),
  );

  it(
    "PROC-2 a function that is not known here kills the process with undef",
    play(async (self, { node }) => {
      const unknown = lookupRemote({ name: "semantics/proc/unknown", bound: [] });
      expect(await reasonOf(self, (p) => unknown(p))).toBeInstanceOf(UndefError);
      expect(() => Reflect.apply(self.spawn, self, ["not a function"])).toThrow(ArgumentError);
      expect(() => Reflect.apply(node.spawn, node, [null, waits])).toThrow(ArgumentError);
    }),
  );

  it(
    "PROC-3 keys of a dictionary, and its privacy",
    play(async (self, { node }) => {
      self.dictionary.put("a", 1);
      self.dictionary.put("b", 1);
      self.dictionary.put("c", 2);
      expect(self.dictionary.getKeys(1)).toEqual(["a", "b"]);
      expect(self.dictionary.getKeys()).toEqual(["a", "b", "c"]);
      expect(self.dictionary.entries()).toEqual([
        ["a", 1],
        ["b", 1],
        ["c", 2],
      ]);
      expect(node.info(self.pid, "dictionary")).toEqual(self.dictionary.entries());
      self.spawn((p, parent: Pid) => p.send(parent, p.dictionary.get("a", "none")), self.pid);
      expect(await next(self)).toBe("none");
    }),
  );

  it(
    "PROC-4 info gives all, one item, or a list of items",
    play(async (self, { node }) => {
      const p = self.spawn(waits);
      await pause(self);
      self.send(p, 1);
      expect(node.info(p, ["messageQueueLen", "links"])).toEqual({ messageQueueLen: 1, links: [] });
      expect(node.info(p)).toMatchObject({ messages: [1], status: "waiting", trapExit: false });
      for (const odd of ["gurka", "toString", ["links", "gurka"]]) {
        expect(() => Reflect.apply(node.info, node, [p, odd])).toThrow(ArgumentError);
      }
    }),
  );

  it(
    "PROC-5 the name of an unnamed process is []",
    play((self, { node }) => {
      expect(node.info(self.pid, "registeredName")).toEqual([]);
      self.register("named");
      expect(node.info(self.pid, "registeredName")).toBe("named");
    }),
  );

  it(
    "PROC-7 alive?, info, register and timers refuse pids of other nodes",
    play((self, { node }) => {
      const far = node.spawn({ node: "nowhere@localhost" }, nothing);
      expect(() => node.isProcessAlive(far)).toThrow(ArgumentError);
      expect(() => node.info(far)).toThrow(ArgumentError);
      expect(() => node.info(far, "links")).toThrow(ArgumentError);
      expect(() => self.register("far", far)).toThrow(ArgumentError);
      expect(() => self.sendAfter(far, "x", 10)).toThrow(ArgumentError);
      expect(() => self.startTimer(far, "x", 10)).toThrow(ArgumentError);
      for (const odd of ["name", undefined, 1]) {
        expect(() => Reflect.apply(node.isProcessAlive, node, [odd])).toThrow(ArgumentError);
        expect(() => Reflect.apply(node.info, node, [odd])).toThrow(ArgumentError);
      }
    }),
  );

  it(
    "PROC-8 every living process is listed, once",
    play(async (self, { node }) => {
      const pids = Array.from({ length: 50 }, () => self.spawn(waits));
      await pause(self);
      for (const pid of pids.slice(0, 25)) self.sendExit(pid, "kill");
      const listed = new Set(node.processes());
      expect(listed.size).toBe(node.processes().length);
      expect(pids.filter((pid) => listed.has(pid))).toEqual(pids.slice(25));
    }),
  );

  it(
    "PROC-9 a label can be set and read, and is gone with the process",
    play(async (self, { node }) => {
      expect(self.label).toBeUndefined();
      self.label = { worker: 7 };
      expect(self.label).toEqual({ worker: 7 });
      expect(node.getLabel(self.pid)).toEqual({ worker: 7 });
      expect(node.info(self.pid, "label")).toEqual({ worker: 7 });
      expect(node.getLabel(self.spawn(waits))).toBeUndefined();
      expect(node.getLabel(await dead(self))).toBeUndefined();
    }),
  );

  it(
    "PROC-10 hibernate waits for a message, leaves it, and keeps everything else",
    play(async (self) => {
      const p = self.spawn(async (p, parent: Pid) => {
        p.dictionary.put("k", 1);
        p.trapExit = true;
        p.link(parent);
        await p.hibernate();
        p.send(parent, { got: await p.receive(), k: p.dictionary.get("k"), trap: p.trapExit });
        await p.hibernate();
        p.unlink(parent);
      }, self.pid);
      await pause(self);
      self.send(p, "wake");
      expect(await next(self)).toEqual({ got: "wake", k: 1, trap: true });
      expect(self.node.info(self.pid, "links")).toEqual([p]);
      self.send(p, "up");
      await pause(self);
    }),
  );
});
