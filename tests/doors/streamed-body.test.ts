import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack } from '../support/stack.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack?.stop());

const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

/** A body whose length nobody declares. */
function* chunks(bytes: number): Generator<Buffer> {
  for (let sent = 0; sent < bytes; sent += 65_536) yield Buffer.alloc(Math.min(65_536, bytes - sent), ' ');
}

test.each(['/api/merchant-orgs', '/mcp'])(
  '%s counts a body that declares no length, and says when it is too much',
  async (path) => {
    const body = Readable.from(chunks(10_000_000));
    const refused = await stack.api(stack.tenant, path, { method: 'POST', headers, body });
    expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([413, 'too_large']);
  },
);

test('a body in many parts that is small enough is read whole', async () => {
  const json = Buffer.from(JSON.stringify({ name: 'In parts 😀' }));
  const body = Readable.from([json.subarray(0, 5), json.subarray(5, 22), json.subarray(22)]);
  const created = await stack.api(stack.tenant, '/api/merchant-orgs', { method: 'POST', headers, body });
  expect([created.status, ((await created.json()) as { name: string }).name]).toEqual([201, 'In parts 😀']);
});

test('a body whose chunks are broken is the fault of its sender', async () => {
  const { host } = new URL(stack.url(stack.tenant.slug));
  const head = [
    'POST /api/merchant-orgs HTTP/1.1',
    `Host: ${host}`,
    `Authorization: Bearer ${stack.tenant.apiKey}`,
    'Content-Type: application/json',
    'Transfer-Encoding: chunked',
    'Connection: close',
  ];
  const socket = connect(stack.port, '127.0.0.1');
  socket.write(`${head.join('\r\n')}\r\n\r\nZZ\r\n{}\r\n0\r\n\r\n`);
  let answer = '';
  for await (const part of socket) answer += part;
  expect(answer).toMatch(/^HTTP\/1.1 400 /);
  expect(answer).toContain('"code":"malformed"');
});
