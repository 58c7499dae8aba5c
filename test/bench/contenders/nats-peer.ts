/** The other side of the bare nats client: echoes, and counts. */
import { connect } from "nats";

import { natsUrl, serveContender } from "./peer-process.ts";

const [id = ""] = process.argv.slice(2);
const connection = await connect({ servers: natsUrl() });
let count = 0;
connection.subscribe(`echo.${id}`, {
  callback: (_error, message) => {
    connection.publish(`reply.${id}`, message.data);
  },
});
connection.subscribe(`add.${id}`, {
  callback: () => {
    count += 1;
  },
});
connection.subscribe(`count.${id}`, {
  callback: () => {
    const answer = new DataView(new ArrayBuffer(4));
    answer.setUint32(0, count);
    count = 0;
    connection.publish(`reply.${id}`, new Uint8Array(answer.buffer));
  },
});
await connection.flush();
serveContender();
