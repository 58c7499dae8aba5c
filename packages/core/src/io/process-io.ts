/** `self.io`: output and input of a process through its group leader. */
import type { ProcessControl } from "../process/control.ts";
import type { Eof, ProcessIo } from "../process/process.ts";
import { gets, puts, write } from "./io.ts";

/** The I/O of one process; which device it is about is asked anew each time. */
export class LeaderIo implements ProcessIo {
  readonly #self: ProcessControl;

  constructor(self: ProcessControl) {
    this.#self = self;
  }

  puts(text: string): Promise<void> {
    return puts(this.#self, text);
  }

  write(text: string): Promise<void> {
    return write(this.#self, text);
  }

  gets(prompt?: string): Promise<string | Eof> {
    return gets(this.#self, prompt);
  }
}
