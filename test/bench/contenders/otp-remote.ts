/** Ours, between two operating-system processes over NATS, as users run it. */
import { serveRemote } from "./otp-remote-rows.ts";

await serveRemote({ peer: "./otp-peer.js" });
