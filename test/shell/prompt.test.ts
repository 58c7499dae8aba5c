/** What a prompt offers besides the cluster: helpers, completion, history, and a server for this machine. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";

import { Terminal } from "../support/terminal.ts";

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "otp-prompt-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

describe("the prompt", { timeout: 300_000 }, () => {
  it("offers every helper", async () => {
    const home = folder();
    mkdirSync(join(home, "inner"));
    writeFileSync(join(home, "double.ts"), "export const double = (n: number): number => 2 * n;\n");
    await using shell = new Terminal();
    await shell.sees("otp(1)> ");
    expect(await shell.run("pwd()")).toMatch(/^'\/.*shell.*'$|^'\/.*support'$/u);
    expect(await shell.run(`ls(${JSON.stringify(home)})`)).toBe("[ 'double.ts', 'inner/' ]");
    const load = `c(${JSON.stringify(join(home, "double.ts"))})`;
    expect(await shell.run(`void await ${load}; double(2)`)).toBe("4");
    writeFileSync(join(home, "double.ts"), "export const double = (n: number): number => 200 * n;\n");
    expect(await shell.run("recompile()")).toContain("double.ts");
    expect(await shell.run("double(2)")).toBe("400");
    expect(await shell.run("v(-1)")).toBe("400");
    expect(await shell.run("h('trace')")).toContain("prints each message");
    expect(await shell.run("h('nothing')")).toContain("There is no help on nothing");
    expect(await shell.run("i([1, 2])")).toMatch(/Type +Array/u);
    // Processes.
    expect(await shell.run("p = spawn(async () => { for (;;) await receive() })")).toMatch(/^#PID<0\.\d+\.0>$/u);
    expect(await shell.run("pid(String(p).slice(5, -1)) === p")).toBe("true");
    expect(await shell.run("pid('x')")).toMatch(/^\*\* \(ArgumentError\) expected a pid as "0\.12\.0"/u);
    expect(await shell.run("trace(p) === p")).toBe("true");
    await shell.ask("send(p, { hello: 'there' })", /\*\* #PID<0\.\d+\.0> got \{ hello: 'there' \}\n/u);
    expect(await shell.run("trace(p, false) === p")).toBe("true");
    expect(await shell.run("send(p, 'unseen')")).toBe("'unseen'");
    expect(await shell.run("trace('nobody')")).toMatch(/^\*\* \(ArgumentError\) expected a living process/u);
    expect(await shell.run("link(p)")).toBe("true");
    expect(await shell.run("unlink(p)")).toBe("true");
    expect(await shell.run("ref = monitor(p); exit(p, 'kill')")).toBe("true");
    expect(await shell.run("receive({ type: 'DOWN' }, { after: 60000 })")).toMatch(/reason: 'killed'/u);
    expect(await shell.run("q = spawnLink(async (me) => { await receive(); me.exit('boom') }); 1")).toBe("1");
    await shell.ask("send(q, 'now')", /shell process exited with reason: boom\n[^]*otp\(1\)> $/u);
    // Behaviours.
    await shell.run(
      "class Counter extends GenServer { init(n) { return ok(n) } handleCall(m, f, n) { return reply(n + m, n + m) } handleCast(m, n) { return noreply(m) } }",
    );
    expect(await shell.run("server = await startLink(Counter, 5, { name: 'counter' })")).toMatch(/^#PID</u);
    expect(await shell.run("call('counter', 2)")).toBe("7");
    expect(await shell.run("cast('counter', 40)")).toBe("'ok'");
    expect(await shell.run("call(server, 2)")).toBe("42");
    expect(await shell.run("GenServer.call('counter', 0)")).toBe("42");
    expect(await shell.run("tree(self())")).toMatch(/expected a supervisor/u);
    expect(await shell.run("sys.getState(server)")).toBe("42");
    expect(await shell.run("sys.replaceState(server, (n) => n + 1)")).toBe("43");
    expect(await shell.run("sys.getStatus('counter')")).toContain("module: 'Counter'");
    expect(await shell.run("ps()")).toMatch(/#PID<0\.\d+\.0> +counter/u);
    expect(await shell.run("stop(server)")).toMatch(/^(?:'ok'|undefined)$/u);
    expect(
      await shell.run(
        "top = await Supervisor.startLink([{ id: 'one', start: (s) => startLink(s, Counter, 1) }], { strategy: 'one_for_one' })",
      ),
    ).toMatch(/^#PID</u);
    expect(await shell.run("tree(top)")).toMatch(/\n +one #PID<0\.\d+\.0> \(worker\)\n/u);
    expect(await shell.run("rpc.call(node(), () => 6 * 7)")).toBe("42");
    expect(await shell.run("global.registerName('g', self()); global.whereisName('g') === self()")).toBe("true");
    shell.type("\u0004");
    expect(await shell.exit()).toBe(0);
  });

  it("keeps its history, and completes helpers, bindings and properties", async () => {
    const history = join(folder(), "history");
    await using first = new Terminal({ env: { OTP_HISTORY: history } });
    await first.sees("otp(1)> ");
    expect(await first.run("wordForLater = 6 * 7")).toBe("42");
    first.type("wordFor\t");
    await first.sees(/wordForLater$/u);
    expect(await first.run(" + 1")).toBe("43");
    first.type("Supervisor.startL\t");
    await first.sees(/Supervisor\.startLink$/u);
    // Completing has counted for nothing.
    first.type("\u0015");
    expect(await first.run("v()")).toBe("43");
    first.type("\u0004");
    expect(await first.exit()).toBe(0);
    expect(readFileSync(history, "utf8")).toContain("wordForLater = 6 * 7");
    await using second = new Terminal({ env: { OTP_HISTORY: history } });
    await second.sees("otp(1)> ");
    second.type("\u001B[A\u001B[A\u001B[A");
    await second.sees(/wordForLater/u);
  });

  it("is there with little work", async () => {
    const built = existsSync(new URL("../../packages/shell/dist/bin.js", import.meta.url));
    await using shell = new Terminal({ isBuilt: built });
    await shell.sees("otp(1)> ");
    const used = await shell.run("(({ user, system }) => (user + system) / 1e6)(process.cpuUsage())");
    // Of the processor, and not on the clock, which a busy machine makes meaningless; the sources are compiled first.
    expect(Number(used)).toBeLessThan(built ? 2 : 8);
  });

  it("starts a NATS server for this machine with --with-nats, which others find and Ctrl-C leaves alone", async () => {
    const args = ["--with-nats", "--nats", `nats://127.0.0.1:${String(await freePort())}`];
    await using one = new Terminal({ args: ["--sname", "one@box", ...args] });
    await one.sees("otp(one@box)1> ");
    await using two = new Terminal({ args: ["--sname", "two@box", ...args] });
    await two.sees("otp(two@box)1> ");
    one.enter("console.log('go' + 'ing'); for (;;) {}");
    await one.sees("going\n");
    one.type("\u0003");
    await one.sees(/interrupted[^]*otp\(one@box\)1> $/u);
    await one.until('Node.connect("two@box")', "true");
    expect(await two.run("Node.list()")).toBe("[ 'one@box' ]");
    two.type("\u0004");
    expect(await two.exit()).toBe(0);
    one.type("\u0004");
    expect(await one.exit()).toBe(0);
    // It has ended with the shell that had started it.
    await using three = new Terminal({ args: ["--sname", "three@box", ...args.slice(1)] });
    expect(await three.exit()).toBe(1);
    expect(three.text).toMatch(/^otp: no NATS server at .*--nats URL.*--with-nats.*Debian's package nats-server$/mu);
  });
});
