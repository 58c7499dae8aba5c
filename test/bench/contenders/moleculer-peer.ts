/** The other broker of the moleculer rows. */
import { ServiceBroker } from "moleculer";

import { natsUrl, serveContender } from "./peer-process.ts";

const [namespace = ""] = process.argv.slice(2);
const broker = new ServiceBroker({ nodeID: "two", namespace, transporter: natsUrl(), logger: false });
broker.createService({
  name: "echo",
  actions: {
    run(context: { readonly params: { readonly text: string } }) {
      return context.params.text;
    },
  },
});
await broker.start();
serveContender();
