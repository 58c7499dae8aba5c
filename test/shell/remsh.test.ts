/** Shells that are attached to services: what they may, what they leave behind, and what the service writes about it. */
import { describe, expect, it } from "vitest";

import { sharedNatsServer } from "../support/nats-server.ts";
import { type OsNode, osNode } from "../support/os-node.ts";
import { Terminal } from "../support/terminal.ts";

const { url } = sharedNatsServer();
const program = new URL("fixtures/service-node.ts", import.meta.url);

async function service(access: string): Promise<OsNode> {
  const node = osNode(program, { args: [access], env: { NATS_URL: url() }, patienceMs: 90_000 });
  await node.line("serving");
  return node;
}

function shell(...args: readonly string[]): Terminal {
  return new Terminal({ args, env: { NATS_URL: url() } });
}

describe("otp --remsh", { timeout: 300_000 }, () => {
  it("evaluates on the service, types and prints here, and is logged there with who and from where", async () => {
    await using node = await service("full");
    await using visitor = shell("--sname", "visitor@box", "--remsh", "full@box");
    await visitor.sees("otp(full@box)1> ");
    expect(visitor.text).toContain("What is typed runs on full@box.");
    expect(await visitor.run("Node.self()")).toBe("'full@box'");
    expect(await visitor.run("Node.list()")).toBe("[ 'visitor@box' ]");
    expect(await visitor.run("const kept: number = 20")).toBe("20");
    expect(await visitor.run("await Promise.resolve(kept + v())")).toBe("40");
    expect(await visitor.run("missing")).toMatch(/^\*\* \(ReferenceError\) missing is not defined/u);
    expect(await visitor.run("sys.getState('counter')")).toBe("{ count: 7 }");
    visitor.enter("[1, 2].map((n) => {");
    await visitor.sees(/\n\.\.\.\(full@box\)\d+> $/u);
    expect(await visitor.run("return n * kept })")).toBe("[ 20, 40 ]");
    await visitor.ask('IO.puts("printed " + node())', /printed full@box\n/u);
    await visitor.ask('spawn(() => IO.puts("by a child"))', /by a child\n/u);
    visitor.enter('IO.gets("name? ")');
    await visitor.sees(/name\? $/u);
    expect(await visitor.run("bob")).toBe(String.raw`'bob\n'`);
    visitor.type("whereis('count\t");
    await visitor.sees(/whereis\('counter$/u);
    expect(await visitor.run("').node")).toBe("'full@box'");
    // Ctrl-C gives up what is waited for there.
    visitor.enter('IO.puts("go" + "ing"); new Promise(() => {})');
    await visitor.sees("going\n");
    visitor.type("\u0003");
    await visitor.sees(/interrupted[^]*otp\(full@box\)\d+> $/u);
    // The evaluator there is a process like others.
    await visitor.ask("exit(self(), 'kill')", /shell process exited with reason: killed[^]*otp\(full@box\)1> $/u);
    expect(await visitor.run("kept")).toMatch(/^\*\* \(ReferenceError\)/u);
    const { text } = JSON.parse(await node.line(/"shell_command".*Node\.list/u)) as { text: unknown };
    expect(text).toBe("Node.list()\n");
    expect(await node.line(/"shell_attached"/u)).toMatch(/"user":"[^"]+","from":"visitor@box"/u);
    // What leaves nothing behind: its evaluator ends, the service goes on.
    await visitor.run("register('evaluator', self())");
    visitor.type("\u0004");
    expect(await visitor.exit()).toBe(0);
    await node.line(/"shell_left"/u);
    const left = shell(
      "--remsh",
      "full@box",
      "-e",
      "IO.puts(`left: ${whereis('evaluator')} ${whereis('counter') !== undefined}`)",
    );
    await using _left = left;
    expect(await left.exit()).toBe(0);
    expect(left.text).toContain("left: undefined true");
  });

  it("looks and touches nothing with --inspect, which the service enforces", async () => {
    await using node = await service("inspect");
    await using eager = shell("--remsh", "inspect@box");
    expect(await eager.exit()).toBe(1);
    expect(eager.text).toMatch(/^otp: node inspect@box: it lets shells look and not touch: add --inspect$/mu);
    await using eye = shell("--sname", "eye@box", "--remsh", "inspect@box", "--inspect");
    await eye.sees("look(inspect@box)1> ");
    expect(await eye.run("ps()")).toMatch(/#PID<0\.\d+\.0> +counter/u);
    expect(await eye.run("await sys.getState('counter')")).toBe("{ count: 7 }");
    expect(await eye.run("i(whereis('counter'))")).toMatch(/Name +counter/u);
    expect(await eye.run("Node.list()")).toBe("[ 'eye@box' ]");
    const attempts = [
      "exit(whereis('counter'), 'kill')",
      "send('counter', 'hi')",
      "x = 1",
      "1 + 1",
      "i(process.exit(1))",
      "i(exit(self(), 'kill'))",
      "ps.constructor('return process')()",
      "sys.replaceState('counter', 1)",
      "Node.constructor()",
      "i(`${process.exit(1)}`)",
      "ps(); process.exit(1)",
      "import('node:fs')",
      "shell",
      "i(...[1])",
    ];
    for (const attempt of attempts) {
      // One after the other, since it is one terminal.
      expect(await eye.run(attempt)).toMatch(/^\*\* \(ArgumentError\) this shell may look and not touch/u);
    }
    expect(await eye.run("sys.getState('counter')")).toBe("{ count: 7 }");
    expect(await node.line(/"shell_command".*replaceState/u)).toMatch(/"from":"eye@box","access":"inspect"/u);
  });

  it.each([
    { access: "none", says: /^otp: node none@box: it accepts no shells: .*acceptShells/mu },
    { access: "picky", says: /^otp: node picky@box: it lets no shells of stranger@box in$/mu },
  ])("is refused by a service that lets nobody in, or not everybody: $access", async ({ access, says }) => {
    await using node = await service(access);
    await using stranger = shell("--sname", "stranger@box", "--remsh", `${access}@box`);
    expect(await stranger.exit()).toBe(1);
    expect(stranger.text).toMatch(says);
    await node.line(/"shell_refused".*stranger@box/u);
  });

  it("says when the node cannot be reached, and when it is lost", async () => {
    await using nobody = shell("--remsh", "nobody@box");
    expect(await nobody.exit()).toBe(1);
    expect(nobody.text).toMatch(/^otp: no connection to nobody@box: does it run, with the same cookie\?$/mu);
    await using node = await service("full");
    await using visitor = shell("--remsh", "full@box");
    await visitor.sees("otp(full@box)1> ");
    await node.kill();
    expect(await visitor.exit()).toBe(1);
    expect(visitor.text).toMatch(/\*\*\* no connection to full@box/u);
  });
});
