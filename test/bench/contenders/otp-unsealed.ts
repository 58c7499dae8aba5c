/** Ours between two processes, with frames that are neither encrypted nor authenticated. */
import "./unsealed.ts";

import { serveRemote } from "./otp-remote-rows.ts";

await serveRemote({ peer: "./otp-unsealed-peer.js" });
