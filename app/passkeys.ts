import type { CreationOptions } from '../server/contexts/passkey/schemas.ts';

// Passkeys in the browser: the options come as JSON, and what the device answers goes back as JSON.

/** Shorter than a challenge lives, so that none is answered too late. */
const ROUND_MS = 4 * 60_000;

/** Whether this browser has passkeys, and reads JSON by itself. */
export function hasPasskeys(): boolean {
  return (
    typeof PublicKeyCredential === 'function' &&
    typeof PublicKeyCredential.parseRequestOptionsFromJSON === 'function' &&
    typeof PublicKeyCredential.parseCreationOptionsFromJSON === 'function'
  );
}

/** What a form carries; anything that is no JSON is for the operation to refuse. */
export function parseCredential(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function toText(credential: Credential | null): string {
  if (!(credential instanceof PublicKeyCredential)) throw new Error('The browser answered with no passkey');
  return JSON.stringify(credential.toJSON());
}

/** Has the device make a passkey. @throws when the person or the device declines */
export async function makePasskey(options: CreationOptions): Promise<string> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  return toText(await navigator.credentials.create({ publicKey }));
}

/** Asks for a passkey: in a dialog, or among the suggestions of a field. @throws when there is none, or it is declined */
export async function askForPasskey(mediation: 'optional' | 'conditional', signal: AbortSignal): Promise<string> {
  const response = await fetch('/api/passkeys/challenge', { signal });
  if (!response.ok) throw new Error('There is no challenge to answer');
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(await response.json());
  return toText(await navigator.credentials.get({ publicKey, mediation, signal }));
}

/** Offers passkeys among the suggestions for as long as the page is open; null when this browser does not. */
export async function suggestPasskeys(signal: AbortSignal): Promise<string | null> {
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return null;
  while (!signal.aborted) {
    const round = AbortSignal.timeout(ROUND_MS);
    try {
      return await askForPasskey('conditional', AbortSignal.any([signal, round]));
    } catch {
      if (!round.aborted) return null;
    }
  }
  return null;
}
