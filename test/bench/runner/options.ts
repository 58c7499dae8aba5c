/** What the command line of `npm run bench` says. */
import { parseArgs } from "node:util";

/** How the suite is run. */
export interface BenchOptions {
  readonly isQuick: boolean;
  /** Parts of the names of the rows that are wanted; all when empty. */
  readonly only: readonly string[];
  readonly rounds: number;
  readonly json: string | undefined;
  readonly html: string;
}

export const usage = `Usage: npm run bench [-- options]

Runs ours and the references, alternating, each in a process of its own, and prints medians, spreads and ratios.

  --quick        small sizes, fewer contenders; under two minutes on an idle machine, too short to warm V8 up
  --only NAME    only the rows with NAME in their name; can be given several times
  --rounds N     measured rounds after the warm-up, at least 5 (default 5, without --quick 7)
  --json FILE    writes every measured value
  --html FILE    where the page with the plots goes (default: bench.html in the system's temporary folder)
  --help         this text

References that are not on the machine (erl, nats-server, the npm packages of test/bench) are left out, with the reason.`;

/** @throws TypeError for options that there are not. */
export function readOptions(argv: readonly string[], defaultPage: string): BenchOptions | "help" {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string", multiple: true, default: [] },
      rounds: { type: "string" },
      json: { type: "string" },
      html: { type: "string", default: defaultPage },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return "help";
  const rounds = Number(values.rounds ?? (values.quick ? 5 : 7));
  if (!Number.isInteger(rounds) || rounds < 5) throw new TypeError(`expected at least 5 rounds. Got: ${values.rounds}`);
  return { isQuick: values.quick, only: values.only, rounds, json: values.json, html: values.html };
}
