/** Calls with so many in flight at a time, each timed. */
import { complete, type Outcome, percentile, perSecond } from "./serve.ts";

/** What is measured of calls: their rate, or how long half of them take at most, in ms. */
export type Measure = "rate" | "p50";

/** Makes `size` calls, `inFlight` at a time; `call` says whether the right reply came. */
export async function timedCalls(
  size: number,
  { inFlight, measure }: { readonly inFlight: number; readonly measure: Measure },
  call: () => Promise<boolean>,
): Promise<Outcome> {
  const times: number[] = [];
  let left = size;
  let right = 0;
  const caller = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const begun = performance.now();
      if (await call()) right += 1;
      times.push(performance.now() - begun);
    }
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: inFlight }, caller));
  const rate = perSecond(size, started);
  complete(right, size, "replies");
  const [p50, p90, p99, p999] = [0.5, 0.9, 0.99, 0.999].map((p) => percentile(times, p));
  const latency = [
    [2, p50 ?? 0],
    [10, p90 ?? 0],
    [100, p99 ?? 0],
    [1_000, p999 ?? 0],
  ] as const;
  return { value: measure === "rate" ? rate.value : (p50 ?? 0), extra: { p50: p50 ?? 0, p99: p99 ?? 0, latency } };
}
