import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { TransportError } from "@otp/core";
import { findNatsServer, startLocalServer } from "@otp/transport-nats/local-server";
import { connect } from "nats";
import { afterAll, describe, expect, it, vi } from "vitest";

import { patience } from "../support/nats-nodes.ts";

const scratch = mkdtempSync(join(tmpdir(), "otp-find-"));
afterAll(() => rmSync(scratch, { recursive: true }));

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    // A dead process that nobody has waited for yet still takes signals.
    return process.platform !== "linux" || !/\) Z /.test(readFileSync(`/proc/${String(pid)}/stat`, "utf8"));
  } catch {
    return false;
  }
};

describe("findNatsServer", () => {
  const binary = join(scratch, "nats-server");
  writeFileSync(binary, "#!/bin/sh\n");
  chmodSync(binary, 0o755);

  it("prefers NATS_SERVER_BIN, then PATH", () => {
    expect(findNatsServer({ NATS_SERVER_BIN: binary, PATH: "/nowhere" })).toBe(binary);
    expect(findNatsServer({ PATH: `/nowhere:${scratch}` })).toBe(binary);
  });

  it("does not fall back when NATS_SERVER_BIN is wrong", () => {
    expect(findNatsServer({ NATS_SERVER_BIN: "/nowhere/nats-server", PATH: scratch })).toBeUndefined();
  });
});

describe("startLocalServer", () => {
  it("serves clients and comes back on the same port after a crash", async () => {
    await using server = await startLocalServer();
    const before = server.url;
    const client = await connect({ servers: server.url });
    await client.close();
    await server.restart();
    expect(server.url).toBe(before);
    const again = await connect({ servers: server.url });
    await again.close();
  });

  it("stops even when it is frozen, and leaves no process behind", async () => {
    const server = await startLocalServer();
    const pid = server.pid ?? 0;
    server.pause();
    await server.stop();
    expect(isAlive(pid)).toBe(false);
    expect(server.pid).toBeUndefined();
  });

  it("says what the server said when the configuration is wrong", async () => {
    await expect(startLocalServer({ config: "foo {" })).rejects.toThrow(/ended before it was ready[^]*Parse error/);
  });

  it("says that a binary cannot be run", async () => {
    await expect(startLocalServer({ binary: join(scratch, "nothing") })).rejects.toThrow(TransportError);
  });

  it("ends with the process that started it, even when that is killed", async () => {
    const program = `
      import { startLocalServer } from "@otp/transport-nats/local-server";
      const server = await startLocalServer();
      server.pause();
      console.log(server.pid);
      setInterval(() => {}, 1000);
    `;
    const owner = spawn(
      process.execPath,
      ["--conditions=@otp/source", "--import", "tsx", "--input-type=module", "-e", program],
      {
        cwd: import.meta.dirname,
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    const [first] = await owner.stdout.take(1).toArray();
    const pid = Number(String(first));
    expect(isAlive(pid)).toBe(true);
    owner.kill("SIGKILL");
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), patience);
  });
});
