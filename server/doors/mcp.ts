import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import {
  CallToolRequestSchema,
  type CallToolResult,
  ListToolsRequestSchema,
  type Tool,
} from '@modelcontextprotocol/sdk/types.js';
import type { App } from '../app.ts';
import { authenticate } from '../auth/authenticate.ts';
import { type Actor, scopeOf } from '../operations/actor.ts';
import { fromDatabase } from '../operations/database-errors.ts';
import { DomainError, methodNotAllowed, toProblem } from '../operations/errors.ts';
import { execute, type Runtime } from '../operations/execute.ts';
import type { Call, Operation } from '../operations/operation.ts';
import type { RateLimits } from '../rate-limit.ts';
import { takeAllowance } from './allowance.ts';
import { callOf, idempotencyKeyFrom } from './call.ts';
import { jsonSchemaOf } from './openapi.ts';
import { readBytes } from './request-body.ts';

/** What the transport takes in one request. */
const LARGEST_BATCH = 100;

function describeTool(operation: Operation): Tool {
  const schema = jsonSchemaOf(operation.input);
  return {
    name: operation.name,
    description: `${operation.summary}. Risk: ${operation.risk}.`,
    // Tools take an object; a choice between shapes stays a choice inside it.
    inputSchema: { ...schema, type: 'object' } as Tool['inputSchema'],
    annotations: {
      title: operation.summary,
      readOnlyHint: operation.kind === 'read',
      destructiveHint: operation.risk === 'destructive' || operation.risk === 'money',
      idempotentHint: operation.kind === 'read',
      openWorldHint: false,
    },
  };
}

function result(value: unknown, isError: boolean): CallToolResult {
  return {
    content: [{ type: 'text', text: JSON.stringify(value) }],
    structuredContent: { ...(value as object) },
    isError,
  };
}

/** The calls of one request. Stateless: the next request may meet another home. */
function serverFor(runtime: Runtime, actor: Actor, call: Call, describe: (operation: Operation) => Tool): Server {
  const server = new Server(
    { name: 'scp-platform-operations', version: '1.0.0' },
    {
      capabilities: { tools: {} },
      instructions:
        'Operations of one platform tenant. Money is in integer minor units. A failed call answers a problem document with a code.',
    },
  );
  const open = runtime.operations.filter((operation) => !operation.closedDoors?.mcp);
  // Shown is what the actor may call; calling another is denied like anywhere else, and audited.
  // An operation that is open to everybody may still be of use only to those who hold one of some permissions.
  const holds = (permission: string) => scopeOf(actor, permission) !== null;
  const isOfUse = ({ permission, alsoRequires }: Operation) =>
    permission === null ? !alsoRequires || alsoRequires.some(holds) : holds(permission);
  const tools = open.filter(isOfUse);
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: tools.map(describe) }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }) => {
    try {
      const operation = open.find((candidate) => candidate.name === params.name);
      if (!operation) {
        throw new DomainError('not_found', 'There is no such tool.');
      }
      const key = params._meta?.['scp/idempotency_key'];
      const idempotencyKey = typeof key === 'string' ? idempotencyKeyFrom(key) : undefined;
      const outcome = await execute(
        runtime,
        operation,
        actor,
        params.arguments ?? {},
        idempotencyKey === undefined ? call : { ...call, idempotencyKey },
      );
      return result(outcome.data ?? {}, false);
    } catch (error) {
      const known = fromDatabase(error);
      if (!(known instanceof DomainError)) {
        console.error(`tool ${params.name} failed in request ${call.requestId}`, error);
      }
      return result(
        toProblem(known instanceof DomainError ? known : new DomainError('internal'), call.requestId),
        true,
      );
    }
  });
  return server;
}

/** How many messages a body holds, as far as the transport takes them; it says itself what is wrong with a body. */
function messagesIn(body: Uint8Array): number {
  try {
    const messages: unknown = JSON.parse(new TextDecoder().decode(body));
    return Array.isArray(messages) ? Math.min(messages.length, LARGEST_BATCH) : 1;
  } catch {
    return 1;
  }
}

/** Mounts `/mcp`: streamable HTTP, every operation a tool. There is no stream from the server to listen to. */
export function mountMcp(app: App, runtime: Runtime, limits: RateLimits): void {
  // A tool's description follows from the registry alone: made once.
  const described = new Map<Operation, Tool>();
  const describe = (operation: Operation): Tool => {
    const tool = described.get(operation) ?? describeTool(operation);
    described.set(operation, tool);
    return tool;
  };
  app.post('/mcp', async (c) => {
    const request = c.req.raw;
    await takeAllowance(request, limits, runtime.keys);
    const authenticated = await authenticate(runtime, request);
    if (!authenticated) {
      throw new DomainError('unauthenticated', 'Send an API key as a Bearer token.');
    }
    const body = await readBytes(request);
    // Calls that come together count one by one.
    const messages = messagesIn(body);
    for (let more = messages - 1; more > 0; more -= 1) await takeAllowance(request, limits, runtime.keys);
    if (authenticated.by === 'key') await runtime.services.usage.takeCalls(messages);
    const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
    const server = serverFor(runtime, authenticated.actor, callOf(request, 'mcp', c.get('requestId')), describe);
    await server.connect(transport);
    const response = await transport.handleRequest(
      new Request(request.url, { method: request.method, headers: request.headers, body }),
    );
    return new Response(response.body, response);
  });
  app.all('/mcp', () => {
    throw methodNotAllowed(['POST']);
  });
}
