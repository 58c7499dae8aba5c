/** The supervision tree of one participant: the person, and the terminal at which the person sits. */
import type { Process } from "@otp/core";
import {
  Application,
  type ApplicationOptions,
  cast,
  type Configuration,
  Supervisor,
  type SupervisorPid,
} from "@otp/genserver";

import { configure } from "./command-line.ts";
import { Person, person } from "./person.ts";
import { Screen } from "./screen.ts";
import { Terminal } from "./terminal.ts";

/** What the application has to be told. */
export interface ChatEnv {
  readonly nick: string;
  /** To be joined at the start. */
  readonly rooms: readonly string[];
  readonly hasColors: boolean;
}

/** Talks with others in rooms. */
export class ChatRooms extends Application<ChatEnv> {
  static override readonly options: ApplicationOptions = { name: "chat-rooms" };

  static configure(argv: readonly string[]): Promise<Configuration<ChatEnv> | number> {
    return configure(argv);
  }

  override start(self: Process, { nick, rooms, hasColors }: ChatEnv): Promise<SupervisorPid> {
    const { node } = self;
    const screen = new Screen(process.stdout, hasColors);
    const onLine = (text: string): void => {
      cast(node, person, { type: "line", text });
    };
    const onEnd = (): void => {
      Application.finish(node, ChatRooms);
    };
    return Supervisor.startLink(
      self,
      [
        Supervisor.childSpec([Person, { nick, rooms, screen, onQuit: onEnd }]),
        Supervisor.childSpec([Terminal, { input: process.stdin, screen, onLine, onEnd }]),
      ],
      { strategy: "one_for_one" },
    );
  }
}
