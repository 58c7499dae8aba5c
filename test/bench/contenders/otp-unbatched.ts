/** Ours between two processes, with a frame of its own for each signal. */
import { serveRemote } from "./otp-remote-rows.ts";
import { atOnce } from "./at-once.ts";

await serveRemote({ peer: "./otp-unbatched-peer.js", runtime: atOnce });
