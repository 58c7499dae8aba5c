/** Results: a file per job, there as a whole or not at all, so that what is finished is known after any crash. */
import { mkdir, open, readdir, rename } from "node:fs/promises";
import { join } from "node:path";

/** What came of a job. */
export type JobResult =
  | { readonly id: string; readonly status: "done"; readonly attempts: number; readonly value: unknown }
  | { readonly id: string; readonly status: "failed"; readonly attempts: number; readonly error: string };

const suffix = ".json";

/** The ids of the jobs that have been finished, in this run or an earlier one. */
export async function finishedJobs(folder: string): Promise<Set<string>> {
  await mkdir(folder, { recursive: true });
  const names = await readdir(folder);
  return new Set(names.filter((name) => name.endsWith(suffix)).map((name) => name.slice(0, -suffix.length)));
}

/** Writes a result beside its place, has the disk keep it, and moves it there: a crash leaves at most a stray `.part`. */
export async function writeResult(folder: string, result: JobResult): Promise<void> {
  const place = join(folder, `${result.id}${suffix}`);
  const file = await open(`${place}.part`, "w");
  try {
    await file.writeFile(`${JSON.stringify(result)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${place}.part`, place);
}
