// What can be done to many rows of a list at once. Each row goes through the operation that changes one, with a version and
// a key of its own: so each is on record by itself, and one that is refused holds up no other.
import type { AppLoadContext } from '@remix-run/server-runtime';
import { endCustomerArchive, endCustomerGet, endCustomerRestore } from '../server/contexts/end-customer/operations.ts';
import {
  merchantArchive,
  merchantGet,
  merchantRestore,
  merchantUpdate,
} from '../server/contexts/merchant/operations.ts';
import {
  merchantOrgArchive,
  merchantOrgGet,
  merchantOrgRestore,
  merchantOrgUpdate,
} from '../server/contexts/merchant-org/operations.ts';
import {
  AT_REST,
  merchantOrgStates,
  merchantStates,
  ONLY_AT_REST,
  type PartyStatus,
} from '../server/contexts/merchant-org/schemas.ts';
import { prospectGet, prospectMove } from '../server/contexts/prospect/operations.ts';
import { type ProspectStatus, prospectStates } from '../server/contexts/prospect/schemas.ts';
import { userDisable, userEnable, userGet } from '../server/contexts/user/operations.ts';
import type { Problem } from '../server/operations/errors.ts';
import type { Operation } from '../server/operations/operation.ts';
import { whyNoMove } from '../server/operations/states.ts';
import type { FormValues } from './forms.ts';
import { readProblem } from './problem.ts';

export type BulkRow = { id: string; name: string; status: string; isArchived: boolean; version: number };
type Guards = { idempotencyKey: string; expectedVersion: number };
type Submitted = Promise<{ data: unknown } | { problem: Problem }>;

export type BulkAction = {
  label: string;
  /** What it means, in a sentence, for who is about to confirm it. */
  means: string;
  done: string;
  permission: string;
  /** What is asked beside: a reason in words, or why a prospect is lost. */
  asks?: 'reason' | 'loss';
  /** Why the row as it is cannot be offered, as a sentence; what else forbids it is the operation's to say. */
  whyNot(row: BulkRow, context: AppLoadContext): string | null;
  run(context: AppLoadContext, id: string, values: FormValues, guards: Guards): Submitted;
};
type BulkList = {
  noun: [one: string, many: string];
  read(context: AppLoadContext, id: string): Promise<BulkRow>;
  actions: Readonly<Record<string, BulkAction>>;
};
export type BulkChoice = { name: string; label: string };

type Read = { id: string; name: string; version: number; status?: string; archived_at?: string | null };

const reading =
  (operation: Operation<{ id: string }, Read>): BulkList['read'] =>
  async (context, id) => {
    const { name, version, status, archived_at = null } = await context.run(operation, { id });
    const isArchived = archived_at !== null;
    return { id, name, version, status: status ?? 'in_use', isArchived };
  };

/** An operation that takes nothing but the row. */
const plain =
  (operation: Operation<{ id: string }, unknown>): BulkAction['run'] =>
  (context, id, _, guards) =>
    context.submit(operation, { id }, guards);

type Archiving = { archive: Operation<{ id: string }, unknown>; restore?: Operation<{ id: string }, unknown> };

const ARCHIVED = 'It is archived; it is restored before it moves on.';

function archiving(
  permission: string,
  { archive, restore }: Archiving,
  whyAtWork: (status: string) => string | null = () => null,
): BulkList['actions'] {
  const common = { permission };
  return {
    archive: {
      ...common,
      label: 'Archive',
      means: 'Out of use, they leave the lists; they can be restored.',
      done: 'archived',
      whyNot: ({ isArchived, status }) => (isArchived ? 'It is archived already.' : whyAtWork(status)),
      run: plain(archive),
    },
    ...(restore
      ? {
          restore: {
            ...common,
            label: 'Restore',
            means: 'They are in the lists and choices again.',
            done: 'restored',
            whyNot: ({ isArchived }) => (isArchived ? null : 'It is not archived.'),
            run: plain(restore),
          },
        }
      : {}),
  };
}

/** Of MerchantOrgs and merchants. */
const whyAtWork = (status: string) => (AT_REST.includes(status) ? null : ONLY_AT_REST);

const PARTY_WORDS = {
  activate: { label: 'Go live', done: 'live', means: 'From now on they work.' },
  suspend: { label: 'Suspend', done: 'suspended', means: 'They stay, and pause until they are resumed.' },
  resume: { label: 'Resume', done: 'resumed', means: 'They work again as before.' },
};

type PartyUpdate = typeof merchantUpdate | typeof merchantOrgUpdate;

/** The moves of MerchantOrgs and merchants alike. */
function partyMoves(update: PartyUpdate, states: typeof merchantStates): BulkList['actions'] {
  const move = (name: keyof typeof PARTY_WORDS): BulkAction => {
    const { to } = states.moves[name];
    return {
      ...PARTY_WORDS[name],
      permission: `${states.name}:${name === 'activate' ? 'update' : 'suspend'}`,
      ...(name === 'suspend' ? { asks: 'reason' } : {}),
      whyNot: ({ isArchived, status }) => (isArchived ? ARCHIVED : whyNoMove(states, name, status as PartyStatus)),
      run: (context, id, { reason }, guards) =>
        context.submit(
          update as Operation<unknown, unknown>,
          { id, status: to, ...(reason ? { status_reason: reason } : {}) },
          guards,
        ),
    };
  };
  return { activate: move('activate'), suspend: move('suspend'), resume: move('resume') };
}

const whyNotUser =
  (needed: 'active' | 'disabled', done: string): BulkAction['whyNot'] =>
  ({ id, status }, { actor }) => {
    if (id === actor?.id) return 'This is your own account: somebody else has to do this.';
    if (status === 'invited') return 'They have not accepted their invitation yet.';
    return status === needed ? null : done;
  };

const LISTS: Readonly<Record<string, BulkList>> = {
  merchant: {
    noun: ['merchant', 'merchants'],
    read: reading(merchantGet),
    actions: {
      ...partyMoves(merchantUpdate, merchantStates),
      ...archiving('merchant:archive', { archive: merchantArchive, restore: merchantRestore }, whyAtWork),
    },
  },
  merchant_org: {
    noun: ['MerchantOrg', 'MerchantOrgs'],
    read: reading(merchantOrgGet),
    actions: {
      ...partyMoves(merchantOrgUpdate, merchantOrgStates),
      ...archiving('merchant_org:archive', { archive: merchantOrgArchive, restore: merchantOrgRestore }, whyAtWork),
    },
  },
  user: {
    noun: ['person', 'people'],
    read: reading(userGet),
    actions: {
      disable: {
        label: 'Disable',
        means: 'They cannot sign in, their sessions end, and their roles wait for them.',
        done: 'disabled',
        permission: 'user:disable',
        whyNot: whyNotUser('active', 'They are disabled already.'),
        run: plain(userDisable),
      },
      enable: {
        label: 'Enable',
        means: 'They can sign in again, with the roles that they had.',
        done: 'enabled',
        permission: 'user:disable',
        whyNot: whyNotUser('disabled', 'They can sign in already.'),
        run: plain(userEnable),
      },
    },
  },
  prospect: {
    noun: ['prospect', 'prospects'],
    read: reading(prospectGet),
    actions: {
      lose: {
        label: 'Mark as lost',
        means: 'They leave the board, and can be begun again.',
        done: 'marked as lost',
        permission: 'prospect:update',
        asks: 'loss',
        whyNot: ({ status }) => whyNoMove(prospectStates, 'lose', status as ProspectStatus),
        run: (context, id, { lost_reason, reason }, guards) =>
          context.submit(
            prospectMove,
            { id, status: 'lost', ...(lost_reason ? { lost_reason } : {}), ...(reason ? { reason } : {}) },
            guards,
          ),
      },
    },
  },
  end_customer: {
    noun: ['customer', 'customers'],
    read: reading(endCustomerGet),
    actions: archiving('end_customer:archive', { archive: endCustomerArchive, restore: endCustomerRestore }),
  },
};

/** The list and action of these names. @throws Response 404 when there are none */
export function bulkAction(list: string | undefined, action: string): { list: BulkList; action: BulkAction } {
  const found = list !== undefined && Object.hasOwn(LISTS, list) ? LISTS[list] : undefined;
  const chosen = found && Object.hasOwn(found.actions, action) ? found.actions[action] : undefined;
  if (!found || !chosen) throw new Response(null, { status: 404 });
  return { list: found, action: chosen };
}

/** What this person is offered for the rows of a list. */
export function bulkChoices(context: AppLoadContext, list: string): BulkChoice[] {
  return Object.entries(LISTS[list]?.actions ?? {})
    .filter(([, { permission }]) => context.can(permission))
    .map(([name, { label }]) => ({ name, label }));
}

/** "3 merchants". */
export function counted(count: number, { noun: [one, many] }: Pick<BulkList, 'noun'>): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** The rows as they are now; those that are gone, or out of reach, are left out. */
export async function readRows(context: AppLoadContext, list: BulkList, ids: readonly string[]): Promise<BulkRow[]> {
  const rows = await Promise.all(ids.map((id) => orProblem(list.read(context, id))));
  return rows.flatMap((row) => ('problem' in row ? [] : [row]));
}

export type BulkOutcome = { id: string; problem: Problem | null };

/** One row after the other, so that they happen in the order in which they are told. */
export async function runForEach(
  context: AppLoadContext,
  action: BulkAction,
  rows: readonly { id: string; version: number }[],
  values: FormValues,
  key: string,
): Promise<BulkOutcome[]> {
  const outcomes: BulkOutcome[] = [];
  for (const { id, version } of rows) {
    const guards = { idempotencyKey: `${key}-${id}`, expectedVersion: version };
    const answer = await orProblem(action.run(context, id, values, guards));
    outcomes.push({ id, problem: 'problem' in answer ? answer.problem : null });
  }
  return outcomes;
}

/** A refusal of one row is told beside it; that one is signed out concerns all of them. */
async function orProblem<T>(done: Promise<T>): Promise<T | { problem: Problem }> {
  try {
    return await done;
  } catch (refusal) {
    const isOfOne = refusal instanceof Response && (refusal.status === 403 || refusal.status === 404);
    const problem = isOfOne ? readProblem(await refusal.text()) : null;
    if (!problem) throw refusal;
    return { problem };
  }
}
