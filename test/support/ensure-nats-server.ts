/** Sees to it that there is a nats-server to test with: finds one, or installs Debian's where that is allowed. */
import { spawnSync } from "node:child_process";

import { findNatsServer, howToGetNatsServer } from "@otp/transport-nats/local-server";

/** The server's path, or one line that says why there is none. */
export type Ensured = { readonly binary: string } | { readonly problem: string };

/** Finds a nats-server; failing that, installs it with apt-get as root or with a sudo that asks no password. */
export async function ensureNatsServer(): Promise<Ensured> {
  const found = findNatsServer();
  if (found !== undefined) return { binary: found };
  const how = howToGetNatsServer;
  if ((process.env["NATS_SERVER_BIN"] ?? "") !== "") {
    return { problem: `NATS_SERVER_BIN names no program that can be run; correct it, or unset it and ${how}.` };
  }
  const prefix = privilege();
  if (prefix === undefined || !works(["apt-get", "--version"])) {
    return { problem: `The tests need a nats-server and there is none on this machine: ${how}.` };
  }
  console.log("nats-server: not found, installing Debian's package");
  const apt = [...prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-y", "-qq"];
  const installed =
    works([...apt, "install", "--no-install-recommends", "nats-server"]) ||
    (works([...apt, "update"]) && works([...apt, "install", "--no-install-recommends", "nats-server"]));
  // The package starts a service on 4222. Nobody asked for it: the tests start servers of their own.
  if (installed && works(["systemctl", "--version"])) {
    works([...prefix, "systemctl", "disable", "--now", "nats-server"]);
  }
  const binary = installed ? findNatsServer() : undefined;
  if (binary === undefined) return { problem: `Installing nats-server with apt-get failed: ${how}.` };
  return { binary };
}

/** What to put before a command so that it may install packages; undefined when nothing helps. */
function privilege(): readonly string[] | undefined {
  if (process.getuid?.() === 0) return [];
  return works(["sudo", "-n", "true"]) ? ["sudo", "-n"] : undefined;
}

function works([command = "", ...args]: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: "ignore" }).status === 0;
}
