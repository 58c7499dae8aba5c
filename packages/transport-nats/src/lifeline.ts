/**
 * Ties a child process to the life of this one, also when this one is killed with SIGKILL.
 *
 * A small shell reads a pipe whose other end only this process holds. When it reads an end of file this process is gone,
 * however it went, and the shell kills the child; it works for a child that is stopped or too busy to notice by itself.
 */
import { spawn } from "node:child_process";
import { Socket } from "node:net";

const script = 'read -r _ || { kill -9 "$1"; [ -z "$2" ] || rm -rf "$2"; }';

/** What a lifeline is let go with. */
export interface Lifeline {
  /** The child has ended by itself: nothing is killed or removed any more. */
  release(): void;
}

/** Kills `pid`, and removes `folder` if given, as soon as this process is gone. POSIX only. */
export function killWithParent(pid: number, folder?: string): Lifeline {
  // Its own session, so that a Ctrl-C meant for this process does not end the watcher first.
  const watcher = spawn("sh", ["-c", script, "lifeline", String(pid), folder ?? ""], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  const { stdin } = watcher;
  // Without a shell there is no lifeline; the child then lives until it is stopped.
  watcher.on("error", () => undefined);
  stdin.on("error", () => undefined);
  watcher.unref();
  if (stdin instanceof Socket) stdin.unref();
  return {
    release: () => {
      stdin.end("\n");
    },
  };
}
