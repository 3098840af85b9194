import { heldAmount, type Status } from './model.ts';
import type { Run, Sent } from './run.ts';

// Whether an answer had its reason.

/** Why this may not have succeeded; null when it may. */
export function whyNotDone({ command, part, target }: Sent): string | null {
  if ('flaw' in command && command.flaw) return 'What is flawed was posted';
  if (command.kind === 'typed' && command.from === command.to) return 'A party met itself';
  if (command.kind === 'capture' && part != null) {
    const whole = heldAmount(target!);
    if (whole === null || part < 1 || part > whole) return 'A part that is none was posted';
  }
  return null;
}

const FLAWS = {
  unbalanced: ['unbalanced'],
  across_currencies: ['currency_mismatch', 'unbalanced'],
  unknown_account: ['account_not_found'],
  zero: ['amount_out_of_range'],
};

/** Why this may not have been refused with the code; null when it may. */
export function whyNotRefused(
  one: Sent,
  code: string,
  run: Run,
  sent: readonly Sent[],
  before: ReadonlyMap<string, Status>,
): string | null {
  const { command, target, part } = one;
  const unless = (isRight: boolean) => (isRight ? null : 'There was no reason to refuse');
  switch (code) {
    case 'period_closed':
      return unless(
        run.closed.length > 0 &&
          !(('header' in command ? command.header : command) as { onClosed?: string }).onClosed?.startsWith('next'),
      );
    case 'limit_exceeded':
      return unless(
        command.kind === 'limit' ||
          target?.touchesLimit === true ||
          ('moves' in command && command.moves.some(({ debit, credit }) => debit === 4 || credit === 4)),
      );
    case 'period_not_ready':
    case 'conflict':
      return unless(command.kind === 'close');
    case 'rule_violation':
      return unless(
        command.kind === 'typed' ? command.from === command.to : part != null && heldAmount(target!) === null,
      );
    case 'already_posted':
      return unless(command.kind !== 'reverse' && ['posted', 'reversed'].includes(target?.status ?? ''));
    case 'already_voided':
      return unless(target?.status === 'voided');
    case 'already_reversed':
      return unless(target?.status === 'reversed');
    case 'not_posted':
      return unless(command.kind === 'reverse' && before.get(target!.id) === 'pending');
    case 'amount_out_of_range':
      if (command.kind === 'capture') return unless(part != null && (part < 1 || part > (heldAmount(target!) ?? 0)));
  }
  return unless('flaw' in command && command.flaw !== null && FLAWS[command.flaw].includes(code) && sent.includes(one));
}
