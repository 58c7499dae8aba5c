/** Agents, as users see them. */
export { Agent, type AgentChild, type AgentChildSpec } from "./agent.ts";
export type { AgentFunction, AgentPid, AgentProtocol, AgentRequest } from "./agent-server.ts";
