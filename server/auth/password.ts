import { Buffer } from 'node:buffer';
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

type Cost = { N: number; r: number; p: number };

/** OWASP Password Storage Cheat Sheet: scrypt with N = 2^14, r = 8, p = 5 (16 MiB, which a worker can afford). */
const COST: Cost = { N: 2 ** 14, r: 8, p: 5 };
const KEY_LENGTH = 32;

/** Verified instead of a hash that does not exist, so that an unknown address costs as much as a known one. */
const DUMMY = `scrypt$${COST.N}$${COST.r}$${COST.p}$${'00'.repeat(16)}$${'00'.repeat(KEY_LENGTH)}`;

function derive(password: string, salt: Buffer, cost: Cost): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, KEY_LENGTH, { ...cost, maxmem: 256 * cost.N * cost.r }, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}

/** `scrypt$N$r$p$salt$key`, salt and key in hexadecimal: the cost travels with the hash and can be raised later. */
export async function hashPassword(password: string, cost = COST): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt, cost);
  return `scrypt$${cost.N}$${cost.r}$${cost.p}$${salt.toString('hex')}$${key.toString('hex')}`;
}

/** Does the same work whether there is a stored hash or not. */
export async function verifyPassword(stored: string | null, password: string): Promise<boolean> {
  const [, N, r, p, salt, key] = (stored ?? DUMMY).split('$');
  const actual = await derive(password, Buffer.from(salt ?? '', 'hex'), { N: Number(N), r: Number(r), p: Number(p) });
  const expected = Buffer.from(key ?? '', 'hex');
  return stored !== null && expected.length === actual.length && timingSafeEqual(expected, actual);
}
