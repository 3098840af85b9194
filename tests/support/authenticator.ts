import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isoCBOR } from '@simplewebauthn/server/helpers';
import { userHandleOf } from '../../server/auth/passkeys.ts';
import type { TestTenant } from './tenant.ts';

type Said = { origin: string; challenge: string };
/** What an authenticator may be made to say otherwise than it should. */
type Lies = { host?: string; origin?: string; counter?: number; isVerified?: boolean; userHandle?: string | null };

const FLAGS = { present: 0x01, verified: 0x04, attested: 0x40 };

function sha256(data: string | Uint8Array): Buffer {
  return createHash('sha256').update(data).digest();
}

/** An authenticator without hardware that does what it is told, also what no real one would. */
export class Authenticator {
  readonly #keys: { publicKey: KeyObject; privateKey: KeyObject } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  readonly credentialId = randomBytes(32);
  /** Counts its uses, unless `counts` is false. */
  readonly counts: boolean;
  counter = 0;

  constructor(counts = true) {
    this.counts = counts;
  }

  get id(): string {
    return this.credentialId.toString('base64url');
  }

  get publicKey(): string {
    return this.#coseKey().toString('base64url');
  }

  /** Makes the passkey: what `navigator.credentials.create()` gives, as JSON. */
  make({ origin, challenge }: Said, lies: Lies = {}) {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(this.credentialId.length);
    const attested = Buffer.concat([Buffer.alloc(16), length, this.credentialId, this.#coseKey()]);
    const authData = Buffer.concat([this.#authData(origin, FLAGS.attested, lies), attested]);
    const attestation = new Map<string, unknown>([
      ['fmt', 'none'],
      ['attStmt', new Map()],
      ['authData', new Uint8Array(authData)],
    ]);
    return this.#credential({
      clientDataJSON: this.#clientData('webauthn.create', challenge, lies.origin ?? origin),
      attestationObject: Buffer.from(isoCBOR.encode(attestation as never)).toString('base64url'),
      transports: ['internal'],
    });
  }

  /** Signs: what `navigator.credentials.get()` gives, as JSON. */
  give({ origin, challenge }: Said, userId: string, lies: Lies = {}) {
    if (this.counts) this.counter += 1;
    const clientDataJSON = this.#clientData('webauthn.get', challenge, lies.origin ?? origin);
    const authData = this.#authData(origin, 0, lies);
    const signed = Buffer.concat([authData, sha256(Buffer.from(clientDataJSON, 'base64url'))]);
    return this.#credential({
      clientDataJSON,
      authenticatorData: authData.toString('base64url'),
      signature: sign('sha256', signed, this.#keys.privateKey).toString('base64url'),
      userHandle: lies.userHandle === undefined ? userHandleOf(userId) : lies.userHandle,
    });
  }

  #credential<R extends object>(response: R) {
    return { id: this.id, rawId: this.id, type: 'public-key', clientExtensionResults: {}, response };
  }

  #clientData(type: string, challenge: string, origin: string): string {
    return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false })).toString('base64url');
  }

  #authData(origin: string, more: number, lies: Lies): Buffer {
    const flags = FLAGS.present | (lies.isVerified === false ? 0 : FLAGS.verified) | more;
    const count = Buffer.alloc(4);
    count.writeUInt32BE(lies.counter ?? this.counter);
    return Buffer.concat([sha256(lies.host ?? new URL(origin).hostname), Buffer.from([flags]), count]);
  }

  /** COSE_Key of ES256 (RFC 9053 §7.1.1). */
  #coseKey(): Buffer {
    const { x = '', y = '' } = this.#keys.publicKey.export({ format: 'jwk' });
    const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64url'));
    const key = new Map<number, number | Uint8Array>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, bytes(x)],
      [-3, bytes(y)],
    ]);
    return Buffer.from(isoCBOR.encode(key as never));
  }
}

/** Gives somebody a passkey, as if they had made it on that host. @returns its id */
export async function ownPasskey(tenant: TestTenant, email: string, authenticator: Authenticator): Promise<string> {
  const [row] = await tenant.arrange(
    `INSERT INTO passkeys (user_id, name, host, credential_id, public_key, counter, transports)
     SELECT u.id, 'Laptop', $2, $3, $4, 0, '{internal}' FROM users u WHERE u.email = $1
     RETURNING id`,
    [email, new URL(tenant.origin).hostname, authenticator.id, authenticator.publicKey],
  );
  return String(row?.id);
}
