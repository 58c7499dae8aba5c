/** What the operating system sees of a program: signals and exit codes. */
import { describe, expect, it } from "vitest";

import { osNode } from "../support/os-node.ts";

const program = new URL("../fixtures/program.ts", import.meta.url);
const env = { OTP_LOG: "silent" };

describe("a program", () => {
  it.each(["SIGTERM", "SIGINT"] as const)("stops in order at %s", async (signal) => {
    await using os = osNode(program, { args: ["1", "10000"], env });
    await os.line("ready");
    os.signal(signal);
    expect(await os.exit()).toEqual({ code: 0, signal: null });
    expect(os.lines).toEqual(["ready", "stopping", "stopped"]);
  });

  it("ends at once at a second signal", async () => {
    await using os = osNode(program, { args: ["600000", "600000"], env });
    await os.line("ready");
    os.signal("SIGINT");
    await os.line("stopping");
    os.signal("SIGINT");
    expect(await os.exit()).toEqual({ code: null, signal: "SIGINT" });
  });

  it("ends with code 1 when it does not stop in time", async () => {
    await using os = osNode(program, { args: ["600000", "50"], env });
    await os.line("ready");
    os.signal("SIGTERM");
    expect(await os.exit()).toEqual({ code: 1, signal: null });
    expect(os.lines.at(-1)).toBe("Program: did not stop within 50 ms and is ended at once");
  });
});
