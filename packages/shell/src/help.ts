/** What `h()` says. */

const topics: Readonly<Record<string, string>> = {
  spawn:
    "spawn(fn, …args), spawn({ node }, fn, …args): starts a process and gives its pid. Also spawnLink, spawnMonitor.",
  send: "send(to, message): sends and gives the message back. `to`: a pid, a name, { name, node }, { global }.",
  receive:
    "await receive(match?, { after }?): the next message of the shell; match is a guard, or an object of fields.",
  link: 'link(pid), unlink(pid), monitor(pid), demonitor(ref), flag("trapExit", true), exit(reason), exit(pid, reason).',
  flush: "flush(): prints and removes every message that the shell has got.",
  self: "self(): the pid of the shell's process. A link that breaks ends it: the shell starts another, without bindings.",
  Node: "Node.start(name) self() list() connect(name) disconnect(name) ping(name) getCookie() setCookie(cookie) spawn(name, fn) spawnLink(name, fn) monitor(name) stop()",
  global: "global.registerName(name, pid) whereisName(name) unregisterName(name) registeredNames() send(name, message)",
  rpc: "await rpc.call(node, fn, [args]): the value of fn(...args) on that node. Also cast, multicall.",
  call: "await call(server, request, timeout?): asks a GenServer; also GenServer.call. Likewise cast, start, startLink, stop, Supervisor, sys.",
  remote:
    "remote(fn): fn as a function that travels as its source text; shells run it, other nodes only with trustRemoteCode.",
  IO: "IO.puts(text), IO.puts(pid, text), IO.inspect(value): prints on the group leader, or on the device pid.",
  v: "v(n): the value of input n; v() that of the last.",
  i: "i(value): what it is; of a pid what its process does.",
  pid: 'pid("0.12.0"): the pid of that text.',
  c: 'await c("file.ts"): loads a module, TypeScript or JavaScript, and binds what it exports.',
  recompile: "await recompile(): loads again what c() has loaded.",
  ls: 'ls("folder"): the files of a folder. pwd(): the folder that the shell runs in.',
  trace: "trace(pid): prints each message that a process of this node gets; trace(pid, false) ends that.",
  ps: "ps(): the processes of this node.",
  tree: "await tree(pid): a supervisor's children, and theirs.",
};

/** The help on a topic, or the list of topics. */
export function help(topic?: string): string {
  const text = topic === undefined ? undefined : topics[topic];
  if (text !== undefined) return text;
  const head =
    topic === undefined
      ? 'TypeScript is evaluated in the name of a process; promises are awaited. Ctrl-D leaves. h("topic") says more on:'
      : `There is no help on ${topic}; there is on:`;
  return `${head}\n  ${Object.keys(topics).join(" ")}`;
}
