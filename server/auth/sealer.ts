import { Buffer } from 'node:buffer';
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import type { Sealer } from '../operations/operation.ts';

const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;

/**
 * AES-256-GCM under a key that is derived (HKDF, RFC 5869) from the master secret for one tenant. The subject is
 * authenticated with it: what was sealed for one person opens for nobody else.
 */
export function sealerOf(masterSecret: string, tenantId: string): Sealer {
  const derive = (use: string) =>
    Buffer.from(hkdfSync('sha256', Buffer.from(masterSecret, 'hex'), '', `scp:${use}:${tenantId}`, 32));
  const [key, pseudonymKey] = [derive('seal'), derive('pseudonym')];
  return {
    pseudonym: (text) => `account-${createHmac('sha256', pseudonymKey).update(text).digest('hex').slice(0, 32)}`,
    seal: async (subject, secret) => {
      const nonce = randomBytes(NONCE_LENGTH);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      cipher.setAAD(Buffer.from(subject));
      const body = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
      return `v1.${Buffer.concat([nonce, body, cipher.getAuthTag()]).toString('base64url')}`;
    },
    open: async (subject, sealed) => {
      const bytes = Buffer.from(sealed.replace(/^v1\./, ''), 'base64url');
      // Without a length, what is too short would pass for a shorter tag, which is guessed sooner.
      const options = { authTagLength: TAG_LENGTH };
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_LENGTH), options);
      decipher.setAAD(Buffer.from(subject));
      decipher.setAuthTag(bytes.subarray(-TAG_LENGTH));
      const body = bytes.subarray(NONCE_LENGTH, -TAG_LENGTH);
      return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8');
    },
  };
}

/** An address as the subject of a denial: a resource's id stays for good, an address must not. */
export function namedAccount(sealer: Sealer, address: string): { subject: string; about: string } {
  return { subject: sealer.pseudonym(address), about: address };
}
