import { createServer } from "node:net";

import { describe, expect, it } from "vitest";

import { leakedSince, activeResources, leavesNothing } from "./leaks.ts";

describe("leavesNothing", () => {
  it("is content when everything has ended", async () => {
    await using _ = leavesNothing();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    server.close();
  });

  it("names a timer and a server that were left behind", async () => {
    const before = activeResources();
    const timer = setTimeout(() => undefined, 60_000);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    expect([...leakedSince(before)].toSorted()).toEqual(["1 × TCPServerWrap", "1 × Timeout"]);
    clearTimeout(timer);
    server.close();
  });
});
