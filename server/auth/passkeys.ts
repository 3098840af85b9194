import { Buffer } from 'node:buffer';
import { verifyAuthenticationResponse, verifyRegistrationResponse } from '@simplewebauthn/server';
import { decodeAttestationObject, isoBase64URL } from '@simplewebauthn/server/helpers';
import * as v from 'valibot';
import type { Sealer } from '../operations/operation.ts';

/** What a browser answers when it has made a passkey (RegistrationResponseJSON), as far as it is looked at. */
export type MadeCredential = {
  id: string;
  rawId: string;
  type: string;
  response: { clientDataJSON: string; attestationObject: string; transports?: string[] | undefined };
};

/** What a browser answers with a passkey (AuthenticationResponseJSON), as far as it is looked at. */
export type GivenCredential = {
  id: string;
  rawId: string;
  type: string;
  response: {
    clientDataJSON: string;
    authenticatorData: string;
    signature: string;
    userHandle?: string | null | undefined;
  };
};

/** The site that a passkey is for: its host is the relying party, whatever other hosts the tenant has. */
export type Site = { readonly origin: string; readonly host: string };

/** Whom a challenge is for: null while nobody has said who they are. */
type Purpose = { readonly userId: string | null; readonly host: string };

const CHALLENGE_MS = 5 * 60_000;
const SUBJECT = 'passkey';
const kept = v.object({ userId: v.nullable(v.string()), host: v.string(), until: v.number() });

/** ES256, EdDSA, RS256: what authenticators have, in the order of preference. */
export const ALGORITHMS = [-7, -8, -257];

export function siteOf(origin: string): Site {
  return { origin, host: new URL(origin).hostname };
}

/** The name of an account towards authenticators: says nothing about the person (WebAuthn §14.6.1). */
export function userHandleOf(userId: string): string {
  return Buffer.from(userId.replaceAll('-', ''), 'hex').toString('base64url');
}

/**
 * A challenge carries its own seal: nobody else can make one, what it is for is inside, and none has to be kept until it
 * is answered. That it is answered once is for the database (`spent_challenges`).
 */
export async function newChallenge(sealer: Sealer, purpose: Purpose, now: Date): Promise<string> {
  const sealed = await sealer.seal(SUBJECT, JSON.stringify({ ...purpose, until: now.getTime() + CHALLENGE_MS }));
  return Buffer.from(sealed).toString('base64url');
}

/** When the challenge ends; null when it is not ours, for another purpose, or has run out. */
async function endOf(sealer: Sealer, challenge: string, purpose: Purpose, now: Date): Promise<Date | null> {
  const opened = await sealer.open(SUBJECT, Buffer.from(challenge, 'base64url').toString()).catch(() => 'null');
  const found = v.safeParse(kept, JSON.parse(opened));
  if (!found.success) return null;
  const { userId, host, until } = found.output;
  return userId === purpose.userId && host === purpose.host && until > now.getTime() ? new Date(until) : null;
}

type Expectation = { sealer: Sealer; site: Site; now: Date };
/** A challenge that was answered, to be spent in the transaction that believes the answer. */
export type Answered = { challenge: string; endsAt: Date };

function expectation({ sealer, site, now }: Expectation, userId: string | null) {
  let answered: Answered | null = null;
  const expectedChallenge = async (challenge: string): Promise<boolean> => {
    const endsAt = await endOf(sealer, challenge, { userId, host: site.host }, now);
    answered = endsAt && { challenge, endsAt };
    return endsAt !== null;
  };
  const options = {
    expectedChallenge,
    expectedOrigin: site.origin,
    expectedRPID: site.host,
    requireUserVerification: true,
  };
  return { options, answered: () => answered };
}

/** Statements of manufacturers are not asked for, and none is followed: to check one means to fetch what it names. */
function isUnattested(attestationObject: string): boolean {
  const attestation = decodeAttestationObject(isoBase64URL.toBuffer(attestationObject));
  const format = attestation.get('fmt');
  return format === 'none' || (format === 'packed' && attestation.get('attStmt').get('x5c') === undefined);
}

/** What is kept of a new passkey; null when the answer does not hold. */
export async function readMade(credential: MadeCredential, userId: string, about: Expectation) {
  const { options, answered } = expectation(about, userId);
  try {
    if (!isUnattested(credential.response.attestationObject)) return null;
    const response = { ...credential, type: 'public-key' as const, clientExtensionResults: {} };
    const { clientDataJSON, attestationObject } = credential.response;
    const checked = await verifyRegistrationResponse({
      ...options,
      response: { ...response, response: { clientDataJSON, attestationObject } },
      supportedAlgorithmIDs: ALGORITHMS,
    });
    const spent = answered();
    if (!checked.verified || !spent || credential.type !== 'public-key') return null;
    const { id, publicKey, counter } = checked.registrationInfo.credential;
    return { credentialId: id, publicKey: isoBase64URL.fromBuffer(publicKey), counter, answered: spent };
  } catch {
    // The library tells each of the many things that can be wrong by an error of its own; none of them is for the caller.
    return null;
  }
}

/** The new count of a passkey that signed for nobody but this site; null when the answer does not hold. */
export async function readGiven(
  credential: GivenCredential,
  known: { userId: string; credentialId: string; publicKey: string },
  about: Expectation,
): Promise<{ counter: number; answered: Answered } | null> {
  const { options, answered } = expectation(about, null);
  const { clientDataJSON, authenticatorData, signature, userHandle } = credential.response;
  if (userHandle !== userHandleOf(known.userId) || credential.type !== 'public-key') return null;
  try {
    const checked = await verifyAuthenticationResponse({
      ...options,
      response: {
        id: credential.id,
        rawId: credential.rawId,
        type: 'public-key',
        clientExtensionResults: {},
        response: { clientDataJSON, authenticatorData, signature, userHandle },
      },
      // Whether the count rises is for the database, after the signature: a forged count proves nothing.
      credential: { id: known.credentialId, publicKey: isoBase64URL.toBuffer(known.publicKey), counter: -1 },
    });
    const spent = answered();
    return checked.verified && spent ? { counter: checked.authenticationInfo.newCounter, answered: spent } : null;
  } catch {
    return null;
  }
}
