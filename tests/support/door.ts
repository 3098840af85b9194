import { expect } from 'vitest';
import type { Home } from '../../server/home.ts';
import type { HostFetchInit } from './host-fetch.ts';

/** One tenant's doors, as nobody: a home in Node, or the built worker in workerd. */
export type Door = (path: string, init?: DoorInit) => Promise<Response>;
export type DoorInit = Omit<HostFetchInit, 'body'> & { body?: string | Uint8Array };

/** What an answer's body may hold, as far as tests look into it. */
export type Body = {
  [field: string]: unknown;
  id: string;
  name: string;
  code: string;
  detail: string;
  version: number;
  data: Body[];
  next_cursor: string | null;
  errors: Record<string, string[]>;
  journals: { book_id: string; kind: string; lines: Record<string, unknown>[] }[];
};
export type Answer = { status: number; headers: Headers; text: string; body: Body };

/** Speaks to a door as one caller. */
export type Client = {
  send(method: string, path: string, init?: DoorInit): Promise<Answer>;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, json: unknown, headers?: Record<string, string>): Promise<Answer>;
  patch(path: string, json: unknown, headers?: Record<string, string>): Promise<Answer>;
  delete(path: string, headers?: Record<string, string>): Promise<Answer>;
};

/** The door of a home that lives in this process. */
export function doorOf(home: Home, origin: string): Door {
  return (path, init = {}) => {
    const headers = new Headers(init.headers);
    const body = init.json === undefined ? init.body : JSON.stringify(init.json);
    if (init.json !== undefined && !headers.has('content-type')) headers.set('content-type', 'application/json');
    const method = init.method ?? (body === undefined ? 'GET' : 'POST');
    return home.fetch(
      new Request(`${origin}${path}`, { method, headers, ...(body === undefined ? {} : { body: body as BodyInit }) }),
    );
  };
}

async function read(response: Response): Promise<Answer> {
  const { status, headers } = response;
  const text = await response.text();
  const isJson = /^application\/(problem\+)?json/.test(headers.get('content-type') ?? '');
  return { status, headers, text, body: isJson && text !== '' ? JSON.parse(text) : {} };
}

/** A caller of a door: with an API key, or with headers of its own. */
export function clientOf(door: Door, as: string | Record<string, string> | null): Client {
  const identity = as === null ? {} : typeof as === 'string' ? { authorization: `Bearer ${as}` } : as;
  const send: Client['send'] = async (method, path, init = {}) => {
    const headers = new Headers(identity);
    for (const [name, value] of new Headers(init.headers)) headers.set(name, value);
    return read(await door(path, { ...init, method, headers }));
  };
  const withBody =
    (method: string) =>
    (path: string, json: unknown, headers: Record<string, string> = {}) =>
      send(method, path, { json, headers });
  return {
    send,
    get: (path, headers = {}) => send('GET', path, { headers }),
    delete: (path, headers = {}) => send('DELETE', path, { headers }),
    post: withBody('POST'),
    patch: withBody('PATCH'),
  };
}

/** Checks that an answer is the problem document of the contract, and that it gives nothing away. */
export function expectProblem(answer: Answer, status: number, code?: string): void {
  expect([answer.status, answer.body.code], answer.text.slice(0, 500)).toEqual([status, code ?? answer.body.code]);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.body).toMatchObject({
    type: `/api/docs#problem-${answer.body.code}`,
    title: expect.any(String),
    status,
    detail: expect.any(String),
    request_id: answer.headers.get('x-request-id'),
  });
  expectNothingGivenAway(answer.text);
}

/** No SQL, no names of relations, no stack, no input marked with the needle. */
export function expectNothingGivenAway(text: string): void {
  expect(text).not.toMatch(/needle|SELECT |INSERT |UPDATE |relation|constraint|pg_|tenant_[a-z]|\.ts:|node_modules/);
}

/** Part of every hostile value: an answer that holds it repeats the input. */
export const NEEDLE = 'needle';
