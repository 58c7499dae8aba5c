/** All mutants of the study. */
import type { Mutant } from "./mutant.ts";
import { kernel } from "./mutants/kernel.ts";
import { names } from "./mutants/names.ts";
import { session } from "./mutants/session.ts";
import { supervisor } from "./mutants/supervisor.ts";

/** All mutants. */
export const mutants: readonly Mutant[] = [kernel, session, names, supervisor].flatMap(({ folder, noticedBy, lines }) =>
  lines.map(([id, file, line, mutation]) => ({ id, file: `${folder}/${file}`, line, mutation, noticedBy })),
);
