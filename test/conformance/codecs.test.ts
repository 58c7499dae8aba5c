/** Every codec against the contract that nodes rely on. */
import { ErlangCodec } from "@otp/core/transport";
import { codecContract } from "@otp/testing";
import { describe } from "vitest";

describe("ErlangCodec", () => codecContract((identities) => new ErlangCodec({ identities })));
