/** The cases of IO between two operating-system processes over NATS: output, input and log lines find their way home. */
import { EOF, IO, Node, type Pid, StringIO, TIMEOUT } from "@otp/core";
import { call } from "@otp/genserver";
import { nats } from "@otp/transport-nats";
import { startLocalServer } from "@otp/transport-nats/local-server";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";

import * as there from "../fixtures/io-functions.ts";
import { inProcess, until } from "../support/clusters.ts";
import { keepLines, type LogLine } from "../support/commands.ts";
import { patience } from "../support/fire.ts";
import { plain } from "../support/media.ts";
import { type HostedNode, type NodeHost, startHost } from "../support/node-host.ts";

interface Pair {
  readonly one: Node;
  readonly two: HostedNode;
  /** What stands on the screen of `one`. */
  readonly screen: { readonly text: string };
  readonly logs: readonly LogLine[];
}

const pass = { pass: "self" } as const;

describe("IO between two OS processes", patience, () => {
  let server: Awaited<ReturnType<typeof startLocalServer>>;
  let host: NodeHost;
  let pairs = 0;

  beforeAll(async () => {
    server = await startLocalServer();
    host = await startHost();
  });
  afterAll(async () => {
    await host.kill();
    await server.stop();
  });

  async function pair(): Promise<Pair> {
    pairs += 1;
    const medium = { servers: server.url, cluster: `io_${String(process.pid)}_${String(pairs)}` };
    const logs: LogLine[] = [];
    const screen = { text: "" };
    const output = { write: (text: string): boolean => ((screen.text += text), true) };
    const one = await Node.start({
      ...plain,
      name: "one@host",
      logger: pino({ level: "info" }, keepLines(logs)),
      stdio: { output, error: output },
      transport: nats(medium),
    });
    onTestFinished(() => one.stop());
    const two = await host.start(`two${String(pairs)}@host`, { options: plain, medium });
    onTestFinished(() => two.stop().catch(() => undefined));
    expect(await one.connect(two.name)).toBe(true);
    return { one, two, screen, logs };
  }

  /** A device on the other node. */
  const tape = ({ one, two }: Pair, input = ""): Promise<Pid> => one.rpc.call(two.name, there.opensTape, [input], pass);

  it("T-IO-01 (IO-1): children there and theirs inherit the leader, one that was started before keeps its own", async () => {
    const scene = await pair();
    const { one, two } = scene;
    const device = await tape(scene);
    await inProcess(one, async (self) => {
      const old = self.groupLeader;
      const early = self.spawn({ node: two.name }, there.tellsLeaderLater, self.pid);
      self.groupLeader = device;
      self.spawn({ node: two.name }, there.tellsLeaders, self.pid);
      self.send(early, { type: "ask" });
      const leaders = new Map<unknown, unknown>();
      while (leaders.size < 3) {
        const { who, leader } = await self.receive({ type: "leader" });
        leaders.set(who, leader);
      }
      expect([leaders.get("child"), leaders.get("grandchild"), leaders.get("early")]).toEqual([device, device, old]);
    });
  });

  it("T-IO-02 (IO-4, IO-9, SIG-14): a write there is a request to its leader here, and goes on after the reply only", async () => {
    const { one, two } = await pair();
    await inProcess(one, async (self) => {
      const child = self.spawn({ node: two.name }, there.printsWhenTold, self.pid);
      self.setGroupLeader(child, self.pid);
      self.send(child, { type: "print" });
      const request = await self.receive({ type: "io_request" });
      expect(request).toMatchObject({
        from: child,
        request: { type: "put_chars", encoding: "unicode", data: "hi\n" },
      });
      // What it had said by now would have come before the answer of its node.
      expect(await one.ping(two.name)).toBe("pong");
      expect(await self.receive({ type: "written" }, { after: 0 })).toBe(TIMEOUT);
      self.send(child, { type: "io_reply", replyAs: request["replyAs"], reply: "ok" });
      expect(await self.receive({ type: "written" })).toEqual({ type: "written" });
    });
  });

  it("T-IO-03 (IO-3): a StringIO as leader captures a subtree on two nodes, whichever it lives on", async () => {
    const scene = await pair();
    await inProcess(scene.one, async (self) => {
      for (const device of [StringIO.open(self), await tape(scene)]) {
        self.groupLeader = device;
        const { ref } = self.spawnMonitor({ node: scene.two.name }, there.prints, "text");
        expect(await self.receive({ type: "DOWN", ref })).toMatchObject({ reason: "normal" });
        await self.io.write("p");
        expect(await StringIO.contents(self, device)).toEqual({ input: "", output: "child: text\ntext\np" });
      }
    });
    expect(scene.screen.text).toBe("");
  });

  it("T-IO-04 (IO-7, IO-10): a StringIO there is read by lines and characters up to the end", async () => {
    const scene = await pair();
    const [device, fresh] = [await tape(scene, "l1\nl2\nrest"), await tape(scene, "fresh")];
    await inProcess(scene.one, async (self) => {
      expect(await IO.gets(self, device, "")).toBe("l1\n");
      expect(await IO.read(self, device, "line")).toBe("l2\n");
      expect(await IO.read(self, device, 2)).toBe("re");
      expect(await IO.read(self, device, "eof")).toBe("st");
      expect(await IO.read(self, device, "eof")).toBe(EOF);
      expect(await IO.read(self, fresh, 0)).toBe("");
    });
  });

  it("T-IO-05 (IO-8, IO-10): contents, flush, close, and writing to what is closed there", async () => {
    const scene = await pair();
    const device = await tape(scene, "in");
    await inProcess(scene.one, async (self) => {
      await IO.write(self, device, "out");
      expect(await StringIO.contents(self, device)).toEqual({ input: "in", output: "out" });
      expect(await StringIO.flush(self, device)).toBe("out");
      expect(await StringIO.contents(self, device)).toEqual({ input: "in", output: "" });
      expect(await StringIO.close(self, device)).toEqual({ input: "in", output: "" });
      await expect(IO.write(self, device, "more")).rejects.toMatchObject({ name: "DeviceError", reason: "terminated" });
      expect(self.flush()).toEqual([]);
    });
  });

  it("T-IO-06 (IO-6): a device there tells unknown requests and unsupported options apart", async () => {
    const scene = await pair();
    const device = await tape(scene);
    await inProcess(scene.one, async (self) => {
      const ask = (request: Readonly<Record<string, unknown>>): Promise<unknown> => IO.request(self, device, request);
      expect(await ask({ type: "bogus" })).toEqual({ error: "request" });
      expect(await ask({ type: "setopts", options: { binary: true } })).toEqual({ error: "enotsup" });
      expect(await ask({ type: "get_geometry", what: "rows" })).toEqual({ error: "enotsup" });
      expect(await ask({ type: "getopts" })).toEqual({ binary: true, encoding: "unicode" });
    });
  });

  it("T-IO-07 (IO-1): behaviours there inherit the leader here, and print to it while they handle a call", async () => {
    const { one, two } = await pair();
    await inProcess(one, async (self) => {
      const device = StringIO.open(self);
      self.groupLeader = device;
      const starter = self.spawn({ node: two.name }, there.startsSpeaker, self.pid);
      await self.receive({ type: "speaks" });
      expect(await call(self, { name: "speaker", node: two.name }, "speak", 60_000)).toBe(device);
      expect(await StringIO.flush(self, device)).toBe("said\n");
      self.send(starter, { type: "enough" });
    });
  });

  it("T-IO-08 (IO-11): inspect gives its argument back and prints it there, as it is read here", async () => {
    const scene = await pair();
    const device = await tape(scene);
    await inProcess(scene.one, async (self) => {
      const term = { a: 1, who: self.pid };
      expect(await IO.inspect(self, term, { device, label: "term" })).toBe(term);
      expect(await StringIO.flush(self, device)).toBe(`term: { a: 1, who: ${self.pid} }\n`);
    });
  });

  it("IO-1 IO-3: what a process prints appears where its spawner lives, in either direction", async () => {
    const { one, two, screen } = await pair();
    await inProcess(one, async (self) => {
      const { ref } = self.spawnMonitor({ node: two.name }, there.prints, "from there");
      await self.receive({ type: "DOWN", ref });
    });
    expect(screen.text).toBe("child: from there\nfrom there\n");
    await two.ask(there.hasPrinted, one.name, `from here to ${two.name}`);
    await host.os.line(`child: from here to ${two.name}`);
    await host.os.line(new RegExp(`^from here to ${two.name}`, "u"));
    expect(screen.text).toBe("child: from there\nfrom there\n");
    expect(host.os.lines.filter((line) => line.includes("from there"))).toEqual([]);
  });

  it("IO-2 IO-8: the leader of another node is written to by its pid or its name, and fails its writers when it is gone", async () => {
    const { one, two, screen } = await pair();
    await inProcess(one, async (self) => {
      await IO.puts(self, { name: "user", node: two.name }, `by name, ${two.name}`);
      await host.os.line(`by name, ${two.name}`);
      expect(await one.rpc.call(two.name, there.writesTo, [self.groupLeader, "by pid"], pass)).toBe("ok");
      expect(screen.text).toBe("by pid\n");
      await two.stop();
      await expect(IO.puts(self, { name: "user", node: two.name }, "too late")).rejects.toMatchObject({
        reason: "terminated",
      });
    });
  });

  it("IO-7: what a process there reads is typed in here", async () => {
    const { one, two } = await pair();
    await inProcess(one, async (self) => {
      self.groupLeader = StringIO.open(self, "bob\n", { capturePrompt: true });
      self.spawn({ node: two.name }, there.asksName, self.pid);
      expect(await self.receive({ type: "name" })).toEqual({ type: "name", name: "bob\n" });
      expect(await StringIO.flush(self, self.groupLeader)).toBe("name? ");
    });
  });

  it("LOG-6: lines of a process that was started from here, and of its crash, are in the logs of both nodes", async () => {
    const { one, two, logs } = await pair();
    one.spawn({ node: two.name }, there.logsAndCrashes);
    const of = (lines: readonly LogLine[]): readonly LogLine[] =>
      lines.filter(({ mark, event }) => mark !== undefined || event === "process_error");
    await until(() => of(logs).length === 2);
    await until(async () => of(await two.logs()).length === 2);
    const [line, crash] = of(logs);
    expect(line).toMatchObject({ level: 30, node: two.name, mark: "logged far away" });
    expect(line?.msg).toContain(`a line of #PID<${two.name}.`);
    expect(crash).toMatchObject({ node: two.name, err: { message: "crashed far away" } });
    const [theirs, theirCrash] = of(await two.logs());
    expect(theirs?.msg).toContain("a line of #PID<0.");
    expect(theirCrash).toMatchObject({ node: two.name, err: { message: "crashed far away" } });
  });
});
