/** Mutants of the sessions between nodes. */
import type { Group } from "../mutant.ts";

/** What is made wrong there. */
export const session: Group = {
  folder: "packages/core/src/dist",
  noticedBy: "sessions",
  lines: [
    [
      "duplicates-accepted",
      "stream.ts",
      'if (sequence < this.#next || this.#kept.has(sequence)) return "duplicate";',
      'if (this.#kept.has(sequence)) return "duplicate";',
    ],
    [
      "gap-jumped",
      "stream.ts",
      "    if (sequence === this.#next) {\n      this.#advance();",
      "    if (sequence >= this.#next) {\n      this.#next = sequence;\n      this.#advance();",
    ],
    ["kept-not-handed-on", "stream.ts", "      this.#ready.push(content);", ""],
    [
      "ack-of-too-much",
      "stream.ts",
      "      if (packet.sequence >= ack.next) break;",
      "      if (packet.sequence > ack.next) break;",
    ],
    [
      "lost-not-sent-again",
      "stream.ts",
      "    return this.#packets.find((packet) => packet.isLost);",
      "    return undefined;",
    ],
    [
      "timeout-loses-nothing",
      "stream.ts",
      "    this.pace.timeout();\n    this.#loseAll();",
      "    this.pace.timeout();",
    ],
    ["held-never-freed", "stream.ts", "    this.#held -= packet.size;", ""],
    [
      "window-leaks",
      "stream.ts",
      "      this.#lost -= 1;\n    } else {\n      this.#inFlight -= packet.size;\n    }",
      "      this.#lost -= 1;\n    }",
    ],
    ["ranges-forgotten", "stream.ts", "    this.#ranges = this.#ranges.slice(1);", "    this.#ranges = [];"],
    [
      "ack-never-due",
      "session.ts",
      "    this.#ackDueAt = isUrgent ? now : Math.min(this.#ackDueAt, now + ackDelayMs);",
      "    this.#ackDueAt = isUrgent ? now : Infinity;",
    ],
    [
      "no-sign-of-life",
      "connection.ts",
      "      if (now >= this.#liveness.tickAt(session.sentAt)) session.tick(now);",
      "",
    ],
    [
      "silence-unnoticed",
      "liveness.ts",
      "    return Math.max(heardAt + this.#times.tickTimeMs, this.#patientUntil);",
      "    return Math.max(heardAt + 10 * this.#times.tickTimeMs, this.#patientUntil);",
    ],
    [
      "impatient",
      "liveness.ts",
      "    return Math.max(heardAt + this.#times.tickTimeMs, this.#patientUntil);",
      "    return Math.max(heardAt + this.#times.tickTimeMs / 4, this.#patientUntil);",
    ],
    [
      "fragments-overlap",
      "fragments.ts",
      "  to.bytes.set(piece, to.size);",
      "  to.bytes.set(piece, Math.max(0, to.size - 1));",
    ],
    ["growth-forgets", "fragments.ts", "    bigger.set(to.bytes.subarray(0, to.size));", ""],
    [
      "small-overtakes-large",
      "outbox.ts",
      "      else lane.waiting.push({ signal, gate: undefined });",
      '      else this.#place("unnamed", signal);',
    ],
    [
      "fragment-skips",
      "outbox.ts",
      "      lane.at += content.body.length;",
      "      lane.at += content.body.length + (lane.at > 0 ? 1 : 0);",
    ],
  ],
};
