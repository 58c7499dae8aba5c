#!/usr/bin/env node
/** The command `chat-rooms`. */
import { run } from "@otp/genserver";

import { ChatRooms } from "./application.ts";

await run(ChatRooms, process.argv);
