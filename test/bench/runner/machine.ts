/** On what, with what and beside how much other work the suite has run. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, loadavg, totalmem } from "node:os";
import { join } from "node:path";

/** The circumstances of a run. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memory: string;
  readonly versions: Readonly<Record<string, string>>;
  /** The load average over one minute at the beginning. */
  readonly load: number;
}

/** Asks the machine. */
export function describeMachine(): Machine {
  const [first] = cpus();
  const versions: Record<string, string> = { node: process.versions.node };
  const erlang = output("erl", ["-noshell", "-eval", 'io:format("~s", [erlang:system_info(otp_release)]), halt().']);
  if (erlang !== undefined) versions["Erlang/OTP"] = erlang;
  for (const name of ["nats", "nact", "effect", "xstate", "moleculer"]) {
    const version = installed(name);
    if (version !== undefined) versions[name] = version;
  }
  return {
    cpu: first?.model ?? "unknown",
    cores: cpus().length,
    memory: `${String(Math.round(totalmem() / 2 ** 30))} GiB`,
    versions,
    load: currentLoad(),
  };
}

/** The load average over one minute. */
export function currentLoad(): number {
  return loadavg()[0] ?? Number.NaN;
}

function output(file: string, args: readonly string[]): string | undefined {
  try {
    return execFileSync(file, [...args], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return undefined;
  }
}

function installed(name: string): string | undefined {
  const require = createRequire(join(import.meta.dirname, "..", "package.json"));
  for (const folder of require.resolve.paths(name) ?? []) {
    try {
      const manifest: unknown = JSON.parse(readFileSync(join(folder, name, "package.json"), "utf8"));
      if (typeof manifest === "object" && manifest !== null && "version" in manifest) return String(manifest.version);
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}
