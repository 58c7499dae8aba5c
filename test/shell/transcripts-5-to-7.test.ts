/** Ping-pong, group leaders and global names at prompts, numbered by chapter and scenario of the transcripts of iex. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { sharedNatsServer } from "../support/nats-server.ts";
import { startShell } from "../support/shells.ts";
import type { Terminal } from "../support/terminal.ts";

const { url } = sharedNatsServer();

const shell = (name: string): Terminal => startShell(url(), name);

describe("chapters 5 to 7, two nodes", { timeout: 300_000 }, () => {
  let one: Terminal;
  let two: Terminal;
  beforeAll(async () => {
    [one, two] = [shell("one"), shell("two")];
    await Promise.all([one, two].map((each) => each.sees(/\)1> $/u)));
  }, 240_000);
  afterAll(async () => {
    await Promise.all([one, two].map((each) => each[Symbol.asyncDispose]()));
  });

  it("5.1 ping-pong with a linked process there, whose normal end harms nobody", async () => {
    one.enter('pid = Node.spawnLink("two@box", async () => {');
    await one.sees(/\n\.\.\.\(one@box\)1> $/u);
    one.enter('const { client } = await receive({ type: "ping" });');
    await one.sees(/\n\.\.\.\(one@box\)1> $/u);
    one.enter('send(client, "pong");');
    await one.sees(/\n\.\.\.\(one@box\)1> $/u);
    expect(await one.run("})")).toMatch(/^#PID<two@box\.\d+\.\d+>$/u);
    // Spawning has connected.
    await one.until("Node.list()", "[ 'two@box' ]");
    expect(await one.run('send(pid, { type: "ping", client: self() })')).toMatch(
      /^\{ type: 'ping', client: #PID<0\.\d+\.0> \}$/u,
    );
    expect(await one.run("await receive((message) => message === 'pong', { after: 60000 })")).toBe("'pong'");
    await one.until("info(self(), 'links')", "[]");
    expect(await one.run('send(pid, { type: "ping", client: self() }); flush()')).toBe("'ok'");
    expect(await one.run("isProcessAlive(pid)")).toMatch(/^\*\* \(ArgumentError\) /u);
    expect(await one.run("i(pid)")).toMatch(/Type +Pid\nNode +two@box/u);
  });

  it("5.2 with trapped exits the ends are messages", async () => {
    expect(await one.run('flag("trapExit", true)')).toBe("false");
    await one.run('Node.spawnLink("two@box", () => 1)');
    expect(await one.run("await receive({ type: 'EXIT' }, { after: 60000 })")).toMatch(/reason: 'normal'/u);
    await one.run('Node.spawnLink("two@box", () => { throw new RangeError("far") })');
    expect(await one.run("await receive({ type: 'EXIT' }, { after: 60000 })")).toMatch(/reason: RangeError: far/u);
    await one.run('Node.spawnLink("nobody@box", () => 1)');
    expect(await one.run("await receive({ type: 'EXIT' }, { after: 60000 })")).toMatch(/reason: 'noconnection'/u);
    await one.run('Node.spawnMonitor("nobody@box", () => 1)');
    expect(await one.run("await receive({ type: 'DOWN' }, { after: 60000 })")).toMatch(/reason: 'noconnection'/u);
    expect(await one.run('flag("trapExit", false)')).toBe("true");
  });

  it.each([
    { ends: '(me) => me.exit("shutdown")', says: "shutdown" },
    { ends: '(me) => me.exit({ shutdown: "x" })', says: "shutdown: 'x'" },
    { ends: '(me) => me.exit("boom")', says: "boom" },
    { ends: '(me) => me.exit("kill")', says: "kill" },
    { ends: '() => exit(self(), "kill")', says: "killed" },
    { ends: '() => { throw new Error("boom") }', says: "an exception was raised:\n    ** (Error) boom", logs: true },
    {
      ends: '() => { throw "ball" }',
      says: "an uncaught throw: 'ball'",
      logs: true,
    },
    {
      ends: "() => onlyHere()",
      says: "an exception was raised:\n    ** (ReferenceError) onlyHere is not defined",
      logs: true,
    },
  ])("5.3 how it ends is what ends the shell: $ends", async ({ ends, says, logs = false }) => {
    await one.run("kept = 1");
    two.type("");
    one.enter(`Node.spawnLink("two@box", ${ends})`);
    await one.sees(
      /\*\* \(EXIT from #PID<0\.\d+\.0>\) shell process exited with reason: [^]*Interactive otp [^]*otp\(one@box\)1> $/u,
    );
    expect(one.text.slice(one.text.lastIndexOf("** (EXIT from"))).toContain(says);
    if (logs) {
      // Of an exception both nodes write, each with the pid as it sees it.
      await two.sees(/\[error\][^\n]*Process #PID<0\.\d+\.\d+> raised an exception/u);
      expect(one.text).toMatch(/\[error\][^\n]*Process #PID<two@box\.\d+\.\d+> raised an exception/u);
    }
    expect(await one.run("kept")).toContain("** (ReferenceError) kept is not defined");
    expect(await one.run("Node.list()")).toBe("[ 'two@box' ]");
  });

  it("5.4 the other way round: what is typed and fails is caught, the end of the shell's process is not", async () => {
    await one.run('far = Node.spawnLink("two@box", async () => { register("far", self()); await receive() })');
    expect(await one.run("throw new Error('oops')")).toMatch(/^\*\* \(Error\) oops/u);
    expect(await one.run("exit('bye')")).toBe("** (exit) bye");
    expect(await one.run("throw 'ball'")).toBe("** (throw) 'ball'");
    expect(await one.run("exit(far, 'normal')")).toBe("true");
    await two.until("whereis('far') !== undefined", "true");
    await one.ask("exit(self(), 'kill')", /exited with reason: killed[^]*otp\(one@box\)1> $/u);
    await two.until("whereis('far')", "undefined");
  });

  it("6.1 what a process prints appears where it was started, by itself or by its children", async () => {
    const before = two.text;
    await one.ask('Node.spawn("two@box", () => IO.puts("hello world"))', /hello world\n/u);
    await one.ask('Node.spawn("two@box", () => IO.inspect(Node.self()))', /'two@box'\n/u);
    await one.ask('Node.spawn("two@box", () => spawn(() => spawn(() => IO.puts("grandchild"))))', /grandchild\n/u);
    expect(two.text).toBe(before);
    two.type("");
    await one.run('Node.spawn("two@box", () => IO.puts("user", "on two"))');
    await two.sees(/on two\n/u);
  });

  it("6.2 a group leader is a device: the text is above the prompt, and what is half typed is drawn again", async () => {
    expect(await two.run('global.registerName("two", groupLeader())')).toBe("'yes'");
    await one.until('(leader = global.whereisName("two")) !== undefined', "true");
    two.type("");
    expect(await one.run('IO.puts(leader, "Hello")')).toBe("undefined");
    await two.sees(/Hello\n+otp\(two@box\)\d+> $/u);
    two.type("1 + 2");
    await two.sees(/1 \+ 2$/u);
    await one.run('IO.puts(leader, "INTERRUPT")');
    await two.sees(/INTERRUPT\n+otp\(two@box\)\d+> 1 \+ 2$/u);
    // What has no newline stands in front of the prompt, also when more comes.
    await one.run('IO.write(leader, "no newline")');
    await two.sees(/no newlineotp\(two@box\)\d+> 1 \+ 2$/u);
    await one.run('IO.write(leader, ", and more")');
    await two.sees(/no newline, and moreotp\(two@box\)\d+> 1 \+ 2$/u);
    expect(await two.run("")).toBe("3");
    expect(await one.run('IO.inspect({ a: 1 }, { label: "lbl", device: leader })')).toBe("{ a: 1 }");
    await two.sees(/lbl: \{ a: 1 \}\n/u);
  });

  it("6.3 devices that are none", async () => {
    expect(await one.run('IO.puts("two", "x")')).toMatch(/^\*\* \(ArgumentError\) the device does not exist/u);
    await one.run('dead = Node.spawn("two@box", () => undefined)');
    expect(await one.run('IO.puts(dead, "x")')).toMatch(/^\*\* \(DeviceError\) the device has terminated/u);
  });

  it("6.4 IO.gets asks at the prompt of whoever started the process, and gives back what was half typed", async () => {
    one.enter('IO.gets("name? ")');
    await one.sees(/name\? $/u);
    expect(await one.run("bob")).toBe(String.raw`'bob\n'`);
    two.enter('Node.spawn("one@box", async () => IO.puts("got " + await IO.gets("who? ")))');
    await two.sees(/who\? $/u);
    two.enter("alice");
    await two.sees(/got alice\n/u);
    await two.sees(/otp\(two@box\)\d+> $/u);
    // Asked while somebody types something else.
    two.type("7 * ");
    await two.sees(/7 \* $/u);
    await one.run('Node.spawn("two@box", async () => IO.puts("user", "it is " + await IO.gets("user", "what? ")))');
    await two.sees(/what\? $/u);
    two.enter("tea");
    await two.sees(/it is tea\n[^]*7 \* $/u);
    two.enter("6");
    await two.sees(/42\n/u);
  });

  it("7.1 a global name is known on both sides until its process ends", async () => {
    await one.run("pinger = spawn(async () => { const { client } = await receive(); send(client, 'pong') })");
    expect(await one.run("global.registerName('PingPong', pinger)")).toBe("'yes'");
    await two.until("global.whereisName('PingPong')?.node", "'one@box'");
    expect(await two.run("global.registeredNames().toSorted()")).toBe("[ 'PingPong', 'two' ]");
    // One name per process, one process per name.
    expect(await two.run("global.registerName('PingPong', self())")).toBe("'no'");
    expect(await one.run("global.registerName('PingPong', pinger)")).toBe("'no'");
    expect(await one.run("global.registerName('Other', pinger)")).toMatch(/registered under several names[^]*'no'$/u);
    expect(await two.run("send({ global: 'PingPong' }, { client: self() })")).toMatch(/^\{ client: #PID</u);
    expect(await two.run("await receive({ after: 60000 })")).toBe("'pong'");
    await two.until("global.whereisName('PingPong')", "undefined");
    await one.until("global.whereisName('PingPong')", "undefined");
    expect(await two.run("global.send('PingPong', 'x')")).toMatch(
      /^\*\* \(exit\) \{ badarg: \[ 'PingPong', 'x' \] \}/u,
    );
    expect(await two.run("send(global.whereisName('PingPong'), 'x')")).toMatch(
      /^\*\* \(ArgumentError\) invalid destination/u,
    );
  });

  it("7.2 names are replaced, given up by anybody, and can be any term", async () => {
    expect(await one.run("global.registerName({ any: ['term', 1] }, self())")).toBe("'yes'");
    await two.until("global.whereisName({ any: ['term', 1] })?.node", "'one@box'");
    expect(await two.run("global.unregisterName({ any: ['term', 1] })")).toBe("'ok'");
    await one.until("global.whereisName({ any: ['term', 1] })", "undefined");
    expect(await one.run("global.registerName('R', self())")).toBe("'yes'");
    await two.until("global.whereisName('R')?.node", "'one@box'");
    expect(await two.run("global.reRegisterName('R', self())")).toBe("'yes'");
    await one.until("global.whereisName('R')?.node", "'two@box'");
    expect(await one.run("global.registerName('X', 'no pid')")).toMatch(/^\*\* \(ArgumentError\) expected a pid/u);
    // Of a process of another node, and freed when that ends.
    await one.run("far = Node.spawn('two@box', () => receive())");
    expect(await one.run("global.registerName('Far', far)")).toBe("'yes'");
    await two.until("global.whereisName('Far')?.node", "'two@box'");
    expect(await one.run("exit(far, 'kill')")).toBe("true");
    await one.until("global.whereisName('Far')", "undefined");
    await two.until("global.whereisName('Far')", "undefined");
  });
});
