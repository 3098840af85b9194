import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import RedisMock from 'ioredis-mock';

const MAX_BODY_BYTES = 1 << 20;

/** What the product and its rate limiter use, and what one needs to look around. */
const COMMANDS: ReadonlySet<string> = new Set(
  (
    'ping echo get set setex psetex getset getdel mget mset del unlink exists incr incrby decr decrby expire pexpire ' +
    'ttl pttl persist type keys scan dbsize flushdb flushall hset hget hmget hgetall hdel hlen hincrby ' +
    'sadd srem smembers sismember scard zadd zincrby zrange zrem zscore zcard lpush rpush lrange'
  ).split(' '),
);

export type UpstashServer = { url: string; token: string; stop(): Promise<void> };

type Reply = { result: unknown } | { error: string };
type Redis = InstanceType<typeof RedisMock>;

/** Scripts seen so far by their SHA-1, as EVALSHA names them. */
type Scripts = Map<string, string>;

/**
 * An in-memory Redis behind the REST protocol of Upstash, as far as its client speaks it: one command, `/pipeline` and
 * `/multi-exec`, base64 replies, bearer token. Lua scripts run, so the rate limiter's own code decides.
 */
export async function startUpstash(options: { port?: number; token?: string } = {}): Promise<UpstashServer> {
  const token = options.token ?? randomBytes(24).toString('hex');
  const redis = new RedisMock({ keyPrefix: '' });
  await redis.flushall();
  const scripts: Scripts = new Map();
  const server = createServer((request, response) => {
    answer(request, token, redis, scripts)
      .catch((error: unknown) => ({ status: 500, body: { error: String(error) } }))
      .then(({ status, body }) => send(response, status, body));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    token,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      redis.disconnect();
    },
  };
}

async function answer(
  request: IncomingMessage,
  token: string,
  redis: Redis,
  scripts: Scripts,
): Promise<{ status: number; body: unknown }> {
  if (!isAuthorized(request, token)) return { status: 401, body: { error: 'Unauthorized' } };
  const body = parseCommand(await readBody(request));
  const encode = request.headers['upstash-encoding'] === 'base64' ? base64 : (value: unknown) => value;
  const run = async (command: unknown) => {
    const reply = await execute(redis, scripts, command);
    return 'error' in reply ? reply : { result: encode(reply.result) };
  };
  const path = new URL(request.url ?? '/', 'http://upstash').pathname;
  if (path === '/') {
    const reply = await run(body);
    return { status: 'error' in reply ? 400 : 200, body: reply };
  }
  if (path !== '/pipeline' && path !== '/multi-exec')
    return { status: 404, body: { error: `ERR unknown path ${path}` } };
  if (!Array.isArray(body)) return { status: 400, body: { error: 'ERR expected an array of commands' } };
  const replies: Reply[] = [];
  for (const command of body) replies.push(await run(command));
  return { status: 200, body: replies };
}

function isAuthorized(request: IncomingMessage, token: string): boolean {
  const given = Buffer.from(request.headers.authorization ?? '');
  const expected = Buffer.from(`Bearer ${token}`);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Error('ERR max request size exceeded');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseCommand(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Runs one command (`["SET", "key", "value"]`); what Redis would refuse becomes an error reply. */
async function execute(redis: Redis, scripts: Scripts, command: unknown): Promise<Reply> {
  if (!Array.isArray(command) || command.length === 0) return { error: 'ERR failed to parse command' };
  const [name = '', ...args] = command.map((part) => (typeof part === 'string' ? part : JSON.stringify(part)));
  try {
    return { result: await dispatch(redis, scripts, name.toLowerCase(), args) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

async function dispatch(redis: Redis, scripts: Scripts, name: string, args: string[]): Promise<unknown> {
  const [first = '', ...rest] = args;
  switch (name) {
    case 'eval':
      scripts.set(sha1(first), first);
      return redis.eval(plainLua(first), Number(rest[0]), ...rest.slice(1));
    case 'evalsha': {
      const script = scripts.get(first.toLowerCase());
      if (script === undefined) throw new Error('NOSCRIPT No matching script. Please use EVAL.');
      return redis.eval(plainLua(script), Number(rest[0]), ...rest.slice(1));
    }
    case 'script':
      if (first.toLowerCase() !== 'load') throw new Error(`ERR unknown subcommand '${first}'`);
      scripts.set(sha1(rest[0] ?? ''), rest[0] ?? '');
      return sha1(rest[0] ?? '');
    default:
      return plainCommand(redis, name, args);
  }
}

async function plainCommand(redis: Redis, name: string, args: string[]): Promise<unknown> {
  const method: unknown = COMMANDS.has(name) ? Reflect.get(redis, name) : undefined;
  if (typeof method !== 'function') throw new Error(`ERR unknown command '${name}'`);
  // The library knows the options of SET in capitals only.
  const given = name === 'set' ? [...args.slice(0, 2), ...args.slice(2).map((arg) => arg.toUpperCase())] : args;
  const result: unknown = await Reflect.apply(method, redis, given);
  // The library makes an object of what Redis sends as a list of names and values.
  const isObject = typeof result === 'object' && result !== null && !Array.isArray(result);
  return isObject ? Object.entries(result).flat() : result;
}

function sha1(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}

/** Redis gives a script `false` for a missing value inside a list too; the library gives a null of JavaScript. */
const LUA_PRELUDE = `local call = redis.call
redis.call = function(name, ...)
  local reply = call(name, ...)
  local size = ({ mget = select('#', ...), hmget = select('#', ...) - 1 })[string.lower(name)] or 0
  for i = 1, size do if type(reply[i]) == 'userdata' then reply[i] = false end end
  return reply
end
`;

/** Redis reads a first line `#!lua flags=…`; Lua itself does not. */
function plainLua(script: string): string {
  return LUA_PRELUDE + script.replace(/^#![^\n]*/, '');
}

/** Strings in base64, as deep as they are; the status OK stays, which the client expects. */
function base64(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(base64);
  if (typeof value !== 'string' || value === 'OK') return value ?? null;
  return Buffer.from(value, 'utf8').toString('base64');
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) });
  response.end(text);
}
