/** What a program has around it: signals, a place for its last words, and an end. */
import { SystemRuntime, type TimerHandle } from "@otp/core/runtime";

/** The signals that ask a program to stop. */
export type StopSignal = "SIGINT" | "SIGTERM";

/** The surroundings of a program; the operating system's process, unless a test has others. */
export interface ProgramHost {
  /**
   * Calls `heard` at the first signal and gives a function that stops listening. As long as it listens the program goes on,
   * though it may have nothing to do. From the first signal on, the host treats signals as it would without us: the second
   * ends the program at once.
   */
  onSignal(heard: (signal: StopSignal) => void): () => void;
  /** Writes a line for the user, apart from the program's output. */
  say(line: string): void;
  /** Writes the program's output. */
  print(text: string): void;
  /** Ends the program with `code`: when nothing is left to do, but soon in any case; or without waiting at all. */
  end(code: number, when: "soon" | "at once"): void;
}

/** How long what others have left open may keep the program alive, in ms. */
const leftoverMs = 1_000;
/** As long as a timer may be. */
const holdMs = 2 ** 30;

/** Keeps the program from ending for lack of anything to wait for. */
function holdOpen(): TimerHandle {
  const runtime = new SystemRuntime();
  const again = (): TimerHandle => runtime.setTimer(holdMs, () => (timer = again()), false);
  let timer = again();
  return { cancel: () => timer.cancel() };
}

/** The operating system's process. */
export function operatingSystem(): ProgramHost {
  return {
    onSignal(heard) {
      const hold = holdOpen();
      const stop = (): void => {
        hold.cancel();
        process.off("SIGINT", onSignal);
        process.off("SIGTERM", onSignal);
      };
      const onSignal = (signal: NodeJS.Signals): void => {
        stop();
        heard(signal === "SIGINT" ? "SIGINT" : "SIGTERM");
      };
      process.on("SIGINT", onSignal);
      process.on("SIGTERM", onSignal);
      return stop;
    },
    say: (line) => void process.stderr.write(`${line}\n`),
    print: (text) => void process.stdout.write(text),
    end(code, when) {
      process.exitCode = code;
      // oxlint-disable-next-line unicorn/no-process-exit -- ending the program is what it is for.
      const exit = (): never => process.exit(code);
      if (when === "at once") exit();
      new SystemRuntime().setTimer(leftoverMs, exit, true);
    },
  };
}
