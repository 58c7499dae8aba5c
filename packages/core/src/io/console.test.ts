import { EventEmitter } from "node:events";
import { PassThrough, Readable } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";

import { describe, expect, it } from "vitest";

import { Node } from "../node/node.ts";
import { EOF, type Process } from "../process/process.ts";
import type { InputStream, OutputStream } from "./console.ts";
import * as IO from "./io.ts";

/** A screen that keeps what is printed, and can be full. */
class Screen implements OutputStream {
  text = "";
  isFull = false;
  columns = 72;
  readonly #waiting: (() => void)[] = [];

  write(text: string, done?: (error?: Error | null) => void): boolean {
    this.text += text;
    if (!this.isFull) return true;
    this.#waiting.push(() => done?.());
    return false;
  }

  drain(): void {
    this.isFull = false;
    for (const done of this.#waiting.splice(0)) done();
  }
}

/** A keyboard: a stream that notes whether anyone listens. */
class Keyboard extends EventEmitter implements InputStream {
  isRead = false;
  isReferenced = false;

  pause(): void {
    this.isRead = false;
  }

  resume(): void {
    this.isRead = true;
  }

  ref(): void {
    this.isReferenced = true;
  }

  unref(): void {
    this.isReferenced = false;
  }

  type(text: string): void {
    this.emit("data", Buffer.from(text));
  }
}

async function withConsole(
  body: (world: { node: Node; screen: Screen; errors: Screen; keyboard: Keyboard }) => Promise<void>,
): Promise<void> {
  const [screen, errors, keyboard] = [new Screen(), new Screen(), new Keyboard()];
  await using node = await Node.start({ stdio: { input: keyboard, output: screen, error: errors } });
  await body({ node, screen, errors, keyboard });
}

function finished(node: Node, body: (self: Process) => Promise<unknown>): Promise<unknown> {
  return new Promise((resolve, reject) => {
    node.spawn((self: Process) => body(self).then(resolve, reject));
  });
}

/** Lets every process of the node come to rest. */
async function rest(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await nextTurn();
}

describe("a node's own device", () => {
  it("is a process named user, its own leader, and that of what is spawned from outside", async () => {
    await withConsole(async ({ node, screen }) => {
      const user = node.whereis("user");
      expect(node.processes()).toEqual([user]);
      expect(user && node.info(user, "groupLeader")).toBe(user);
      await finished(node, async (self) => {
        expect(self.groupLeader).toBe(user);
        await self.io.puts("hello");
      });
      expect(screen.text).toBe("hello\n");
    });
  });

  it("prints for code outside any process, by node or by device", async () => {
    await withConsole(async ({ node, screen, errors }) => {
      await IO.puts(node, "one");
      await IO.write(node, "user", "two");
      await IO.puts(node, "stderr", "three");
      expect(screen.text).toBe("one\ntwo");
      expect(errors.text).toBe("three\n");
      expect(await IO.geometry(node, "columns")).toBe(72);
      expect(await IO.geometry(node, "rows")).toBeUndefined();
    });
  });

  it("makes writers wait while the screen is full", async () => {
    await withConsole(async ({ node, screen }) => {
      screen.isFull = true;
      let isWritten = false;
      const written = IO.puts(node, "long").then(() => (isWritten = true));
      await rest();
      expect(isWritten).toBe(false);
      screen.drain();
      await written;
      expect(screen.text).toBe("long\n");
    });
  });

  it("touches its input while somebody reads, and no longer", async () => {
    await withConsole(async ({ node, screen, keyboard }) => {
      expect(keyboard.listenerCount("data")).toBe(0);
      const line = IO.gets(node, "name? ");
      await rest();
      expect(screen.text).toBe("name? ");
      expect([keyboard.isRead, keyboard.isReferenced]).toEqual([true, true]);
      keyboard.type("bo");
      await rest();
      keyboard.type("b\nrest");
      expect(await line).toBe("bob\n");
      expect([keyboard.isRead, keyboard.isReferenced]).toEqual([false, false]);
      expect(keyboard.listenerCount("data")).toBe(0);
      expect(await IO.read(node, 4)).toBe("rest");
      expect(screen.text).toBe("name? ");
    });
  });

  it("lets others write while one reads, and gives input to readers in order", async () => {
    await withConsole(async ({ node, screen, keyboard }) => {
      const first = IO.gets(node, "1> ");
      await rest();
      const second = IO.gets(node, "2> ");
      await IO.puts(node, "meanwhile");
      expect(screen.text).toBe("1> meanwhile\n");
      keyboard.type("a\nb\n");
      expect(await first).toBe("a\n");
      expect(await second).toBe("b\n");
      expect(screen.text).toBe("1> meanwhile\n2> ");
    });
  });

  it("decodes characters that arrive in pieces, and tells the end to all who wait", async () => {
    await withConsole(async ({ node, keyboard }) => {
      const line = IO.gets(node);
      await rest();
      const bytes = Buffer.from("é\nend");
      keyboard.emit("data", bytes.subarray(0, 1));
      await rest();
      keyboard.emit("data", bytes.subarray(1));
      expect(await line).toBe("é\n");
      const rests = [IO.gets(node), IO.gets(node)];
      await rest();
      keyboard.emit("end");
      expect(await Promise.all(rests)).toEqual(["end", EOF]);
    });
  });

  it("reads real streams, also one that has ended before anyone read", async () => {
    const spent = Readable.from([]);
    for await (const piece of spent) expect(piece).toBeUndefined();
    await using node = await Node.start({ stdio: { input: spent, output: new PassThrough() } });
    expect(await IO.gets(node)).toBe(EOF);
    const whole = Readable.from([Buffer.from("a\nb\n"), Buffer.from("c")]);
    await using other = await Node.start({ stdio: { input: whole, output: new PassThrough() } });
    const seen: string[] = [];
    for await (const line of IO.lines(other)) seen.push(line);
    expect(seen).toEqual(["a\n", "b\n", "c"]);
  });

  it("prints what was written before the node stopped, also what nobody waited for", async () => {
    await withConsole(async ({ node, screen, errors }) => {
      const user = node.whereis("user");
      for (const data of ["one\n", "two\n"]) {
        const request = { type: "put_chars", encoding: "unicode", data };
        node.send("user", { type: "io_request", from: user, replyAs: 0, request });
        node.send("user", { type: "io_request", from: user, replyAs: 0, request: { type: "stderr", request } });
      }
      await node.stop();
      expect([screen.text, errors.text]).toEqual(["one\ntwo\n", "one\ntwo\n"]);
    });
  });

  it("ends last when the node stops, and lets go of its input", async () => {
    await withConsole(async ({ node, keyboard }) => {
      const line = IO.gets(node);
      await rest();
      await node.stop();
      await expect(line).rejects.toMatchObject({ reason: "terminated" });
      expect(keyboard.listenerCount("data")).toBe(0);
      expect(node.processes()).toEqual([]);
    });
  });
});
