/**
 * The mutants of the study: each is one line of the real kernel, session, name service or supervisor, made wrong in the way
 * somebody might. What the workloads do not notice of them, they would not notice of the real thing either.
 */
import type { WorkloadName } from "../simulation/workload/workloads.ts";

/** One line made wrong. */
export interface Mutant {
  readonly id: string;
  /** Below the root of the repository. */
  readonly file: string;
  /** Text that stands exactly once in the file. */
  readonly line: string;
  /** What stands there instead. */
  readonly mutation: string;
  /** The workload that has to notice. */
  readonly noticedBy: WorkloadName;
}

/** Mutants of one folder. */
export interface Group {
  readonly folder: string;
  readonly noticedBy: WorkloadName;
  /** Id, file, line, mutation. */
  readonly lines: readonly (readonly [string, string, string, string])[];
}
