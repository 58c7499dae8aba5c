import { describe, expect, it, beforeAll, afterAll } from "vitest";

import { sharedNatsServer } from "../support/nats-server.ts";
import { Terminal } from "../support/terminal.ts";

const { url } = sharedNatsServer();

function shell(name: string, env: Readonly<Record<string, string>> = {}): Terminal {
  return new Terminal({ args: ["--sname", `${name}@box`], env: { NATS_URL: url(), ...env } });
}

describe("two shells", { timeout: 240_000 }, () => {
  let one: Terminal;
  let two: Terminal;
  beforeAll(async () => {
    one = shell("one");
    two = shell("two");
    await Promise.all([one.sees("otp(one@box)1> "), two.sees("otp(two@box)1> ")]);
  });
  afterAll(async () => {
    await Promise.all([one[Symbol.asyncDispose](), two[Symbol.asyncDispose]()]);
  });

  it("know their names, and each other once connected", async () => {
    expect(two.text).toContain("Code from shells with the same cookie runs here.");
    await one.ask("Node.self()", /'one@box'\n+otp\(one@box\)2> /u);
    await one.ask("Node.list()", /\[\]\n+otp\(one@box\)3> /u);
    await one.ask('Node.connect("nobody@box")', /false\n/u);
    await one.ask('await Node.connect("two@box")', /true\n/u);
    await one.ask('Node.connect("two@box")', /true\n/u);
    await two.ask("Node.list()", "[ 'one@box' ]");
    await two.ask('Node.ping("one@box")', "'pong'");
    await two.ask("Node.getCookie()", "'secret'");
    await two.ask("Node.stop()", "'not_allowed'");
  });

  it("play ping-pong with a process that one starts on the other", async () => {
    one.enter('pid = Node.spawnLink("two@box", async (self) => {');
    await one.sees(/\.\.\.\(one@box\)\d+> $/u);
    one.enter('const { from } = await receive({ type: "ping" });');
    await one.sees(/\.\.\.\(one@box\)\d+> $/u);
    one.enter('send(from, { type: "pong", node: node() });');
    await one.sees(/\.\.\.\(one@box\)\d+> $/u);
    await one.ask("})", /#PID<two@box\.\d+\.\d+>/u);
    await one.ask('send(pid, { type: "ping", from: self() })', /type: 'ping', from: #PID<0\.\d+\.0>/u);
    await one.ask("sleep(100)", "undefined");
    await one.ask("flush()", /\{ type: 'pong', node: 'two@box' \}\n'ok'/u);
  });

  it("print where the spawner is, above a prompt that somebody types at", async () => {
    await one.ask('Node.spawn("two@box", () => IO.puts("hello from " + node()))', /hello from two@box\n/u);
    await two.ask('global.registerName("two", groupLeader())', "'yes'");
    await one.ask('global.sync && await rpc.call("two@box", () => 1 + 1)', /2\n/u);
    two.type("1 + 2");
    await two.sees("1 + 2");
    await one.ask('IO.puts(await rpc.call("two@box", () => groupLeader()), "INTERRUPT")', "undefined");
    await two.sees(/INTERRUPT\n+otp\(two@box\)\d+> 1 \+ 2$/u);
    two.enter("");
    await two.sees(/3\n/u);
  });

  it("send functions with what they mention, also in requests", async () => {
    await one.ask("limit = 4", /4\n/u);
    await one.ask('rpc.call("two@box", (list) => list.filter((x) => x > limit), [[3, 5, 7]])', "[ 5, 7 ]");
    await one.ask('rpc.call("two@box", () => nowhere())', /\*\* \(RemoteExceptionError\).*nowhere is not defined/u);
  });

  it("find a process by its global name from both sides", async () => {
    await one.ask(
      "server = spawn(async () => { for (;;) send((await receive()).from, 'served') })",
      /#PID<0\.\d+\.0>/u,
    );
    await one.ask('global.registerName("Server", server)', "'yes'");
    await one.ask('global.registerName("Server", self())', "'no'");
    two.enter('while (!global.whereisName("Server")) await sleep(10); send({ global: "Server" }, { from: self() })');
    await two.sees(/otp\(two@box\)\d+> $/u);
    await two.ask("receive({ after: 5000 })", "'served'");
    await two.ask("global.registeredNames()", "'Server'");
  });

  it("lose their process and what was bound when a link breaks, and begin at 1 again", async () => {
    await one.ask("x = 1", /1\n/u);
    one.enter('Node.spawnLink("two@box", async (self) => { await self.sleep(50); self.exit("boom") })');
    await one.sees(/\*\* \(EXIT from #PID<0\.\d+\.0>\) shell process exited with reason: boom\n/u);
    await one.sees(/Interactive otp [^]*otp\(one@box\)1> $/u);
    await one.ask("x", "** (ReferenceError) x is not defined");
    await one.sees(/otp\(one@box\)1> $/u);
    await one.ask("Node.list()", "[ 'two@box' ]");
  });

  it("keep a node with another cookie out, which only the one that is asked logs", async () => {
    await using three = shell("three", { OTP_COOKIE: "another" });
    await three.sees("otp(three@box)1> ");
    two.type("");
    await three.ask('Node.connect("two@box")', /false\n+otp\(three@box\)2> $/u);
    await two.sees(/\[(?:warning|error)\].*three@box/u);
    await three.ask('Node.setCookie("secret")', "true");
    await three.ask('Node.connect("two@box")', /true\n/u);
    three.enter("while (Node.list().length < 2) await sleep(10); Node.list().toSorted()");
    await three.sees(/otp\(three@box\)5> $/u);
    await three.ask("Node.list().toSorted()", "[ 'one@box', 'two@box' ]");
  });
});
