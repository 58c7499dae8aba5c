/** The other operating-system process of a row between two: a program beside the contender's, ended with it. */
import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Starts `program` and resolves when it says that it is ready. */
export function startPeer(program: string, args: readonly string[]): Promise<ChildProcess> {
  const path = fileURLToPath(new URL(program, import.meta.url));
  const child = fork(path, [...args], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  process.on("exit", () => child.kill("SIGKILL"));
  return new Promise((resolve, reject) => {
    child.once("message", () => {
      resolve(child);
    });
    child.once("exit", (code) => {
      reject(new Error(`${program} ended with ${String(code)}`));
    });
  });
}

/** Called in the peer: it is ready, and ends with the contender, however that ends. */
export function serveContender(): void {
  process.on("disconnect", () => process.exit(0));
  process.send?.("ready");
}

/** The NATS server that the suite has started. */
export function natsUrl(): string {
  const url = process.env["NATS_URL"];
  if (url === undefined) throw new Error("expected the server's address in NATS_URL");
  return url;
}
