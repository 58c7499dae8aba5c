/** The serving process of the demo; it is killed when the demo wants to see that. */
import { nats } from "@otp/transport-nats";

// What the client may use over here.
import "./demo-pong.ts";
import { serveOn, startNode } from "./demo-stage.ts";
import "./predicates.ts";

const [, , name = "worker@localhost"] = process.argv;
const cluster = process.env["OTP_CLUSTER"] ?? "demo";
const node = await startNode(name, nats({ cluster }));
await serveOn(node);
process.send?.("ready");
process.once("disconnect", () => process.exit(0));
