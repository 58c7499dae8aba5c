/**
 * The nats-server of a test: private, on a free port, gone with the test. `npm test` sees to it that there is a binary.
 */
import { startLocalServer, type LocalServer, type LocalServerOptions } from "@otp/transport-nats/local-server";

export type { LocalServer } from "@otp/transport-nats/local-server";

/**
 * Starts a server for one test or one test file; `await using` or `stop()` ends it. It also has `kill`, `restart` (same
 * port), `pause` and `resume`.
 */
export async function natsServer(options: LocalServerOptions = {}): Promise<LocalServer> {
  return startLocalServer(options);
}
