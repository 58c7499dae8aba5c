/** How each contender is started on this machine, or why it cannot be. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

import type { Command } from "./contender.ts";
import type { ContenderName, Row } from "./rows.ts";

/** Where things are. */
export interface Places {
  /** The suite's compiled contenders. */
  readonly built: string;
  /** The suite's compiled Erlang modules. */
  readonly beams: string;
  readonly natsUrl: string | undefined;
  /** Where Erlang's nodes of this run find each other: a daemon of their own, which ends with the run. */
  readonly epmdPort: number;
}

const suite = join(import.meta.dirname, "..");
const root = join(suite, "..", "..");

/** Compiles what users would install, and the contenders against it. */
export function build(): string {
  const tsc = join(root, "node_modules/.bin/tsc");
  execFileSync(tsc, ["-b"], { cwd: root, stdio: "inherit" });
  execFileSync(tsc, ["-p", suite], { cwd: root, stdio: "inherit" });
  return join(suite, "node_modules/.build/contenders");
}

/** Compiles our Erlang into `folder`; false where there is no Erlang. */
export function buildErlang(folder: string): boolean {
  try {
    const sources = ["bench", "bench_remote"].map((module) => join(suite, "beam", `${module}.erl`));
    execFileSync("erlc", ["-o", folder, ...sources.filter((path) => existsSync(path))], { stdio: "pipe" });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
}

/** The command for a contender in a row, or why there is none. */
export function commandFor(name: ContenderName, row: Row, places: Places): Command | string {
  if (row.isRemote && name !== "beam" && name !== "beam-smp" && places.natsUrl === undefined) return "no nats-server";
  switch (name) {
    case "beam":
    case "beam-smp":
      return erlang(name, row, places);
    case "otp":
      return node(row.isRemote ? "otp-remote" : "otp", places);
    case "unsealed":
    case "unbatched":
      return node(`otp-${name}`, places);
    case "nats":
      return node("nats", places);
    case "nact":
    case "effect":
    case "xstate":
    case "moleculer":
      return isInstalled(name) ? node(name, places) : `${name} is not installed`;
  }
}

function node(program: string, { built, natsUrl }: Places): Command {
  return {
    file: process.execPath,
    args: ["--expose-gc", "--max-old-space-size=6000", join(built, `${program}.js`)],
    env: { NODE_ENV: "production", OTP_LOG: "fatal", ...(natsUrl === undefined ? {} : { NATS_URL: natsUrl }) },
  };
}

function erlang(name: "beam" | "beam-smp", row: Row, { beams, epmdPort }: Places): Command | string {
  if (beams === "") return "no erl";
  const schedulers = name === "beam" ? ["+S", "1:1"] : [];
  const identity = row.isRemote ? ["-sname", `bench_${String(process.pid)}`, "-setcookie", "bench"] : [];
  return {
    file: "erl",
    args: [...schedulers, "+P", "3000000", "-noshell", ...identity, "-pa", beams, "-s", "bench", "main"],
    env: { ERL_EPMD_PORT: String(epmdPort) },
  };
}

/** Ends the daemon that Erlang's nodes have started; false while nodes are still registered with it. */
export function stopEpmd(port: number): boolean {
  try {
    execFileSync("epmd", ["-port", String(port), "-kill"], { stdio: "pipe" });
    return true;
  } catch {
    return false;
  }
}

function isInstalled(name: string): boolean {
  try {
    createRequire(join(suite, "package.json")).resolve(name);
    return true;
  } catch {
    return false;
  }
}
