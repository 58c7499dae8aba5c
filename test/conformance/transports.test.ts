/** Every transport against the contract that sessions rely on. */
import { memoryHub } from "@otp/core";
import { transportContract } from "@otp/testing";
import { nats } from "@otp/transport-nats";
import { describe } from "vitest";

import { sharedNatsServer } from "../support/nats-server.ts";

describe("memory", () => {
  const hub = memoryHub();
  transportContract(() => hub.transport());
});

describe("NATS", () => {
  const { url } = sharedNatsServer();
  transportContract(() => nats({ servers: url(), cluster: "contract" }));
});
