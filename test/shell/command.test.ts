import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";

import { osNode } from "../support/os-node.ts";
import { Terminal } from "../support/terminal.ts";

const program = new URL("../../packages/shell/src/bin.ts", import.meta.url);

async function run(...args: readonly string[]): Promise<{ code: number | null; lines: readonly string[] }> {
  await using command = osNode(program, { args, patienceMs: 120_000 });
  const { code } = await command.exit();
  return { code, lines: [...command.lines] };
}

describe("the command otp", { timeout: 240_000 }, () => {
  it.concurrent.each([
    { args: ["--help"], code: 0, says: /--with-nats/u },
    { args: ["-e", "const n: number = await 1; console.log(n + 1, Node.self())"], code: 0, says: /^2 nonode@nohost$/u },
    { args: ["-e", "IO.puts('said')"], code: 0, says: /^said$/u },
    { args: ["-e", "throw new TypeError('no')"], code: 1, says: /^\*\* \(TypeError\) no$/u },
    { args: ["-e", "foo("], code: 1, says: /^\*\* \(SyntaxError\) the code is incomplete$/u },
    { args: ["-e", "spawnLink((me) => me.exit('boom')); receive()"], code: 1, says: /exited with reason: boom$/u },
    {
      args: ["--sname", "x", "--nats", "nats://127.0.0.1:1"],
      code: 1,
      says: /--nats URL.*--with-nats.*Debian's package/u,
    },
  ])("$args", async ({ args, code, says }) => {
    const outcome = await run(...args);
    expect(outcome.lines.join("\n")).toMatch(new RegExp(says.source, "mu"));
    expect(outcome.code).toBe(code);
  });
});

describe("a shell of its own", { timeout: 240_000 }, () => {
  it("counts what succeeded, waits for promises, and remembers", async () => {
    const folder = mkdtempSync(join(tmpdir(), "otp-shell-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, "double.ts"), "export const double = (n: number): number => 2 * n;\n");
    await using shell = new Terminal();
    await shell.sees("otp(1)> ");
    await shell.ask("const x: number = 20", /20\n+otp\(2\)> $/u);
    await shell.ask("nothing", /\*\* \(ReferenceError\) nothing is not defined\n[^]*otp\(2\)> $/u);
    await shell.ask("const x = Promise.resolve(21)", /21\n+otp\(3\)> $/u);
    await shell.ask("v(1) + v()", /41\n/u);
    await shell.ask(`c(${JSON.stringify(join(folder, "double.ts"))})`, /double/u);
    await shell.ask("double(21)", /42\n/u);
    await shell.ask("class Box { value = 1 }", /class Box/u);
    await shell.ask('import { join } from "node:path"', "undefined");
    await shell.ask('join("a", "b")', "'a/b'");
    await shell.ask("Node.connect('two@box')", "'ignored'");
    await shell.ask("exit('bye')", "** (exit) bye");
    await shell.ask("h()", "Ctrl-D leaves");
    await shell.ask("i(self())", /Alive\s+true/u);
    await shell.ask("pid(String(self()).slice(5, -1)) === self()", "true");
    await shell.ask("ps()", /#PID<0\.1\.0>\s+user/u);
    await shell.ask("new Promise(() => {}", /\.\.\.\(\d+\)> $/u);
    shell.enter(")");
    shell.type("\u0003");
    await shell.sees(/\*\* \(InterruptError\) interrupted/u);
    await shell.ask('console.log("go" + "ing"); for (;;) {}', "going\n");
    shell.type("\u0003");
    await shell.sees(/\*\* \(InterruptError\)/u);
    shell.enter("for (;;) {}");
    shell.type("\u0003");
    await shell.sees(/\*\* \(InterruptError\) interrupted[^]*otp\(\d+\)> $/u);
    await shell.ask("exit(self(), 'kill')", /shell process exited with reason: killed[^]*otp\(1\)> $/u);
    shell.type("\u0004");
    expect(await shell.exit()).toBe(0);
  });

  it.each([
    { what: "an endless loop", code: "for (;;) {}", status: 0 },
    { what: "an endless await", code: "new Promise(() => {})", status: 0 },
    { what: "a loop that nothing can break", code: "await null; console.log('sp' + 'in'); for (;;) {}", status: 130 },
  ])("is left by Ctrl-C twice, also in $what", async ({ code, status }) => {
    await using shell = new Terminal();
    await shell.sees("otp(1)> ");
    shell.enter(code);
    if (status !== 0) await shell.sees("spin");
    shell.type("\u0003");
    if (status === 0) await shell.sees(/interrupted \(Ctrl-C again leaves\)\n+otp\(1\)> $/u);
    shell.type("\u0003");
    expect(await shell.exit()).toBe(status);
  });

  it("runs every one of two hundred lines that are pasted at once", async () => {
    await using shell = new Terminal();
    await shell.sees("otp(1)> ");
    shell.type(`sum = 0\r${"sum += await Promise.resolve(1)\r".repeat(200)}`);
    await shell.sees(/otp\(202\)> $/u);
    await shell.ask("sum", /200\n/u);
  });
});
