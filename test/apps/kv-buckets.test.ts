import { once } from "node:events";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { describe, expect, it, onTestFinished } from "vitest";

import { sharedNatsServer } from "../support/nats-server.ts";
import { osNode } from "../support/os-node.ts";

const program = new URL("../../apps/kv-buckets/src/main.ts", import.meta.url);
const { url } = sharedNatsServer();

/** Starts the program on a port of its own. */
async function server(...args: readonly string[]) {
  const env = { NATS_URL: url(), OTP_COOKIE: "kv", OTP_CLUSTER: "kv", OTP_LOG: "error" };
  const os = osNode(program, { args: ["--port", "0", ...args], env });
  onTestFinished(() => os.kill());
  const [, port = ""] = /:(\d+)$/u.exec(await os.line("listens on")) ?? [];
  return { os, port: Number(port) };
}

/** A client that says a line and gives the lines of the answer. */
async function client(port: number) {
  const socket = connect(port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  // A server that ends a connection while it is written to resets it.
  socket.on("error", () => undefined);
  const closed = new Promise<void>((resolve) => {
    socket.once("close", () => resolve());
  });
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => (await lines.next()).value;
  return {
    socket,
    closed,
    next,
    async ask(line: string): Promise<unknown> {
      socket.write(`${line}\r\n`);
      return next();
    },
  };
}

describe("the command kv-buckets", () => {
  it("explains itself, and refuses what makes no sense with one line", async () => {
    await using help = osNode(program, { args: ["--help"] });
    expect((await help.exit()).code).toBe(0);
    expect(help.lines.join("\n")).toContain("--max-connections");
    await using wrong = osNode(program, { args: ["--port", "x"] });
    expect((await wrong.exit()).code).toBe(1);
    expect(wrong.lines).toHaveLength(1);
  });

  it("speaks its protocol, with a process per connection", async () => {
    const { os, port } = await server();
    const one = await client(port);
    const two = await client(port);
    expect(await one.ask("GET shopping milk")).toBe("NOT FOUND");
    expect(await one.ask("CREATE shopping")).toBe("OK");
    expect(await two.ask("PUT shopping milk 1")).toBe("OK");
    expect([await one.ask("GET shopping milk"), await one.next()]).toEqual(["1", "OK"]);
    expect(await one.ask("DELETE shopping milk")).toBe("OK");
    expect([await two.ask("GET shopping milk"), await two.next()]).toEqual(["", "OK"]);
    expect(await two.ask("HELLO")).toBe("UNKNOWN COMMAND");

    // A connection that fails ends alone.
    one.socket.write("x".repeat(200_000));
    await one.closed;
    expect(await two.ask("PUT shopping eggs 2")).toBe("OK");
    expect(os.lines.join("\n")).toContain("expected lines of up to");

    // A second server finds the port taken.
    await using second = osNode(program, { args: ["--port", String(port)], env: { OTP_LOG: "silent" } });
    expect((await second.exit()).code).toBe(1);
    expect(second.lines).toEqual([expect.stringContaining("EADDRINUSE")]);

    os.signal("SIGTERM");
    await two.closed;
    expect(await os.exit()).toEqual({ code: 0, signal: null });
  });

  it("refuses more connections than it may have", async () => {
    const { port } = await server("--max-connections", "1");
    const one = await client(port);
    expect(await one.ask("CREATE a")).toBe("OK");
    const two = await client(port);
    expect(await two.next()).toBe("TOO MANY CONNECTIONS");
    expect(await one.ask("PUT a b c")).toBe("OK");
  });

  it("shares buckets between nodes over NATS, one of which is killed", async () => {
    const nodes = ["--nodes", "one@localhost,two@localhost"];
    const one = await server("--name", "one@localhost", ...nodes);
    const two = await server("--name", "two@localhost", ...nodes);
    const first = await client(one.port);
    const second = await client(two.port);
    expect(await first.ask("CREATE zoo")).toBe("OK");
    expect(await first.ask("PUT zoo cats 2")).toBe("OK");
    expect([await second.ask("GET zoo cats"), await second.next()]).toEqual(["2", "OK"]);
    await two.os.kill();
    await expect.poll(() => first.ask("GET zoo cats"), { timeout: 20_000 }).toBe("UNAVAILABLE two@localhost");
    expect(await first.ask("CREATE apples")).toBe("OK");
    one.os.signal("SIGTERM");
    expect(await one.os.exit()).toEqual({ code: 0, signal: null });
  });
});
