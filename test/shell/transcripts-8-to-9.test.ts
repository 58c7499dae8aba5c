/** Conflicts of names and FilterService at prompts, numbered by chapter and scenario of the transcripts of iex. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { sharedNatsServer } from "../support/nats-server.ts";
import { end, prompts, startShell } from "../support/shells.ts";
import type { Terminal } from "../support/terminal.ts";

const { url } = sharedNatsServer();
const service = new URL("fixtures/filter-service.ts", import.meta.url).pathname;
const ended = /\*\* \(EXIT from #PID<0\.\d+\.0>\) shell process exited with reason: [^]*Interactive otp [^]*\)1> $/u;

const shell = (name: string, ...more: readonly string[]): Terminal => startShell(url(), name, ...more);

describe("chapter 8, the same name on both sides", { timeout: 300_000 }, () => {
  let aaa: Terminal;
  let zzz: Terminal;
  beforeAll(async () => {
    [aaa, zzz] = [shell("aaa"), shell("zzz")];
    await prompts(aaa, zzz);
  }, 240_000);
  afterAll(() => end(aaa, zzz));

  async function part(): Promise<void> {
    await aaa.run('Node.disconnect("zzz@box")');
    await aaa.until("Node.list()", "[]");
    await zzz.until("Node.list()", "[]");
  }

  async function conflict(resolver = ""): Promise<void> {
    for (const each of [aaa, zzz]) {
      // One after the other, to make the transcript readable.
      await each.run("p = spawn(async (me) => { for (;;) seen = await me.receive() }); seen = undefined");
      expect(await each.run(`global.registerName("Dup", p${resolver})`)).toBe("'yes'");
    }
    expect(await aaa.run('Node.connect("zzz@box")')).toMatch(/^true$/mu);
  }

  it("8.1 the one on the node whose name sorts first stays, the other is killed", async () => {
    await conflict();
    await zzz.until("isProcessAlive(p)", "false");
    await zzz.until("global.whereisName('Dup')?.node", "'aaa@box'");
    expect(await aaa.run("global.whereisName('Dup') === p")).toBe("true");
    expect(await aaa.run("isProcessAlive(p)")).toBe("true");
    // One line, at the winner's.
    const line = /\[info\] .*global: Name conflict terminating \{Dup, #PID<zzz@box\.\d+\.0>\}/gu;
    expect([...aaa.text.matchAll(line)].length).toBe(1);
    expect(zzz.text).not.toContain("Name conflict");
    await aaa.run("exit(p, 'kill')");
    await zzz.until("global.whereisName('Dup')", "undefined");
    await part();
  });

  it("8.2 a resolver may tell the loser instead", async () => {
    await conflict(", global.randomNotifyName");
    await zzz.until("JSON.stringify(seen)?.includes('global_name_conflict') ?? false", "true");
    expect(await zzz.run("isProcessAlive(p)")).toBe("true");
    await zzz.until("global.whereisName('Dup')?.node", "'aaa@box'");
    await aaa.run("exit(p, 'kill')");
    await zzz.until("global.whereisName('Dup')", "undefined");
    await part();
  });

  it("8.3 or tell both, and nobody has the name", async () => {
    await conflict(", global.notifyAllName");
    await zzz.until("JSON.stringify(seen)?.includes('global_name_conflict') ?? false", "true");
    await aaa.until("JSON.stringify(seen)?.includes('global_name_conflict') ?? false", "true");
    await aaa.until("global.whereisName('Dup')", "undefined");
    await zzz.until("global.whereisName('Dup')", "undefined");
    await part();
  });

  it("8.4 the shells themselves: the loser's says why it begins anew", async () => {
    expect(await aaa.run("global.registerName('Me', self())")).toBe("'yes'");
    expect(await zzz.run("global.registerName('Me', self())")).toBe("'yes'");
    zzz.type("");
    await aaa.run('Node.connect("zzz@box")');
    await zzz.sees(/\*\* \(EXIT from #PID<0\.\d+\.0>\) shell process exited with reason: killed\n[^]*\)1> $/u);
    await zzz.until("global.whereisName('Me')?.node", "'aaa@box'");
  });
});

describe("chapter 9, FilterService from three nodes", { timeout: 300_000 }, () => {
  let one: Terminal;
  let two: Terminal;
  let three: Terminal;
  const load = `c(${JSON.stringify(service)})`;
  const results = "await receive({ type: 'filter_results' }, { after: 60000 })";
  beforeAll(async () => {
    [one, two, three] = [shell("one"), shell("two"), shell("three")];
    await prompts(one, two, three);
    await one.run('Node.connect("two@box")');
    await one.run('Node.connect("three@box")');
    await three.until("Node.list().length", "2");
  }, 240_000);
  afterAll(() => end(one, two, three));

  it("9.1 not started: casts are lost, calls say that there is no process", async () => {
    expect(await one.run(load)).toContain("FilterService");
    expect(await two.run(load)).toContain("FilterService");
    expect(await two.run("global.whereisName('FilterService')")).toBe("undefined");
    expect(await two.run("FilterService.filter(shell, [1, 2, 3], (x) => x > 1)")).toBe("'ok'");
    expect(await two.run("flush()")).toBe("'ok'");
    expect(await two.run("cast({ global: 'FilterService' }, 'x')")).toBe("'ok'");
    expect(await two.run("call({ global: 'FilterService' }, 'x')")).toMatch(
      /^\*\* \(CallError\) exited in: call\([^]*\n +\*\* \(EXIT\) no process: /u,
    );
  });

  it("9.2 started on one, used from the others, with what a predicate mentions", async () => {
    expect(await one.run("service = await FilterService.startLink(shell)")).toMatch(/^#PID<0\.\d+\.0>$/u);
    expect(await one.run("FilterService.startLink(shell)")).toMatch(/^\*\* \(StartError\) [^]*already/iu);
    await two.until("global.whereisName('FilterService')?.node", "'one@box'");
    expect(await two.run("FilterService.startLink(shell)")).toMatch(/^\*\* \(StartError\) [^]*already/iu);
    await two.run("FilterService.filter(shell, [1, 2, 3, 4, 5, 6], remote((x) => x % 2 === 0))");
    expect(await two.run(results)).toBe("{ type: 'filter_results', results: [ 2, 4, 6 ] }");
    await two.run("limit = 4; FilterService.filter(shell, [3, 5, 7], remote((x) => x > limit))");
    expect(await two.run(results)).toBe("{ type: 'filter_results', results: [ 5, 7 ] }");
    one.type("");
    await two.run(
      "FilterService.filter(shell, [1, 2], remote(() => { IO.puts('predicate runs on ' + node()); return true }))",
    );
    // On the terminal of the service, not on the asker's.
    await one.sees(/predicate runs on one@box\n[^]*predicate runs on one@box\n/u);
    expect(await two.run(results)).toContain("[ 1, 2 ]");
    // Without the module: the raw message does.
    expect(await three.run("FilterService.filter(shell, [1], (x) => x)")).toContain("FilterService is not defined");
    await three.until("global.whereisName('FilterService')?.node", "'one@box'");
    await three.run(
      "cast({ global: 'FilterService' }, { type: 'filter', collection: ['', 'a', null], predicate: (x) => typeof x === 'string', sender: self() })",
    );
    expect(await three.run(results)).toContain("[ '', 'a' ]");
  });

  it.each([
    { asked: "FilterService.filter(shell, [1], remote((x) => onlyTwo(x)))", says: "onlyTwo is not defined" },
    {
      asked: "FilterService.filter(shell, [1], remote(() => { throw new Error('bad predicate') }))",
      says: "bad predicate",
    },
    { asked: "FilterService.filter(shell, [1], 'notfun')", says: "predicate is not a function" },
    { asked: "FilterService.filter(shell, 123, remote((x) => x))", says: "collection.filter is not a function" },
    { asked: "cast({ global: 'FilterService' }, 'unknown')", says: "TypeError" },
  ])("9.3 a request that kills it, and the shell that is linked to it: $asked", async ({ asked, says }) => {
    await two.until("global.whereisName('FilterService')?.node", "'one@box'");
    one.type("");
    expect(await two.run(asked)).toMatch(/^'ok'$/u);
    await one.sees(ended);
    expect(one.text.slice(one.text.lastIndexOf("** (EXIT from"))).toContain(says);
    await two.until("global.whereisName('FilterService')", "undefined");
    expect(await two.run("flush()")).toBe("'ok'");
    // The next one; what was bound is gone.
    await one.run(load);
    await one.run("void await FilterService.startLink(shell)");
  });

  it("9.4 a stray message is survived, an unknown call is answered by an exception", async () => {
    await two.until("global.whereisName('FilterService')?.node", "'one@box'");
    one.type("");
    await two.run("global.send('FilterService', 'stray')");
    await one.sees(/\[\w+\][^\n]*unexpected message[^]*stray/u);
    one.type("");
    expect(await two.run("call({ global: 'FilterService' }, 'nope')")).toMatch(
      /^\*\* \(CallError\) [^]*exception|handleCall/u,
    );
    await one.sees(ended);
    await two.until("global.whereisName('FilterService')", "undefined");
  });

  it("9.5 supervised: started again under the same name, and stopped for good with its supervisor", async () => {
    await one.run(load);
    expect(await one.run("top = await Supervisor.startLink([childSpec], { strategy: 'one_for_one' })")).toMatch(
      /^#PID</u,
    );
    await two.until("global.whereisName('FilterService')?.node", "'one@box'");
    expect(await one.run("tree(top)")).toMatch(/^#PID<0\.\d+\.0>\n +FilterService #PID<0\.\d+\.0> \(worker\)/u);
    await one.run("first = global.whereisName('FilterService')");
    await two.run("FilterService.filter(shell, [1], remote(() => { throw new Error('bad predicate') }))");
    await one.until("(again = global.whereisName('FilterService')) !== undefined && again !== first", "true");
    await two.until("global.whereisName('FilterService')?.node", "'one@box'");
    await two.run("FilterService.filter(shell, [1, 2], remote((x) => x > 1))");
    expect(await two.run(results)).toContain("[ 2 ]");
    two.type("");
    // A second supervisor elsewhere cannot start it.
    two.enter("Supervisor.startLink([childSpec], { strategy: 'one_for_one' })");
    await two.sees(/shell process exited with reason: [^]*failedToStartChild[^]*\)1> $/u);
  });

  it("9.6 its node is killed: the name is free, and another node starts it", async () => {
    await three.run(load);
    await one.kill();
    await two.until("global.whereisName('FilterService')", "undefined");
    await three.until("global.whereisName('FilterService')", "undefined");
    expect(await three.run("service = await FilterService.startLink(shell)")).toMatch(/^#PID<0\./u);
    await two.until("global.whereisName('FilterService')?.node", "'three@box'");
    await two.run(load);
    await two.run("FilterService.filter(shell, [1, 2, 3], remote((x) => x !== 2))");
    expect(await two.run(results)).toContain("[ 1, 3 ]");
  });
});
