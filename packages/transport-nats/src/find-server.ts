/** Finds a nats-server binary on this machine; Debian puts it where an ordinary user's PATH does not look. */
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

const usualFolders = ["/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/opt/homebrew/bin", "/usr/bin"];

/** How one gets a nats-server, for messages to people. */
export const howToGetNatsServer: string =
  "install it with `apt-get install nats-server` or `brew install nats-server`, or point NATS_SERVER_BIN at the binary";

/**
 * Returns the path of a nats-server: `NATS_SERVER_BIN`, then `PATH`, then the usual folders; undefined when there is none.
 * A `NATS_SERVER_BIN` that cannot be run counts as none, so that a wrong setting is noticed.
 */
export function findNatsServer(env: Readonly<Record<string, string | undefined>> = process.env): string | undefined {
  const named = env["NATS_SERVER_BIN"];
  if (named !== undefined && named !== "") return isExecutable(named) ? named : undefined;
  const path = (env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return [...path, ...usualFolders].map((folder) => join(folder, "nats-server")).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    // Absent, or not ours to run: both mean "not here".
    return false;
  }
}
