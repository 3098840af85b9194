import { DomainError } from '../operations/errors.ts';
import { frequentPasswords } from './frequent-passwords.ts';

const LEET: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
};
/** What is left after everything guessable is taken out must still be this much. */
const OWN_CHARACTERS = 6;
const SHORTEST_CONTEXT = 4;

function unleet(text: string): string {
  return text.replace(/[013457@$]/g, (character) => LEET[character] ?? character);
}

/** Words that an attacker who knows the account tries first. */
function contextWords(context: readonly string[]): string[] {
  return context
    .flatMap((text) => text.toLowerCase().split(/[^\p{L}\p{N}]+/u))
    .filter((word) => word.length >= SHORTEST_CONTEXT)
    .sort((left, right) => right.length - left.length);
}

function isCommon(password: string): boolean {
  const core = password.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '');
  const plain = password.replace(/[^\p{L}\p{N}]/gu, '');
  return [password, plain, core, unleet(password), unleet(core)].some((each) => frequentPasswords.has(each));
}

/** One text over and over, a walk through the digits or the alphabet, or too few different characters. */
function isRegular(password: string): boolean {
  const steps = [...password]
    .slice(1)
    .map((character, index) => character.codePointAt(0)! - password.codePointAt(index)!);
  const walks = steps.filter((step) => Math.abs(step) <= 1).length;
  return /^(.{1,6}?)\1+.{0,3}$/su.test(password) || new Set(password).size < 5 || walks > steps.length * 0.7;
}

/** Why a password is too easily guessed, or null. Lengths are the schema's matter. */
export function weaknessOf(password: string, context: readonly string[]): string | null {
  const lower = password.normalize('NFKC').toLowerCase();
  if (isCommon(lower)) return 'is one of the passwords that are tried first';
  if (isRegular(lower)) return 'repeats or counts too regularly';
  const left = contextWords(context).reduce((rest, word) => rest.replaceAll(word, ''), lower);
  const own = left.replace(/[^\p{L}\p{N}]/gu, '');
  if (left !== lower && (own.length < OWN_CHARACTERS || isCommon(left))) {
    return 'is made of the name, the address or the portal';
  }
  return null;
}

/** @throws DomainError invalid, at the field `password` */
export function requireStrongPassword(password: string, context: readonly string[]): void {
  const weakness = weaknessOf(password, context);
  if (weakness) {
    throw new DomainError('invalid', `The password ${weakness}. Choose another.`, { errors: { password: [weakness] } });
  }
}
