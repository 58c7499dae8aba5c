import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import { osNode } from "./os-node.ts";

const folder = mkdtempSync(join(tmpdir(), "otp-os-node-"));
afterAll(() => rmSync(folder, { recursive: true }));

const program = join(folder, "program.ts");
writeFileSync(
  program,
  `
    type Order = { readonly exit: number } | { readonly echo: string };
    console.log("ready", ...process.argv.slice(2));
    process.on("message", (order: Order) => {
      if ("exit" in order) process.exit(order.exit);
      process.send?.({ echoed: order.echo });
    });
  `,
);

const isEcho = (message: unknown): message is { echoed: string } =>
  typeof message === "object" && message !== null && "echoed" in message;

describe("osNode", () => {
  it("runs TypeScript, talks over its channel and reports its exit code", async () => {
    await using node = osNode(program, { args: ["one", "two"] });
    expect(await node.line("ready")).toBe("ready one two");
    node.send({ echo: "hello" });
    expect(await node.message(isEcho)).toEqual({ echoed: "hello" });
    node.send({ exit: 3 });
    expect(await node.exit()).toEqual({ code: 3, signal: null });
  });

  it("freezes, thaws and kills", async () => {
    await using node = osNode(program);
    await node.line("ready");
    node.freeze();
    node.send({ echo: "late" });
    expect(node.messages).toEqual([]);
    node.thaw();
    expect(await node.message(isEcho)).toEqual({ echoed: "late" });
    node.freeze();
    await node.kill();
    expect(await node.exit()).toEqual({ code: null, signal: "SIGKILL" });
  });

  it("tells what the program wrote when the awaited line cannot come any more", async () => {
    await using node = osNode(program);
    await node.line("ready");
    node.send({ exit: 1 });
    await expect(node.line("never")).rejects.toThrow(/a line like never did not come; it ended with .*\nready/s);
  });
});
