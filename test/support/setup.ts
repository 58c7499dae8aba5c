/**
 * Runs in every test file: fails it when it leaves processes, servers or sockets behind, and has properties begin with the
 * same seed on every run, so that a change is judged by what it changes. `OTP_SEED=random` or the long forms draw anew.
 */
import { setTimeout as after } from "node:timers/promises";

import fc from "fast-check";
import { afterAll } from "vitest";

import { activeResources, leakedSince } from "./leaks.ts";

const seed = process.env["OTP_SEED"] ?? (process.env["OTP_LONG"] === "1" ? "random" : "20261126");
if (seed !== "random") fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(seed) });

/** What is never the test runner's own. */
const watched = new Set(["ProcessWrap", "TCPServerWrap", "TCPSocketWrap", "TLSWrap", "Worker"]);
const before = new Map([...activeResources()].filter(([name]) => watched.has(name)));

afterAll(async () => {
  const left = (): readonly string[] => leakedSince(before).filter((line) => watched.has(line.split(" ").at(-1) ?? ""));
  // A socket takes a moment to close.
  for (let attempt = 0; attempt < 200 && left().length > 0; attempt += 1) await after(10);
  if (left().length > 0) throw new Error(`this file left running: ${left().join(", ")}`);
});
