/** Shells side by side, each a node of its own over one broker. */
import { Terminal } from "./terminal.ts";

/** Starts the shell `name@box` on the broker at `url`. */
export function startShell(url: string, name: string, ...more: readonly string[]): Terminal {
  return new Terminal({ args: ["--sname", `${name}@box`, ...more], env: { NATS_URL: url } });
}

/** Waits until all of them show a prompt. */
export async function prompts(...shells: readonly Terminal[]): Promise<void> {
  await Promise.all(shells.map((each) => each.sees(/\)\d+> $/u)));
}

/** Ends all of them. */
export async function end(...shells: readonly Terminal[]): Promise<void> {
  await Promise.all(shells.map((each) => each[Symbol.asyncDispose]()));
}
