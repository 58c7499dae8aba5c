/**
 * The door between instrumented code and the simulation it runs in: code whose `await`s are to be decision points asks here
 * what an `await` means now. A global, since the code knows of no simulation, and the simulation of no code.
 */

import type { World } from "./world.ts";

/** What stands behind an `await` of instrumented code; null outside a simulation, where it is what it always is. */
export interface AwaitPoints {
  current: ((value: unknown) => unknown) | null;
}

/** The name under which instrumented code finds it. */
export const pointsKey = "@otp/testing: await points";

/** The one of this thread. */
export function awaitPoints(): AwaitPoints {
  const found: unknown = Reflect.get(globalThis, Symbol.for(pointsKey));
  if (isPoints(found)) return found;
  const made: AwaitPoints = { current: null };
  Reflect.set(globalThis, Symbol.for(pointsKey), made);
  return made;
}

function isPoints(value: unknown): value is AwaitPoints {
  return typeof value === "object" && value !== null && "current" in value;
}

/** What an `await` of a process in that world means: the other processes may have a turn before it goes on. */
export function pointIn(world: World): (value: unknown) => unknown {
  return (value) => {
    const lane = world.current;
    const process = lane?.process;
    if (lane === null || process === null || process === undefined) return value;
    return new Promise((resolve, reject) => {
      const goOn = (run: () => void): void => {
        world.push(lane, lane.owner, () => {
          if (process.isAlive) run();
        });
      };
      Promise.resolve(value).then(
        (settled) => goOn(() => resolve(settled)),
        (error: unknown) => goOn(() => reject(error)),
      );
    });
  };
}
