import { createHash, createHmac, pbkdf2Sync, randomBytes, randomInt } from 'node:crypto';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const API_KEY_CHARACTERS = 40;
/** Stretching is for passwords that people choose; these are 256 random bits, and every new connection pays per round. */
const SCRAM_ITERATIONS = 16;

/**
 * The database password of a role: never stored, always derived.
 * @param subject a tenant's id, or "gateway"
 * @param keyVersion counts up when the password is rotated
 * @throws when the master secret is not at least 32 bytes of hex
 */
export function derivePassword(masterSecret: string, subject: string, keyVersion: number): string {
  if (!/^(?:[0-9a-f]{2}){32,}$/i.test(masterSecret)) {
    throw new Error('MASTER_SECRET must be at least 32 bytes written in hex.');
  }
  return createHmac('sha256', Buffer.from(masterSecret, 'hex'))
    .update(`scp:${subject}:${keyVersion}`)
    .digest('base64url');
}

/** The SCRAM-SHA-256 verifier of a password (RFC 5802), so that no password appears in a statement or a log. */
export function scramVerifier(password: string): string {
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password, salt, SCRAM_ITERATIONS, 32, 'sha256');
  const clientKey = createHmac('sha256', salted).update('Client Key').digest();
  const serverKey = createHmac('sha256', salted).update('Server Key').digest('base64');
  const storedKey = createHash('sha256').update(clientKey).digest('base64');
  return `SCRAM-SHA-256$${SCRAM_ITERATIONS}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}

/** What is stored of an API key or a token: its SHA-256 in hex. They are random, so no slow hash is needed. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** A random token of 256 bits for a link, safe in a URL. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** A new API key with what is kept of it: the hash, and the first characters by which people tell keys apart. */
export function newApiKey(): { key: string; hash: string; prefix: string } {
  const characters = Array.from({ length: API_KEY_CHARACTERS }, () => BASE62.charAt(randomInt(BASE62.length)));
  const key = `scp_${characters.join('')}`;
  return { key, hash: hashSecret(key), prefix: key.slice(0, 12) };
}
