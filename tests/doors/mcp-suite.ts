import { Client as McpClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { queryInput } from '../../server/doors/query-input.ts';
import { operations } from '../../server/operations/registry.ts';
import { expectNothingGivenAway, expectProblem, NEEDLE } from '../support/door.ts';
import type { TestTenant } from '../support/tenant.ts';
import type { OpenSite } from './refusal-suite.ts';
import { everyDoor, type TestedDoor } from './request.ts';
import { createWorld, type World } from './world.ts';

const tools = operations.filter(({ closedDoors }) => !closedDoors?.mcp).map(({ name }) => name);
const accept = { accept: 'application/json, text/event-stream' };
const rpc = (method: string, params: object = {}) => ({ jsonrpc: '2.0', id: 1, method, params });

type Tool = TestedDoor & { isWrite: boolean };

/** Every tool, with the row of its HTTP door: what is valid for one is for the other. @throws when a tool has none */
function everyTool(): Tool[] {
  const doors = everyDoor();
  return tools.map((name) => {
    const door = doors.find((each) => each.name === name);
    if (!door) throw new Error(`${name} is a tool and has no row in tests/doors/door-table.ts`);
    return { ...door, isWrite: operations.find((each) => each.name === name)!.kind !== 'read' };
  });
}

/** The input of a tool: what the HTTP door takes from path, query and body. */
async function inputOf({ name, row }: Tool, world: World): Promise<object> {
  const { params, query, body } = await row.valid(world);
  const { input } = operations.find((each) => each.name === name)!;
  return { ...queryInput(input, new URLSearchParams(query)), ...body, ...params };
}

type Outcome = { isError: boolean; value: Record<string, unknown> };

/** The official client, speaking to a tenant's /mcp with a key. */
async function connect(tenant: TestTenant, key: string): Promise<McpClient> {
  const client = new McpClient({ name: 'tests', version: '1' });
  const transport = new StreamableHTTPClientTransport(new URL(`${tenant.origin}/mcp`), {
    requestInit: { headers: { authorization: `Bearer ${key}` } },
    fetch: async (_url, init) => {
      const body = typeof init?.body === 'string' ? { body: init.body } : {};
      return tenant.door('/mcp', { method: init?.method ?? 'GET', headers: init?.headers ?? {}, ...body });
    },
  });
  await client.connect(transport);
  return client;
}

async function call(client: McpClient, name: string, input: object, meta: object = {}): Promise<Outcome> {
  const result = (await client.callTool({ name, arguments: { ...input }, _meta: { ...meta } })) as CallToolResult;
  const [content] = result.content;
  const value = JSON.parse(content?.type === 'text' ? content.text : '{}');
  expect(result.structuredContent).toEqual(value);
  return { isError: result.isError ?? false, value };
}

/** What agents meet at /mcp, through any way of serving it. */
export function describeMcp(title: string, open: OpenSite): void {
  describe(title, () => {
    let own: World;
    let other: World;
    let stop: () => Promise<void>;
    let owner: McpClient;
    let nothing: McpClient;
    let scoped: McpClient;
    beforeAll(async () => {
      const site = await open();
      stop = site.stop;
      own = await createWorld(site.tenants[0]);
      other = await createWorld(site.tenants[1]);
      owner = await connect(own.tenant, own.tenant.apiKey);
      nothing = await connect(own.tenant, own.keys.nothing);
      scoped = await connect(own.tenant, own.keys.scoped);
    });
    afterAll(async () => {
      await Promise.all([owner?.close(), nothing?.close(), scoped?.close()]);
      await stop?.();
    });

    test('the owner is shown every operation as a tool of its name, with its risk and an object to fill in', async () => {
      const listed = (await owner.listTools()).tools;
      expect(listed.map(({ name }) => name).sort()).toEqual([...tools].sort());
      for (const { name, inputSchema, annotations, description } of listed) {
        const operation = operations.find((each) => each.name === name)!;
        expect(inputSchema.type).toBe('object');
        expect(annotations?.readOnlyHint).toBe(operation.kind === 'read');
        expect(description).toContain(operation.risk);
      }
    });

    test('only POST is answered: there is no stream to listen to', async () => {
      for (const method of ['GET', 'DELETE', 'PUT']) {
        const refused = await own.tenant.as(own.tenant.apiKey).send(method, '/mcp', { headers: accept });
        expectProblem(refused, 405, 'method_not_allowed');
        expect(refused.headers.get('allow')).toBe('POST');
      }
    });

    test('others are shown only what they may call; calling another tool is denied and audited', async () => {
      const agent = await connect(own.tenant, await own.tenant.createKey({ role: 'ai_agent' }));
      const shown = (await agent.listTools()).tools.map(({ name }) => name);
      expect(shown).toContain('merchant.get');
      expect(shown).not.toContain('merchant.create');
      const denied = await call(agent, 'merchant.create', { name: 'A', merchant_org_id: own.id.merchant_org });
      const unknown = await call(agent, 'merchant.fly', {});
      expect([denied.isError, denied.value.code, denied.value.status]).toEqual([true, 'forbidden', 403]);
      expect([unknown.isError, unknown.value.code, unknown.value.status]).toEqual([true, 'not_found', 404]);
      const events = await own.tenant.rows(`SELECT outcome, door FROM audit_events WHERE request_id = $1`, [
        denied.value.request_id,
      ]);
      expect(events).toEqual([{ outcome: 'denied', door: 'mcp' }]);
      expect((await nothing.listTools()).tools).toEqual([]);
      await agent.close();
    });

    test('a tool does what the endpoint does, audited with its door', async () => {
      const created = await call(owner, 'merchant_org.create', { name: 'By an agent' });
      expect(created.isError).toBe(false);
      const { body } = await own.tenant.owner.get(`/api/merchant-orgs/${created.value.id}`);
      expect(body).toEqual(created.value);
      const events = await own.tenant.rows('SELECT action, door FROM audit_events WHERE resource_id = $1', [body.id]);
      expect(events).toEqual([{ action: 'merchant_org.create', door: 'mcp' }]);
    });

    test('a failed call is a tool error that holds the problem document', async () => {
      const before = await own.tenant.contents();
      const missing = await call(owner, 'merchant.get', { id: other.id.merchant });
      expect([missing.isError, missing.value.code]).toEqual([true, 'not_found']);
      const unbalanced = await call(owner, 'transaction.create', {
        description: 'Half',
        lines: [
          { account_id: own.id.account, side: 'debit', amount: 2 },
          { account_id: own.id.second_account, side: 'credit', amount: 1 },
        ],
      });
      expect(unbalanced).toMatchObject({
        isError: true,
        value: { code: 'unbalanced', status: 422, imbalances: [{ book_id: own.id.book, debits: 2, credits: 1 }] },
      });
      expect(await own.tenant.contents()).toEqual(before);
    });

    test.each(tools)('%s refuses fields that it does not know, and gives nothing away', async (name) => {
      const { isError, value } = await call(owner, name, { surprise: NEEDLE });
      expect([isError, value.code]).toEqual([true, 'invalid']);
      expectNothingGivenAway(JSON.stringify(value));
    });

    describe.each(everyTool())('the tool $name', (tool) => {
      test('does for the owner what the door does, and leaves its one event when it writes', async () => {
        const meta = { 'scp/idempotency_key': `once-${tool.name}` };
        const done = await call(owner, tool.name, await inputOf(tool, own), tool.isWrite ? meta : {});
        expect([done.isError, done.value.code], JSON.stringify(done.value).slice(0, 300)).toEqual([
          false,
          done.value.code,
        ]);
        if (!tool.isWrite) return;
        const events = await own.tenant.rows(
          `SELECT e.action, e.door, e.outcome, count(DISTINCT c.xmin::text) <= 1 AS is_one_transaction
             FROM audit_events e
             LEFT JOIN audit_changes c ON c.event_id = e.id
            WHERE e.id = (SELECT event_id FROM idempotency_keys WHERE key = $1)
            GROUP BY e.id`,
          [meta['scp/idempotency_key']],
        );
        expect(events).toEqual([{ action: tool.name, door: 'mcp', outcome: 'success', is_one_transaction: true }]);
      });

      test('is denied to a role without its permission, on record, and changes nothing', async () => {
        const input = await inputOf(tool, own);
        const before = await own.tenant.contents();
        const denied = await call(nothing, tool.name, input);
        expect([denied.isError, denied.value.code]).toEqual([true, 'forbidden']);
        expect(await own.tenant.contents()).toEqual(before);
        const events = await own.tenant.rows('SELECT action, outcome, door FROM audit_events WHERE request_id = $1', [
          denied.value.request_id,
        ]);
        expect(events).toEqual([{ action: tool.name, outcome: 'denied', door: 'mcp' }]);
      });

      const { kind, outside } = tool.row;
      if (kind) {
        test('answers absent, foreign and unreadable ids alike, and changes nothing', async () => {
          const input = await inputOf(tool, own);
          const before = await own.tenant.contents();
          const ask = async (client: McpClient, id: string) => {
            const { isError, value } = await call(client, tool.name, { ...input, id });
            return { isError, ...value, request_id: null };
          };
          const missing = await ask(owner, '0190a0a0-0000-7000-8000-000000000000');
          expect(missing).toMatchObject({ isError: true, code: 'not_found', status: 404 });
          expect(await ask(owner, other.id[kind])).toEqual(missing);
          if (outside) expect(await ask(scoped, own.id[outside])).toEqual(missing);
          expect(await own.tenant.contents()).toEqual(before);
        });
      }
    });

    test('an idempotency key in _meta makes a call replay its answer; one that cannot be a key is refused', async () => {
      const meta = { 'scp/idempotency_key': 'mcp-1' };
      const first = await call(owner, 'merchant_org.create', { name: 'Once' }, meta);
      expect(await call(owner, 'merchant_org.create', { name: 'Once' }, meta)).toEqual(first);
      const conflict = await call(owner, 'merchant_org.create', { name: 'Twice' }, meta);
      expect(conflict.value.code).toBe('idempotency_conflict');
      for (const key of ['', 'x'.repeat(256), 'a b', '\u0000', 'ü']) {
        const refused = await call(owner, 'merchant_org.create', { name: 'A' }, { 'scp/idempotency_key': key });
        expect([key, refused.isError, refused.value.code]).toEqual([key, true, 'malformed']);
      }
    });

    describe('at the door', () => {
      const headers = { ...accept, 'content-type': 'application/json' };

      test('nobody, and keys that do not hold, are told to send a key', async () => {
        for (const key of [null, own.keys.revoked, own.keys.expired, other.tenant.apiKey, 'scp_x']) {
          expectProblem(await own.tenant.as(key).post('/mcp', rpc('tools/list'), accept), 401, 'unauthenticated');
        }
      });

      test('a session from another site is refused', async () => {
        const cookie = own.cookies.staff;
        for (const origin of ['http://evil.test', 'null', `${own.tenant.origin}.evil.test`, other.tenant.origin]) {
          const asStaff = own.tenant.as({ cookie, origin });
          expectProblem(await asStaff.post('/mcp', rpc('tools/list'), accept), 403, 'cross_origin');
        }
        expectProblem(await own.tenant.as({ cookie }).post('/mcp', rpc('tools/list'), accept), 403, 'cross_origin');
      });

      test('bodies that are not calls are refused without a trace', async () => {
        const before = await own.tenant.contents();
        const bodies = ['', '{', 'null', `{"jsonrpc":"2.0"}`, `"${NEEDLE}"`, '['.repeat(500_000)];
        for (const body of bodies) {
          const answer = await own.tenant.owner.send('POST', '/mcp', { body, headers });
          expect([body.slice(0, 20), answer.status]).toEqual([body.slice(0, 20), 400]);
          expectNothingGivenAway(answer.text);
        }
        const form = { ...accept, 'content-type': 'text/plain' };
        expect((await own.tenant.owner.send('POST', '/mcp', { body: '{}', headers: form })).status).toBe(415);
        expect(await own.tenant.contents()).toEqual(before);
      });

      test('more than 1 MiB is too large', async () => {
        const body = JSON.stringify(
          rpc('tools/call', { name: 'tenant.get', arguments: { x: 'x'.repeat(1024 * 1024) } }),
        );
        expectProblem(await own.tenant.owner.send('POST', '/mcp', { body, headers }), 413, 'too_large');
      });

      test('arguments nested 100,000 deep are refused', async () => {
        const nest = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
        const body = JSON.stringify(rpc('tools/call', { name: 'merchant_org.create', arguments: { name: '@' } }));
        const answer = await own.tenant.owner.send('POST', '/mcp', { body: body.replace('"@"', nest), headers });
        expect([200, 400]).toContain(answer.status);
        expect(answer.text).not.toMatch(/"isError":false/);
      });
    });
  });
}
