/** People in processes of their own over a real nats-server: by a script, and in a terminal. */
import { startLocalServer } from "@otp/transport-nats/local-server";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";

import { type FaultProxy, startProxy } from "../support/fault-proxy.ts";
import { patience } from "../support/fire.ts";
import { osNode } from "../support/os-node.ts";
import { Terminal } from "../support/terminal.ts";

const program = new URL("../../apps/chat-rooms/src/main.ts", import.meta.url);

describe("the command chat-rooms", patience, () => {
  let server: Awaited<ReturnType<typeof startLocalServer>>;
  let proxy: FaultProxy;
  let rooms = 0;
  beforeAll(async () => {
    server = await startLocalServer();
    proxy = await startProxy(server.port);
  });
  afterAll(async () => {
    await proxy.close();
    await server.stop();
  });

  const env = (url: string) => ({ NATS_URL: url, OTP_COOKIE: "chat", OTP_TICK_TIME: "2000", OTP_LOG: "silent" });

  /** A cluster that no other test knows. */
  function cluster() {
    rooms += 1;
    const OTP_CLUSTER = `chat_${String(process.pid)}_${String(rooms)}`;
    return {
      enter(nick: string, url = server.url) {
        const os = osNode(program, { args: ["--nick", nick], env: { ...env(url), OTP_CLUSTER }, patienceMs: 60_000 });
        onTestFinished(() => os.kill());
        return {
          os,
          type: (line: string) => os.write(`${line}\n`),
          sees: (line: string, from = 0) => os.line(line, from),
        };
      },
      sit(nick: string) {
        const terminal = new Terminal({ program, args: ["--nick", nick], env: { ...env(server.url), OTP_CLUSTER } });
        onTestFinished(() => terminal[Symbol.asyncDispose]());
        return terminal;
      },
    };
  }

  it("explains itself, and refuses what makes no sense with one line", async () => {
    const outcomes = await Promise.all(
      [["--help"], ["--nick", "a b"], ["#lobby", "a/b"], ["--nats", "nats://127.0.0.1:1"]].map(async (args) => {
        await using os = osNode(program, { args, env: env(server.url), patienceMs: 60_000 });
        const { code } = await os.exit();
        return { code, lines: [...os.lines] };
      }),
    );
    const [help, ...refusals] = outcomes;
    expect(help?.code).toBe(0);
    expect(help?.lines.join("\n")).toContain("/topic");
    expect(refusals.map(({ code, lines }) => [code, lines.length])).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
  });

  it("NODE-12 GLOBAL-2 shows who is killed and comes back, and gives the moderator's place to another", async () => {
    const { enter } = cluster();
    const ann = enter("ann");
    await ann.sees("* you moderate #lobby");
    const bob = enter("bob");
    await ann.sees("* bob is in #lobby");
    await bob.sees("* ann moderates #lobby");
    bob.type("/topic tea");
    await ann.sees("* topic of #lobby: tea (by bob)");
    bob.type("good morning");
    await ann.sees("[#lobby] bob: good morning");
    await bob.sees("* topic of #lobby: tea");

    await ann.os.kill();
    await bob.sees("* ann has left #lobby: node lost");
    await bob.sees("* you moderate #lobby");
    const again = enter("ann");
    await bob.sees("* ann is back in #lobby");
    await again.sees("* topic of #lobby: tea");

    // A script ends with its input, in order.
    again.type("/quit");
    expect(await again.os.exit()).toEqual({ code: 0, signal: null });
    await bob.sees("* ann has left #lobby", bob.os.lines.indexOf("* ann is back in #lobby"));
    bob.os.signal("SIGTERM");
    expect(await bob.os.exit()).toEqual({ code: 0, signal: null });
    expect(bob.os.lines.join("\n")).not.toContain("\u001B");
  });

  it("GLOBAL-5 TR-4 shows to both when they are cut off from each other, and when they meet again", async () => {
    const { enter } = cluster();
    const ann = enter("ann");
    await ann.sees("* you moderate #lobby");
    const bob = enter("bob", proxy.url);
    await ann.sees("* bob is in #lobby");
    await bob.sees("* ann moderates #lobby");
    proxy.refuse();
    await ann.sees("* bob has left #lobby: node lost");
    await bob.sees("* ann has left #lobby: node lost");
    await bob.sees("* you moderate #lobby");
    const alone = bob.os.lines.length;
    proxy.admit();
    await ann.sees("* bob is back in #lobby");
    await bob.sees("* ann is back in #lobby", alone);
    await bob.sees("* ann moderates #lobby", alone);
    bob.type("there you are");
    await ann.sees("[#lobby] bob: there you are");
  });

  it("prints above what somebody is typing in a terminal", async () => {
    const { enter, sit } = cluster();
    const ann = sit("ann");
    await ann.sees("* you moderate #lobby");
    const bob = enter("bob");
    await bob.sees("* ann moderates #lobby");
    ann.type("good mor");
    await ann.sees("good mor");
    bob.type("are you there");
    await ann.sees(/\[#lobby\] bob: are you there\n+#lobby> good mor$/u);
    ann.enter("ning");
    await bob.sees("[#lobby] ann: good morning");
    ann.enter("/quit");
    expect(await ann.exit()).toBe(0);
    await bob.sees("* ann has left #lobby");
  });
});
