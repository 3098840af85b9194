import { Ratelimit } from '@upstash/ratelimit';
import { Redis } from '@upstash/redis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startUpstash, type UpstashServer } from '../../scripts/local/upstash.ts';

let server: UpstashServer;
let redis: Redis;

beforeAll(async () => {
  server = await startUpstash();
  redis = new Redis({ url: server.url, token: server.token, retry: false, enableTelemetry: false });
});

afterAll(() => server?.stop());

describe("the local store speaks Upstash's protocol with its own client", () => {
  test('values come back as they were, whatever is in them', async () => {
    expect(await redis.set('text', 'ü "quoted" \n \u{1f600}')).toBe('OK');
    expect(await redis.get('text')).toBe('ü "quoted" \n \u{1f600}');
    expect(await redis.get('absent')).toBeNull();
    expect(await redis.mget('text', 'absent')).toEqual(['ü "quoted" \n \u{1f600}', null]);
  });

  test('hashes, pipelines and transactions', async () => {
    await redis.hset('hash', { a: 1, b: 'two' });
    expect(await redis.hgetall('hash')).toEqual({ a: 1, b: 'two' });
    expect(await redis.pipeline().set('n', 1).incr('n').get('n').exec()).toEqual(['OK', 2, 2]);
    expect(await redis.multi().incr('n').incr('n').exec()).toEqual([3, 4]);
  });

  test('SET takes its options: only when absent, for a time', async () => {
    expect(await redis.set('once', 'a', { px: 60_000, nx: true })).toBe('OK');
    expect(await redis.set('once', 'b', { px: 60_000, nx: true })).toBeNull();
    expect(await redis.pttl('once')).toBeGreaterThan(0);
  });

  test('a script that was not loaded is NOSCRIPT, an unknown command an error', async () => {
    await expect(redis.evalsha('0'.repeat(40), [], [])).rejects.toThrow('NOSCRIPT');
    await expect(redis.exec(['NONSENSE'])).rejects.toThrow('ERR unknown command');
  });

  test('a wrong token is refused', async () => {
    const stranger = new Redis({ url: server.url, token: 'wrong', retry: false });
    await expect(stranger.get('text')).rejects.toThrow('Unauthorized');
  });
});

describe("the rate limiter's own scripts decide", () => {
  const limiters = {
    'sliding window': Ratelimit.slidingWindow(3, '1 h'),
    'fixed window': Ratelimit.fixedWindow(3, '1 h'),
    'token bucket': Ratelimit.tokenBucket(3, '1 h', 3),
  };

  for (const [name, limiter] of Object.entries(limiters)) {
    test(`${name}: three pass, then none, and another subject has its own`, async () => {
      const limit = new Ratelimit({ redis, limiter, prefix: name, ephemeralCache: false });
      const answers: boolean[] = [];
      for (let count = 0; count < 5; count += 1) answers.push((await limit.limit('first')).success);
      expect(answers).toEqual([true, true, true, false, false]);
      const other = await limit.limit('second', { rate: 2 });
      expect([other.success, other.remaining]).toEqual([true, 1]);
    });
  }

  test('of many requests at once exactly the limit passes', async () => {
    const limit = new Ratelimit({
      redis,
      limiter: Ratelimit.fixedWindow(7, '1 h'),
      prefix: 'burst',
      ephemeralCache: false,
    });
    const answers = await Promise.all(Array.from({ length: 30 }, () => limit.limit('crowd')));
    expect(answers.filter(({ success }) => success)).toHaveLength(7);
  });
});
