/** Names, connections, the mesh and cookies at prompts, numbered by chapter and scenario of the transcripts of iex. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { sharedNatsServer } from "../support/nats-server.ts";
import { startShell } from "../support/shells.ts";
import { Terminal } from "../support/terminal.ts";

const { url } = sharedNatsServer();

const shell = (name: string, ...more: readonly string[]): Terminal => startShell(url(), name, ...more);

/** Goes on from prompt to prompt until `text` stands somewhere behind what was there before. */
async function says(terminal: Terminal, mark: number | undefined, text: string): Promise<void> {
  const late = AbortSignal.timeout(90_000);
  while (!terminal.text.slice(mark).includes(text)) {
    if (late.aborted) throw new Error(`${text} never came:\n${terminal.text.slice(mark)}`);
    await terminal.run("1");
  }
}

describe("chapter 1, names", { timeout: 300_000 }, () => {
  it("1.1 a shell without a name: nobody can be reached, and global works alone", async () => {
    await using alone = new Terminal({ env: { NATS_URL: url() } });
    await alone.sees("otp(1)> ");
    expect(await alone.run("Node.self()")).toBe("'nonode@nohost'");
    expect(await alone.run("Node.isAlive()")).toBe("false");
    expect(await alone.run("Node.list()")).toBe("[]");
    expect(await alone.run("Node.getCookie()")).toBe("'nocookie'");
    expect(await alone.run("Node.connect('two@box')")).toBe("'ignored'");
    expect(await alone.run("Node.disconnect('two@box')")).toBe("'ignored'");
    expect(await alone.run("Node.ping('two@box')")).toBe("'pang'");
    expect(await alone.run("Node.setCookie('x')")).toBe("** (exit) notalive");
    expect(await alone.run("Node.stop()")).toBe("'not_found'");
    expect(await alone.run("call({ name: 'foo', node: 'a@b' }, 'hi')")).toMatch(
      /^\*\* \(CallError\) exited in: call\(.*\n +\*\* \(EXIT\) no connection to a@b/u,
    );
    expect(await alone.run("cast({ name: 'foo', node: 'a@b' }, 'hi')")).toBe("'ok'");
    expect(await alone.run("send({ name: 'foo', node: 'a@b' }, 'hi')")).toBe("'hi'");
    expect(await alone.run("Node.monitor('a@b')")).toBe("** (exit) notalive");
    expect(await alone.run("global.registerName('x', self())")).toBe("'yes'");
    expect(await alone.run("rpc.call('a@b', () => 1)")).toContain("** (RpcError) call on a@b: noconnection");
    expect(await alone.run("Node.spawn('two@box', () => 1)")).toContain("#PID<");
    // Errors have not been counted.
    expect(alone.text).toMatch(/otp\(13\)> $/u);
    await alone.ask(
      "Node.spawnLink('two@box', () => 1)",
      /\*\* \(EXIT from #PID<.*exited with reason: no connection\n/u,
    );
    await alone.sees(/otp\(1\)> $/u);
  });

  it("1.2 names on the command line, a name in use, and names that are none", async () => {
    await using one = shell("one");
    await one.sees("otp(one@box)1> ");
    const refused = [
      [["--sname", "one@box"], /one@box.*(?:in use|already|live node)/u],
      [["--sname", "a@b@c"], /a@b@c/u],
      [["--sname", "bad name"], /bad name/u],
      [["--name", "my_node"], /--sname my_node adds this host/u],
      [["--sname", "x@a.b.c"], /use --name x@a\.b\.c/u],
    ] as const;
    const starts = refused.map(async ([args, says]) => {
      await using other = new Terminal({ args, env: { NATS_URL: url() } });
      expect(await other.exit()).toBe(1);
      expect(other.text).toMatch(says);
      expect(other.text).not.toMatch(/^\s+at /mu);
    });
    await Promise.all(starts);
  });

  it("1.3 a name at run time changes the prompt, and Node.stop changes it back", async () => {
    await using late = new Terminal({ env: { NATS_URL: url() } });
    await late.sees("otp(1)> ");
    await late.ask('Node.start("late@box")', /'ok'\n+otp\(late@box\)2> $/u);
    expect(await late.run('Node.start("late@box")')).toBe("'already_started'");
    expect(await late.run("Node.self()")).toBe("'late@box'");
    await late.ask("Node.stop()", /'ok'\n+otp\(5\)> $/u);
    expect(await late.run("Node.start(1)")).toContain('expected a name, as Node.start("one")');
  });
});

describe("chapters 2 to 4, three nodes", { timeout: 300_000 }, () => {
  let one: Terminal;
  let two: Terminal;
  let three: Terminal;
  beforeAll(async () => {
    [one, two, three] = [shell("one"), shell("two"), shell("three")];
    await Promise.all([one, two, three].map((each) => each.sees(/\)1> $/u)));
  }, 240_000);
  afterAll(async () => {
    await Promise.all([one, two, three].map((each) => each[Symbol.asyncDispose]()));
  });

  it("2.1 connecting is quiet, lists both, and says true again", async () => {
    expect(await one.run("Node.list()")).toBe("[]");
    expect(await two.run("Node.list()")).toBe("[]");
    const before = two.text;
    expect(await one.run('Node.connect("two@box")')).toBe("true");
    expect(await one.run("Node.list()")).toBe("[ 'two@box' ]");
    expect(two.text).toBe(before);
    expect(await two.run("Node.list()")).toBe("[ 'one@box' ]");
    expect(await one.run('Node.connect("two@box")')).toBe("true");
    expect(await one.run("Node.connect(node())")).toBe("true");
    expect(await one.run("Node.ping(node())")).toBe("'pong'");
  });

  it("2.2 who cannot be reached gives false without noise, and what is no name is logged or refused", async () => {
    expect(await one.run('Node.connect("nobody@box")')).toBe("false");
    expect(await one.run('Node.connect("nobody@unknown_host")')).toBe("false");
    expect(await one.run('Node.connect("nope")')).toMatch(/\[error\].*'nope' cannot be reached[^]*\nfalse$/u);
    expect(await one.run("Node.connect(42)")).toMatch(/^\*\* \(ArgumentError\) expected the name of a node\. Got: 42/u);
    expect(await one.run('Node.disconnect("nobody@box")')).toBe("false");
    expect(await one.run('Node.list("known").includes("nobody@box")')).toBe("true");
    expect(await one.run('Node.list("this")')).toBe("[ 'one@box' ]");
    // Names are compared as they are written.
    expect(await one.run('Node.connect("two@localhost")')).toBe("false");
  });

  it("2.3 whatever is sent to a node connects to it", async () => {
    expect(await one.run('Node.disconnect("two@box")')).toBe("true");
    await two.until("Node.list()", "[]");
    expect(await one.run('send({ name: "nobody", node: "two@box" }, "hi")')).toBe("'hi'");
    await one.until("Node.list()", "[ 'two@box' ]");
  });

  it("3.1 the mesh completes itself, and those who asked hear of nodes", async () => {
    expect(await one.run("Node.monitorNodes(true)")).toBe("'ok'");
    expect(await three.run('Node.connect("one@box")')).toBe("true");
    await three.until("Node.list().toSorted()", "[ 'one@box', 'two@box' ]");
    await two.until("Node.list().toSorted()", "[ 'one@box', 'three@box' ]");
    expect(await one.run('await receive({ type: "nodeup" }, { after: 60000 })')).toMatch(
      /'nodeup',\s+node: 'three@box'/u,
    );
    expect(await one.run("Node.monitorNodes(false)")).toBe("'ok'");
  });

  it("3.2 a disconnection that would leave overlapping partitions takes the cluster apart", async () => {
    const marks = [one, two, three].map(({ text }) => text.length);
    expect(await one.run('Node.disconnect("three@box")')).toMatch(/^true$/mu);
    for (const each of [one, two, three]) await each.until("Node.list()", /^\[\]$/mu);
    const end = "in order to prevent overlapping partitions";
    await says(one, marks[0], `[warning] one@box: 'global' at node one@box disconnected node two@box ${end}`);
    await says(three, marks[2], `[warning] three@box: 'global' at node three@box disconnected node two@box ${end}`);
    await says(
      two,
      marks[1],
      `[warning] two@box: 'global' at node two@box requested disconnect from node one@box ${end}`,
    );
    await says(
      two,
      marks[1],
      `[warning] two@box: 'global' at node two@box requested disconnect from node three@box ${end}`,
    );
    expect(await one.run('Node.connect("two@box")')).toMatch(/^true$/mu);
    expect(await three.run('Node.connect("one@box")')).toMatch(/^true$/mu);
    await three.until("Node.list().toSorted()", "[ 'one@box', 'two@box' ]");
    await two.until("Node.list().toSorted()", "[ 'one@box', 'three@box' ]");
  });

  it("3.3 a hidden shell is in no list, in no mesh, and does not share global names", async () => {
    await using hidden = shell("hidden", "--hidden");
    await hidden.sees("otp(hidden@box)1> ");
    expect(await hidden.run('Node.connect("one@box")')).toBe("true");
    expect(await hidden.run("Node.list()")).toBe("[]");
    expect(await hidden.run('Node.list("hidden")')).toBe("[ 'one@box' ]");
    expect(await one.run('Node.list("hidden")')).toBe("[ 'hidden@box' ]");
    expect(await one.run('Node.list("connected").includes("hidden@box")')).toBe("true");
    expect(await one.run("Node.list().includes('hidden@box')")).toBe("false");
    expect(await one.run('global.registerName("Seen", self())')).toBe("'yes'");
    expect(await hidden.run('global.whereisName("Seen")')).toBe("undefined");
    expect(await hidden.run('global.registerName("Seen", self())')).toBe("'yes'");
    await hidden.ask('Node.spawn("one@box", () => IO.puts("from " + node()))', /from one@box\n/u);
    expect(await one.run('global.unregisterName("Seen")')).toBe("'ok'");
  });

  it("4.1 a new cookie leaves connections as they are, and keeps those out who have the old one", async () => {
    expect(await one.run("Node.getCookie()")).toBe("'secret'");
    await using four = shell("four");
    await four.sees("otp(four@box)1> ");
    expect(await one.run('Node.setCookie("anewcookie")')).toMatch(/^true$/mu);
    expect(await one.run("Node.getCookie()")).toBe("'anewcookie'");
    expect(await one.run("Node.list().includes('two@box')")).toMatch(/^true$/mu);
    expect(await one.run("Node.ping('two@box')")).toBe("'pong'");
    one.type("");
    const before = four.text;
    expect(await four.run('Node.connect("one@box")')).toMatch(/^false$/mu);
    // The one that is asked says who it was; the one that asks gets false and nothing else.
    await one.sees(/\[error\][^\n]*four@box/u);
    expect(four.text.slice(before.length)).not.toMatch(/\[(?:error|warning)\]/u);
    two.type("");
    expect(await four.run('Node.setCookie("wrong")')).toMatch(/^true$/mu);
    expect(await four.run('Node.connect("two@box")')).toMatch(/^false$/mu);
    await two.sees(/\[error\][^\n]*four@box/u);
    // With the right one towards that one only.
    expect(await four.run('Node.setCookie("secret", "two@box")')).toMatch(/^true$/mu);
    expect(await four.run("Node.getCookie('two@box')")).toBe("'secret'");
    expect(await four.run('Node.connect("two@box")')).toMatch(/^true$/mu);
    await two.until("Node.list().includes('four@box')", "true");
  });

  it("4.2 when all have the new cookie, all are connected again", async () => {
    expect(await two.run('Node.setCookie("anewcookie")')).toMatch(/^true$/mu);
    expect(await three.run('Node.setCookie("anewcookie")')).toMatch(/^true$/mu);
    expect(await three.run("Node.setCookie(1)")).toMatch(/^\*\* \(\w+Error\) /u);
    expect(await two.run('Node.connect("one@box")')).toMatch(/^true$/mu);
    expect(await three.run('Node.connect("one@box")')).toMatch(/^true$/mu);
    await three.until("Node.list().toSorted()", /^\[ 'one@box', 'two@box' \]$/mu);
    await one.until("Node.list().toSorted()", "[ 'three@box', 'two@box' ]");
  });

  it("4.3 who is let in by one and not by another takes that one's place", async () => {
    expect(await three.run('Node.disconnect("one@box")')).toMatch(/^true$/mu);
    for (const each of [one, two, three]) await each.until("Node.list()", /^\[\]$/mu);
    expect(await one.run('Node.connect("two@box")')).toMatch(/^true$/mu);
    expect(await one.run('Node.setCookie("third")')).toMatch(/^true$/mu);
    expect(await one.run("Node.list()")).toBe("[ 'two@box' ]");
    one.type("");
    expect(await three.run('Node.connect("one@box")')).toBe("false");
    await one.sees(/\[error\][^\n]*three@box/u);
    const marks = [one, two, three].map(({ text }) => text.length);
    expect(await three.run('Node.setCookie("third")')).toMatch(/^true$/mu);
    expect(await three.run('Node.connect("one@box")')).toMatch(/^true$/mu);
    const end = "in order to prevent overlapping partitions";
    await says(three, marks[2], "[warning] three@box: 'global' at three@box failed to connect to two@box");
    await says(
      one,
      marks[0],
      `[warning] one@box: 'global' at node one@box requested disconnect from node two@box ${end}`,
    );
    await says(two, marks[1], `[warning] two@box: 'global' at node two@box disconnected node one@box ${end}`);
    await two.until("Node.list()", /^\[\]$/mu);
    await one.until("Node.list()", /^\[ 'three@box' \]$/mu);
    await three.until("Node.list()", /^\[ 'one@box' \]$/mu);
    expect(await two.run('Node.setCookie("third")')).toMatch(/^true$/mu);
    expect(await two.run('Node.connect("one@box")')).toMatch(/^true$/mu);
    await two.until("Node.list().toSorted()", /^\[ 'one@box', 'three@box' \]$/mu);
    await three.until("Node.list().toSorted()", /^\[ 'one@box', 'two@box' \]$/mu);
  });

  it("2.4 inside quotes the names of nodes are completed, elsewhere helpers and bindings", async () => {
    expect(await one.run("remembered = 1")).toBe("1");
    one.type('Node.ping("thr\t');
    await one.sees(/Node\.ping\("three@box$/u);
    expect(await one.run('")')).toBe("'pong'");
    one.type("remem\t");
    await one.sees(/remembered$/u);
    expect(await one.run(" + 1")).toBe("2");
    one.type("Node.discon\t");
    await one.sees(/Node\.disconnect$/u);
    one.type("\u0015");
    expect(await one.run('register("shelf", self())')).toBe("true");
    one.type('whereis("she\t');
    await one.sees(/whereis\("shelf$/u);
    expect(await one.run('")')).toMatch(/^#PID<0\.\d+\.0>$/u);
  });
});
