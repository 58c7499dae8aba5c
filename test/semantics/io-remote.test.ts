/** Chapter 11 of the semantics between nodes: output appears where its spawner lives, and logs on both sides. */
import { EOF, IO, Node, type OutputStream, type Pid, type Process, remote, StringIO } from "@otp/core";
import { cast, GenServer, type InitResult, ok, startLink } from "@otp/genserver";
import { pino } from "pino";
import { describe, expect, it } from "vitest";

import { medium } from "../support/clusters.ts";

/** A stream that keeps what it is given, and lets a test wait for something to appear. */
class Paper implements OutputStream {
  text = "";
  #watchers: (() => void)[] = [];

  write(text: string): boolean {
    this.text += text;
    for (const look of this.#watchers) look();
    return true;
  }

  shows(text: string): Promise<void> {
    let seen = 0;
    return new Promise((resolve) => {
      const look = (): void => {
        // What was written long ago was looked at then.
        if (!this.text.slice(seen).includes(text)) {
          seen = Math.max(0, this.text.length - text.length);
          return;
        }
        this.#watchers = this.#watchers.filter((watcher) => watcher !== look);
        resolve();
      };
      this.#watchers.push(look);
      look();
    });
  }

  /** The lines of a log. */
  records(): Record<string, unknown>[] {
    return this.text
      .trim()
      .split("\n")
      .map((line): Record<string, unknown> => JSON.parse(line));
  }
}

interface Member {
  readonly node: Node;
  readonly screen: Paper;
  readonly log: Paper;
}

async function withTwo(body: (one: Member, two: Member) => Promise<void>): Promise<void> {
  const transport = await medium();
  const member = async (name: string): Promise<Member> => {
    const [screen, log] = [new Paper(), new Paper()];
    const logger = pino({ level: "info" }, log);
    const stdio = { output: screen, error: screen };
    const cookie = "between nodes";
    const stretch = { N: 2, r: 1, p: 1 };
    const node = await Node.start({ name, cookie, logger, stdio, stretch, transport: transport() });
    return { node, screen, log };
  };
  const [one, two] = [await member("one@localhost"), await member("two@localhost")];
  await using _one = one.node;
  await using _two = two.node;
  expect(await one.node.connect(two.node.name)).toBe(true);
  await body(one, two);
}

function inProcess<Result>(node: Node, body: (self: Process) => Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    node.spawn((self: Process) => body(self).then(resolve, reject));
  });
}

const say = remote("io-test/say", async (self: Process, text: string) => {
  const child = self.spawnMonitor((it) => it.io.puts(`child: ${text}`));
  await self.receive({ type: "DOWN", ref: child.ref });
  await IO.inspect(self, self.pid, { label: text });
});

const complain = remote("io-test/complain", async (self: Process) => {
  await IO.puts(self, "user", "to the user");
  await IO.puts(self, "stderr", "to stderr");
});

const log = remote("io-test/log", (self: Process, times: number) => {
  for (let i = 0; i < times; i += 1) self.log.info({ i }, `line of ${self.pid}`);
});

const crash = remote("io-test/crash", () => {
  throw new Error("crashed far away");
});

class Fragile extends GenServer<null, { call: never; cast: { type: "crash" } }> {
  override init(): InitResult<null> {
    return ok(null);
  }

  override handleCast(): never {
    throw new Error("a server crashed far away");
  }
}

const crashServer = remote("io-test/crash-server", async (self: Process) => {
  self.trapExit = true;
  cast(self, await startLink(self, Fragile, undefined), { type: "crash" });
  await self.receive({ type: "EXIT" });
});

const waitAndPrint = remote("io-test/wait-and-print", async (self: Process) => {
  await self.receive({ type: "print" });
  await self.io.puts("still there?");
});

const tellLeader = remote("io-test/tell-leader", async (self: Process, to: Pid) => {
  await self.receive({ type: "q" });
  self.send(to, { type: "leader", leader: self.groupLeader });
});

const ask = remote("io-test/ask", async (self: Process, to: Pid) => {
  self.send(to, { type: "answer", text: await self.io.gets("name? ") });
});

describe("IO between nodes", () => {
  it("IO-1, IO-3: what a process spawned on another node prints, appears where it was spawned from", async () => {
    await withTwo(async (one, two) => {
      await inProcess(one.node, async (self) => {
        const { pid, ref } = self.spawnMonitor({ node: two.node.name }, say, "hello world");
        expect(await self.receive({ type: "DOWN", ref })).toMatchObject({ reason: "normal" });
        // The text is made where the process runs: there the pid is local.
        expect(one.screen.text).toMatch(/^child: hello world\nhello world: #PID<0\.\d+\.\d+>\n$/);
        expect(String(pid)).toContain("two@localhost");
      });
      expect(two.screen.text).toBe("");
      one.node.spawn({ node: two.node.name }, say, "from outside");
      await one.screen.shows("from outside: ");
    });
  });

  it("IO-3: the devices named user and stderr are those of the node where the process runs", async () => {
    await withTwo(async (one, two) => {
      one.node.spawn({ node: two.node.name }, complain);
      await two.screen.shows("to stderr\n");
      expect(two.screen.text).toBe("to the user\nto stderr\n");
      expect(one.screen.text).toBe("");
    });
  });

  it("IO-4 … IO-10: a device on another node is written, read, asked and closed like any other", async () => {
    await withTwo(async (one, two) => {
      await inProcess(one.node, async (self) => {
        const device = StringIO.open(two.node, "first\nsecond");
        two.node.register("tape", device);
        const away = { name: "tape", node: two.node.name };
        expect(await IO.gets(self, away, "")).toBe("first\n");
        await IO.puts(self, away, "out");
        expect(await IO.read(self, away, "eof")).toBe("second");
        expect(await IO.read(self, away, 1)).toBe(EOF);
        expect(await IO.request(self, away, { type: "bogus" })).toEqual({ error: "request" });
        expect(await StringIO.close(self, away)).toEqual({ input: "", output: "out\n" });
        await expect(IO.puts(self, away, "more")).rejects.toMatchObject({ reason: "terminated" });
        expect(self.flush()).toEqual([]);
      });
    });
  });

  it("IO-7: input is read from the terminal of the spawner", async () => {
    await withTwo(async (one, two) => {
      await inProcess(one.node, async (self) => {
        self.groupLeader = StringIO.open(self, "bob\n", { capturePrompt: true });
        self.spawn({ node: two.node.name }, ask, self.pid);
        expect(await self.receive({ type: "answer" })).toMatchObject({ text: "bob\n" });
        expect(await StringIO.flush(self, self.groupLeader)).toBe("name? ");
      });
    });
  });

  it("SIG-14, T-SIG-10: a change of group leader is ordered with what follows it, also between nodes", async () => {
    await withTwo(async (one, two) => {
      await inProcess(one.node, async (self) => {
        const pid = self.spawn({ node: two.node.name }, tellLeader, self.pid);
        const device = StringIO.open(self);
        expect(self.setGroupLeader(pid, device)).toBe(true);
        self.send(pid, { type: "q" });
        const { leader } = await self.receive({ type: "leader" });
        expect(leader).toBe(device);
      });
    });
  });

  it("IO-8: when the node of the leader is gone, output fails, and the failure is logged where the process runs", async () => {
    await withTwo(async (one, two) => {
      const pid = one.node.spawn({ node: two.node.name }, waitAndPrint);
      expect(await one.node.ping(two.node.name)).toBe("pong");
      await one.node.stop();
      await two.log.shows("nodedown");
      const local = two.node.processes().find((known) => known.number === pid.number);
      expect(local).toBeDefined();
      if (local !== undefined) two.node.send(local, { type: "print" });
      await two.log.shows("process_error");
      expect(two.log.records().at(-1)).toMatchObject({ event: "process_error", reason: "terminated" });
    });
  });

  it("logs of such a process, and of its crash, appear on both nodes, each with the name of the node", async () => {
    await withTwo(async (one, two) => {
      one.node.spawn({ node: two.node.name }, log, 1);
      one.node.spawn({ node: two.node.name }, crash);
      await Promise.all([one.log.shows("crashed far away"), two.log.shows("crashed far away")]);
      const of = ({ log: paper }: Member, level: number): Record<string, unknown> | undefined =>
        paper.records().find((record) => record["level"] === level && String(record["pid"]).startsWith("#PID"));
      expect(of(two, 30)).toMatchObject({ node: two.node.name, i: 0, pid: expect.stringMatching(/^#PID<0\./) });
      expect(of(one, 30)).toMatchObject({
        node: two.node.name,
        i: 0,
        pid: expect.stringMatching(/^#PID<two@localhost\./),
      });
      expect(of(one, 30)?.["msg"]).toContain("line of #PID<two@localhost.");
      const crashed = { event: "process_error", err: { message: "crashed far away" }, node: two.node.name };
      expect(of(two, 50)).toMatchObject(crashed);
      expect(of(one, 50)).toMatchObject(crashed);
    });
  });

  it("reports of behaviours are shared in the same way", async () => {
    await withTwo(async (one, two) => {
      one.node.spawn({ node: two.node.name }, crashServer);
      await one.log.shows('"event":"crash_report"');
      const events = one.log.records().map((record) => record["event"]);
      expect(events).toEqual(expect.arrayContaining(["genserver_terminate", "crash_report"]));
    });
  });

  it("sends a bounded number of log lines, however many are written", async () => {
    await withTwo(async (one, two) => {
      one.node.spawn({ node: two.node.name }, log, 1_000);
      await two.log.shows('"i":999');
      expect(await one.node.ping(two.node.name)).toBe("pong");
      await one.log.shows('"i":99');
      const seen = one.log.records().filter((record) => "i" in record);
      expect(seen.length).toBeGreaterThanOrEqual(100);
      expect(seen.length).toBeLessThan(500);
    });
  });
});
