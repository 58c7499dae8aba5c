/** Every runtime against the contract that nodes rely on. */
import { setTimeout as after } from "node:timers/promises";

import { ManualRuntime, SystemRuntime } from "@otp/core/runtime";
import { runtimeContract } from "@otp/testing";
import { describe } from "vitest";

describe("SystemRuntime", () => runtimeContract(() => ({ runtime: new SystemRuntime(), pass: (ms) => after(ms + 1) })));

describe("ManualRuntime", () =>
  runtimeContract(() => {
    const runtime = new ManualRuntime();
    return { runtime, pass: (ms) => runtime.advance(ms) };
  }));
