/** Processes that do what a test tells them, in their own turns and in their own names. */
import { ArgumentError, type Pid, type Process } from "@otp/core";

/** Something that a process does; what it throws is uncaught, and `"return"` is its last act. */
export type Act = (self: Process) => Promise<unknown>;

/** The strings of one process. */
export class Puppet {
  readonly pid: Pid;
  #pull: (act: Act) => void = () => undefined;

  /** `start` spawns the function that it is given. */
  constructor(start: (body: (self: Process) => Promise<void>) => Pid) {
    this.pid = start(async (self) => {
      for (;;) {
        const act = await new Promise<Act>((resolve) => (this.#pull = resolve));
        if ((await act(self)) === "return") return;
      }
    });
  }

  /** Lets the process do something, when it next runs. */
  pull(act: Act): void {
    this.#pull(act);
  }
}

/** A message or reason as the model writes it. */
export function textOf(term: unknown): string {
  if (term instanceof ArgumentError) return "ArgumentError";
  if (term instanceof Error) return `${term.name} ${term.message}`;
  if (typeof term !== "object" || term === null) return String(term);
  if (!("type" in term)) return JSON.stringify(term);
  if (term.type === "EXIT" && "from" in term && "reason" in term)
    return `EXIT ${String(term.from)} ${textOf(term.reason)}`;
  if (term.type === "DOWN" && "ref" in term && "object" in term && "reason" in term) {
    return `DOWN ${String(term.ref)} ${objectText(term.object)} ${textOf(term.reason)}`;
  }
  return JSON.stringify(term);
}

/** What a monitor was set on. */
export function objectText(object: unknown): string {
  return typeof object === "object" && object !== null && "name" in object
    ? `name ${String(object.name)}`
    : String(object);
}
