/** The nats-server of a test file: private, on a free port, gone with the tests. `npm test` sees to it that there is one. */
import { afterAll, beforeAll } from "vitest";

import { startLocalServer, type LocalServer } from "@otp/transport-nats/local-server";

/** A server that runs while the tests of a file do. */
export interface SharedNatsServer {
  /** Where it listens; known once the tests run. */
  readonly url: () => string;
}

/** Starts a server before the tests of this file, or of this `describe`, and stops it after them. */
export function sharedNatsServer(config = ""): SharedNatsServer {
  let server: LocalServer | undefined;
  beforeAll(async () => {
    server = await startLocalServer({ config });
  });
  afterAll(() => server?.stop());
  return { url: () => server?.url ?? "" };
}
