/** Chapter 11 of the semantics: group leaders and the I/O protocol. */
import { EOF, IO, Node, type Pid, type Process, StringIO, TIMEOUT } from "@otp/core";
import { type Call, call, GenServer, type InitResult, ok, reply, startLink } from "@otp/genserver";
import { describe, expect, it } from "vitest";

/** Runs `body` in a process of a node of its own and gives what it gives. */
async function inProcess<Result>(body: (self: Process) => Promise<Result>): Promise<Result> {
  await using node = await Node.start();
  return await new Promise<Result>((resolve, reject) => {
    node.spawn((self: Process) => body(self).then(resolve, reject));
  });
}

class Speaker extends GenServer<null, { call: Call<"leader", Pid> | Call<"say", string> }> {
  override init(): InitResult<null> {
    return ok(null);
  }

  override async handleCall(request: Call<"leader", Pid> | Call<"say", string>) {
    if (request.type === "leader") return reply(this.self.groupLeader, null);
    await this.self.io.puts("said");
    return reply("ok", null);
  }
}

const reportLeader = (self: Process, to: Process["pid"]): void => {
  self.send(to, { type: "leader", of: self.pid, leader: self.groupLeader });
};

describe("IO: group leader and I/O protocol", () => {
  it("T-IO-01 (IO-1): children and grandchildren inherit the group leader, those from before a change keep theirs", async () => {
    await inProcess(async (self) => {
      const old = self.groupLeader;
      const early = self.spawn(async (child) => {
        await child.receive({ type: "ask" });
        reportLeader(child, self.pid);
      });
      const device = StringIO.open(self);
      self.groupLeader = device;
      const child = self.spawn((it) => {
        it.spawn(reportLeader, self.pid);
        reportLeader(it, self.pid);
      });
      self.send(early, { type: "ask" });
      const leaders = [];
      for (let left = 3; left > 0; left -= 1) leaders.push(await self.receive({ type: "leader" }));
      expect(leaders.find(({ of }) => of === early)).toMatchObject({ leader: old });
      expect(leaders.find(({ of }) => of === child)).toMatchObject({ leader: device });
      expect(leaders.find(({ of }) => of !== child && of !== early)).toMatchObject({ leader: device });
    });
  });

  it("T-IO-02 (IO-4, IO-9): a write is a request to the leader, and goes on after the reply only", async () => {
    await inProcess(async (self) => {
      const child = self.spawn(async (writer) => {
        writer.groupLeader = self.pid;
        await writer.io.puts("hi");
        self.send(self.pid, { type: "written" });
      });
      const request = await self.receive({ type: "io_request" });
      expect(request).toMatchObject({
        from: child,
        request: { type: "put_chars", encoding: "unicode", data: "hi\n" },
      });
      expect(await self.receive({ type: "written" }, { after: 0 })).toBe(TIMEOUT);
      self.send(child, { type: "io_reply", replyAs: request["replyAs"], reply: "ok" });
      expect(await self.receive({ type: "written" })).toEqual({ type: "written" });
    });
  });

  it("T-IO-02 (IO-9): a client leaves other messages alone, also those that look like replies to someone else", async () => {
    await inProcess(async (self) => {
      const device = StringIO.open(self);
      const stray = { type: "io_reply", replyAs: self.makeRef(), reply: "ok" };
      self.send(self.pid, "before");
      self.send(self.pid, stray);
      await IO.puts(self, device, "x");
      expect(self.flush()).toEqual(["before", stray]);
    });
  });

  it("T-IO-03 (IO-3): a StringIO as leader captures the output of a subtree", async () => {
    await inProcess(async (self) => {
      const device = StringIO.open(self);
      self.groupLeader = device;
      const { ref } = self.spawnMonitor((child) => child.io.puts("child"));
      await self.receive({ type: "DOWN", ref });
      await self.io.write("p");
      expect(await StringIO.contents(self, device)).toEqual({ input: "", output: "child\np" });
    });
  });

  it("T-IO-04 (IO-7, IO-10): a StringIO is read by lines and characters up to the end", async () => {
    await inProcess(async (self) => {
      const device = StringIO.open(self, "l1\nl2\nrest");
      expect(await IO.gets(self, device, "")).toBe("l1\n");
      expect(await IO.read(self, device, "line")).toBe("l2\n");
      expect(await IO.read(self, device, 2)).toBe("re");
      expect(await IO.read(self, device, "eof")).toBe("st");
      expect(await IO.read(self, device, "eof")).toBe(EOF);
      expect(await IO.gets(self, device, "> ")).toBe(EOF);
      expect(await IO.read(self, StringIO.open(self, "fresh"), 0)).toBe("");
      expect(await IO.read(self, StringIO.open(self, ""), 0)).toBe("");
    });
  });

  it("T-IO-05 (IO-10, IO-8): contents, flush, close, and writing to what is closed", async () => {
    await inProcess(async (self) => {
      const device = StringIO.open(self, "input");
      await IO.write(self, device, "out");
      expect(await StringIO.contents(self, device)).toEqual({ input: "input", output: "out" });
      expect(await StringIO.flush(self, device)).toBe("out");
      expect(await StringIO.contents(self, device)).toEqual({ input: "input", output: "" });
      expect(await StringIO.close(self, device)).toEqual({ input: "input", output: "" });
      await expect(IO.write(self, device, "more")).rejects.toMatchObject({ name: "DeviceError", reason: "terminated" });
    });
  });

  it("T-IO-06 (IO-6): unknown requests and unsupported options are told apart", async () => {
    await inProcess(async (self) => {
      const device = StringIO.open(self);
      const ask = (request: Readonly<Record<string, unknown>>): Promise<unknown> => IO.request(self, device, request);
      expect(await ask({ type: "bogus" })).toEqual({ error: "request" });
      expect(await ask({ type: "setopts", options: { binary: true } })).toEqual({ error: "enotsup" });
      expect(await ask({ type: "get_geometry", what: "rows" })).toEqual({ error: "enotsup" });
      expect(await ask({ type: "getopts" })).toEqual({ binary: true, encoding: "unicode" });
    });
  });

  it("T-IO-06 (IO-6): a list of requests is done up to its first error and answered by its last answer", async () => {
    await inProcess(async (self) => {
      const device = StringIO.open(self, "line\n");
      const put = (data: string): object => ({ type: "put_chars", encoding: "unicode", data });
      const line = { type: "get_line", encoding: "unicode", prompt: "" };
      const all = { type: "requests", requests: [put("a"), { type: "requests", requests: [put("b"), line] }] };
      expect(await IO.request(self, device, all)).toBe("line\n");
      const broken = { type: "requests", requests: [put("c"), { type: "bogus" }, put("d")] };
      expect(await IO.request(self, device, broken)).toEqual({ error: "request" });
      expect(await StringIO.flush(self, device)).toBe("abc");
    });
  });

  it("T-IO-07 (IO-1): behaviours inherit the group leader, and may print while they handle a call", async () => {
    await inProcess(async (self) => {
      const device = StringIO.open(self);
      self.groupLeader = device;
      const server = await startLink(self, Speaker, undefined);
      expect(await call(self, server, { type: "leader" })).toBe(device);
      await call(self, server, { type: "say" });
      expect(await StringIO.flush(self, device)).toBe("said\n");
    });
  });

  it("T-IO-08 (IO-11): inspect gives its argument back and prints it", async () => {
    await inProcess(async (self) => {
      const device = StringIO.open(self);
      const term = { a: 1, who: self.pid };
      expect(await IO.inspect(self, term, { device, label: "term" })).toBe(term);
      expect(await StringIO.flush(self, device)).toBe(`term: { a: 1, who: ${self.pid} }\n`);
      expect(await IO.inspect(device, "text")).toBe("text");
      expect(await StringIO.flush(self, device)).toBe("'text'\n");
    });
  });

  it("IO-2: any process may be given any leader, a dead one too; the dead and what is no pid may not be given one", async () => {
    await inProcess(async (self) => {
      const child = self.spawn((it) => it.receive());
      const { pid: dead, ref } = self.spawnMonitor(() => undefined);
      await self.receive({ type: "DOWN", ref });
      expect(self.setGroupLeader(child, dead)).toBe(true);
      expect(self.node.info(child, "groupLeader")).toBe(dead);
      expect(() => self.setGroupLeader(dead, child)).toThrow(/no such process/);
      // @ts-expect-error -- not a pid
      expect(() => self.setGroupLeader("user", child)).toThrow(/expected a pid/);
      // @ts-expect-error -- not a pid
      expect(() => self.setGroupLeader(child, "user")).toThrow(/expected a pid/);
    });
  });

  it("SIG-14, T-SIG-10: a process that is asked after the change tells the new leader", async () => {
    await inProcess(async (self) => {
      const device = StringIO.open(self);
      const child = self.spawn(async (it) => {
        await it.receive({ type: "q" });
        reportLeader(it, self.pid);
      });
      self.setGroupLeader(child, device);
      self.send(child, { type: "q" });
      expect(await self.receive({ type: "leader" })).toMatchObject({ leader: device });
    });
  });

  it("IO-8: no device of that name, and an answer that is an error, are the caller's mistake", async () => {
    await inProcess(async (self) => {
      await expect(IO.puts(self, "nobody", "x")).rejects.toMatchObject({ name: "ArgumentError" });
      const away = { name: "nobody", node: self.node.name };
      await expect(IO.puts(self, away, "x")).rejects.toMatchObject({ name: "ArgumentError" });
      const refusing = self.spawnLink((it) => IO.serve(it, 0, (count) => [count, { error: "enospc" }]));
      await expect(IO.puts(self, refusing, "x")).rejects.toMatchObject({ name: "ArgumentError" });
    });
  });

  it("IO-8: a device that dies before it answers makes the client fail, and leaves no message behind", async () => {
    await inProcess(async (self) => {
      const device = self.spawn(async (it) => {
        await it.receive({ type: "io_request" });
        it.exit("boom");
      });
      await expect(IO.gets(self, device, "? ")).rejects.toMatchObject({ reason: "terminated" });
      expect(self.flush()).toEqual([]);
    });
  });
});
