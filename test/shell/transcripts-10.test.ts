/** Failures at prompts, numbered by chapter and scenario of the transcripts of iex. */
import { describe, expect, it } from "vitest";

import { startProxy } from "../support/fault-proxy.ts";
import { sharedNatsServer } from "../support/nats-server.ts";
import { end, prompts, startShell } from "../support/shells.ts";
import type { Terminal } from "../support/terminal.ts";

const { url } = sharedNatsServer();

const shell = (name: string, ...more: readonly string[]): Terminal => startShell(url(), name, ...more);

describe("chapter 10, failures", { timeout: 300_000 }, () => {
  const down = "await receive({ type: 'nodedown' }, { after: 80000 })";

  it("10.1 a killed node: watchers hear of it, links break, and it comes back as another", async () => {
    const [one, two] = [shell("one"), shell("two")];
    try {
      await prompts(one, two);
      // Watching connects.
      expect(await one.run('Node.monitor("two@box", true)')).toBe("true");
      expect(await one.run('Node.monitor("two@box", true)')).toBe("true");
      await one.until("Node.list()", "[ 'two@box' ]");
      expect(await one.run('Node.monitor("nobody@box", true)')).toBe("true");
      expect(await one.run("await receive({ type: 'nodedown', node: 'nobody@box' }, { after: 60000 })")).toContain(
        "nobody",
      );
      await one.run('old = Node.spawn("two@box", async () => receive())');
      await one.run("ref = monitor(old)");
      await one.run('slow = Node.spawn("two@box", async () => sleep("infinity"))');
      one.enter("call(slow, 'anybody?', 100000)");
      await two.kill();
      expect(await one.sees(/\*\* \(CallError\)[^]*no connection to two@box[^]*\)\d+> $/u)).toBeTruthy();
      expect(await one.run(down)).toContain("node: 'two@box'");
      expect(await one.run(down)).toContain("node: 'two@box'");
      expect(await one.run("await receive({ type: 'DOWN' }, { after: 60000 })")).toMatch(/reason: 'noconnection'/u);
      expect(await one.run("Node.list()")).toBe("[]");
      await using again = shell("two");
      await prompts(again);
      await one.until('Node.connect("two@box")', "true");
      expect(await one.run("send(old, 'hi')")).toBe("'hi'");
      await one.run("ref = monitor(old)");
      expect(await one.run("await receive({ type: 'DOWN' }, { after: 60000 })")).toMatch(/reason: 'noproc'/u);
    } finally {
      await end(one, two);
    }
  });

  it("10.2 a stopped node: sends are taken, calls time out, the tick ends it; woken, it connects again", async () => {
    const [one, two] = [shell("one"), shell("two")];
    try {
      await prompts(one, two);
      const pid = Number(await two.run("process.pid"));
      expect(await one.run('Node.connect("two@box")')).toBe("true");
      await two.run("register('there', self())");
      await one.run("Node.monitor('two@box')");
      process.kill(pid, "SIGSTOP");
      expect(await one.run("send({ name: 'there', node: 'two@box' }, 'are you there?')")).toBe("'are you there?'");
      expect(await one.run("call({ name: 'there', node: 'two@box' }, 'hi', 200)")).toMatch(/\*\* \(EXIT\) time out/u);
      expect(await one.run("Node.list()")).toBe("[ 'two@box' ]");
      expect(await one.run("Node.setTickTime(2000)")).toBe("'changed'");
      expect(await one.run(down)).toContain("node: 'two@box'");
      expect(await one.run("Node.list()")).toBe("[]");
      process.kill(pid, "SIGCONT");
      await two.until("Node.list()", "[]");
      await one.until('Node.connect("two@box")', "true");
      await two.until("Node.list()", "[ 'one@box' ]");
    } finally {
      await end(one, two);
    }
  });

  it("10.3 a node that is cut off: lost on both sides, and found again", async () => {
    const port = Number(new URL(url()).port);
    const proxy = await startProxy(port);
    const one = shell("one");
    const cut = shell("cut", "--nats", proxy.url);
    try {
      await prompts(one, cut);
      expect(await one.run('Node.connect("cut@box")')).toBe("true");
      for (const each of [one, cut]) await each.run("Node.setTickTime(2000)");
      await one.run("Node.monitor('cut@box')");
      await cut.run("Node.monitor('one@box')");
      proxy.stall();
      expect(await one.run(down)).toContain("node: 'cut@box'");
      expect(await cut.run(down)).toContain("node: 'one@box'");
      expect(await cut.run("Node.list()")).toBe("[]");
      proxy.flow();
      await one.until('Node.connect("cut@box")', "true");
      await cut.until("Node.list()", "[ 'one@box' ]");
    } finally {
      await end(one, cut);
      await proxy.close();
    }
  });

  it("10.4 a node that leaves says so, and a shell that was started with a name keeps it", async () => {
    const [one, two] = [shell("one"), shell("two")];
    try {
      await prompts(one, two);
      expect(await two.run("Node.stop()")).toBe("'not_allowed'");
      await one.run("Node.monitor('two@box')");
      await one.until("Node.list()", "[ 'two@box' ]");
      two.type("\u0004");
      expect(await two.exit()).toBe(0);
      expect(await one.run(down)).toContain("node: 'two@box'");
    } finally {
      await end(one, two);
    }
  });
});
