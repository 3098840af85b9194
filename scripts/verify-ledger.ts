// Verifies an export bundle of the ledger (GET /api/ledger/export?format=bundle) without the database and without the
// product: node scripts/verify-ledger.ts acme-ledger.bundle.jsonl
// Needs Node 24 (or 22.18 and later) and nothing else. Exit codes: 0 everything fits, 1 something does not, 2 usage.
// What is hashed, and how, is written down in docs/decisions/0014-seal.md.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

type Document = { type: string; [field: string]: unknown };
type Block = {
  number: number;
  format: number;
  previous_hash: string;
  from_epoch: number;
  from_xid: string;
  to_epoch: number;
  to_xid: string;
  journals: number;
  events: number;
  sealed_until: string;
  sealed_at: string;
  root: string;
  hash: string;
};
type Leaf = {
  block: number;
  place: number;
  kind: 'journal' | 'event';
  id: string;
  hash: string;
  salt: string | null;
  texts_hash: string | null;
  erased_by: string | null;
  /** What the event that erased the texts calls itself. */
  erasure: string | null;
  fixed: string | null;
  texts: string | null;
  status: string | null;
  posted_amount: number | null;
  has_reason: boolean;
  steps: string[] | null;
};
type Sums = { debits: bigint; credits: bigint; pending_debits: bigint; pending_credits: bigint };

const sha256 = (...parts: (string | Buffer)[]): string => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};

/** The way Postgres prints jsonb: a space after each comma. */
const canonical = (values: unknown[]): string => `[${values.map((value) => JSON.stringify(value)).join(', ')}]`;

const problems: string[] = [];
const wrong = (message: string): void => {
  problems.push(message);
  if (problems.length <= 100) console.log(`WRONG  ${message}`);
};

const counts = { blocks: 0, journals: 0, events: 0, erased: 0, anchors: 0, accounts: 0 };
const accounts = new Map<string, string>();
const sums = new Map<string, Sums>();
let head = 0;
let before: Block | null = null;
let block: Block | null = null;
let leafHashes = createHash('sha256');
let seen = { journals: 0, events: 0, place: 0, anchored: false };

function blockHash(b: Block): string {
  const { format, number, previous_hash, from_epoch, from_xid, to_epoch, to_xid, journals, events } = b;
  return sha256(
    canonical([
      ...['block', format, number, previous_hash, from_epoch, from_xid, to_epoch, to_xid, journals, events],
      ...[b.sealed_until, b.sealed_at, b.root],
    ]),
  );
}

function endBlock(): void {
  if (!block) return;
  const { number } = block;
  if (leafHashes.digest('hex') !== block.root || seen.journals !== block.journals || seen.events !== block.events) {
    wrong(`The leaves of block ${number} were changed.`);
  }
  if (!seen.anchored) wrong(`Block ${number} has no anchor.`);
  before = block;
  block = null;
}

function beginBlock(b: Block): void {
  endBlock();
  block = b;
  counts.blocks += 1;
  leafHashes = createHash('sha256');
  seen = { journals: 0, events: 0, place: 0, anchored: false };
  const expected = (before?.number ?? 0) + 1;
  for (let number = expected; number < b.number; number += 1) wrong(`Block ${number} is missing.`);
  if (b.format !== 1) wrong(`Block ${b.number} is in a format that this program does not know.`);
  if (blockHash(b) !== b.hash) wrong(`Block ${b.number} is not what its hash says.`);
  const follows =
    b.previous_hash === (before?.hash ?? '0'.repeat(64)) &&
    b.from_epoch === (before?.to_epoch ?? 0) &&
    b.from_xid === (before?.to_xid ?? '0');
  if (!follows) wrong(`Block ${b.number} does not follow the block before it.`);
}

function checkAnchor(anchor: { block: number; hash: string }): void {
  counts.anchors += 1;
  seen.anchored = true;
  if (!block || anchor.block !== block.number)
    wrong(`An anchor of block ${anchor.block} stands where it does not belong.`);
  else if (anchor.hash !== block.hash) {
    wrong(`Block ${block.number} differs from its anchor: the chain or the anchor was rewritten.`);
  }
}

/** Whether (epoch, xid) lies in the block at hand. */
function isWithin(epoch: number, xid: string): boolean {
  if (!block) return false;
  const { from_epoch: fromEpoch, from_xid: fromXid, to_epoch: toEpoch, to_xid: toXid } = block;
  const isAfter = epoch > fromEpoch || (epoch === fromEpoch && BigInt(xid) >= BigInt(fromXid));
  return isAfter && (epoch < toEpoch || (epoch === toEpoch && BigInt(xid) < BigInt(toXid)));
}

type Line = [number, string, string, string, 'debit' | 'credit', number, ...unknown[]];

function sumsOf(account: string): Sums {
  const known = sums.get(account) ?? { debits: 0n, credits: 0n, pending_debits: 0n, pending_credits: 0n };
  sums.set(account, known);
  return known;
}

/** A release takes back what was held on the other side. */
function addLine(kind: string, [, account, , , side, amount]: Line): void {
  const of = sumsOf(account);
  const value = BigInt(amount);
  if (kind === 'hold') of[side === 'debit' ? 'pending_debits' : 'pending_credits'] += value;
  else if (kind === 'release') of[side === 'debit' ? 'pending_credits' : 'pending_debits'] -= value;
  else of[side === 'debit' ? 'debits' : 'credits'] += value;
}

function checkJournal(leaf: Leaf, fixed: unknown[]): void {
  const [, id, , book, kind, effective, , recorded, epoch, xid, lines] = fixed as [
    ...[string, string, string, string, string, string, string | null, string, number, string, Line[] | null],
  ];
  const sides = new Map<string, bigint>();
  for (const line of lines ?? []) {
    const [, , lineBook, currency, side, amount, , ...time] = line;
    sides.set(currency, (sides.get(currency) ?? 0n) + BigInt(side === 'debit' ? amount : -amount));
    if (canonical([lineBook, ...time]) !== canonical([book, effective, recorded, epoch, xid, kind])) {
      wrong(`Journal ${id} has a line of another book or time.`);
    }
    addLine(kind, line);
  }
  if (!lines || [...sides.values()].some((sum) => sum !== 0n)) wrong(`Journal ${id} does not balance.`);
  const steps = leaf.steps ?? [];
  const status = steps.includes('reversal')
    ? 'reversed'
    : steps.includes('post')
      ? 'posted'
      : steps.includes('release')
        ? 'voided'
        : 'pending';
  const isOdd =
    leaf.status !== status ||
    (leaf.posted_amount !== null && !steps.includes('post')) ||
    (leaf.has_reason && status !== 'voided' && status !== 'reversed');
  if (isOdd) wrong(`Transaction ${fixed[2]} of journal ${id} is not in the state that its journals say.`);
}

function isErased(kind: string, texts: unknown[]): boolean {
  if (kind === 'journal') {
    const [description, metadata, reason, memos] = texts;
    return description === '[erased]' && metadata === '{}' && (reason ?? '[erased]') === '[erased]' && memos === null;
  }
  const [actor, impersonator, delegator, address, agent, details, changes] = texts;
  const rest = [impersonator, delegator, address, agent, changes];
  return actor === '[erased]' && details === '{}' && rest.every((value) => value === null);
}

function checkLeaf(leaf: Leaf): void {
  const name = `${leaf.kind === 'journal' ? 'Journal' : 'Audit event'} ${leaf.id} in block ${leaf.block}`;
  counts[leaf.kind === 'journal' ? 'journals' : 'events'] += 1;
  seen[leaf.kind === 'journal' ? 'journals' : 'events'] += 1;
  seen.place += 1;
  leafHashes.update(Buffer.from(leaf.hash, 'hex'));
  if (leaf.block !== block?.number || leaf.place !== seen.place) wrong(`${name} is not in its place.`);
  if (leaf.fixed === null || leaf.texts === null) {
    wrong(`${name} is missing.`);
    return;
  }
  const textsHash =
    leaf.salt === null
      ? Buffer.from(leaf.texts_hash ?? '', 'hex')
      : Buffer.from(sha256(Buffer.from(leaf.salt, 'hex'), leaf.texts), 'hex');
  const fixed = JSON.parse(leaf.fixed) as unknown[];
  const [epoch, xid] = (leaf.kind === 'journal' ? fixed.slice(8, 10) : fixed.slice(3, 5)) as [number, string];
  const isAsSealed = sha256(leaf.fixed, textsHash) === leaf.hash && fixed[0] === leaf.kind && fixed[1] === leaf.id;
  const hasErasure = leaf.salt === null;
  if (hasErasure) counts.erased += 1;
  const isErasure =
    leaf.texts_hash !== null && (leaf.erasure ?? '').endsWith('.erase') && isErased(leaf.kind, JSON.parse(leaf.texts));
  const isUntouched = leaf.texts_hash === null && leaf.erased_by === null;
  if (!isAsSealed || !isWithin(epoch, xid) || !(hasErasure ? isErasure : isUntouched)) {
    wrong(`${name} was changed, or what belongs to it.`);
  }
  if (leaf.kind === 'journal') checkJournal(leaf, fixed);
}

function checkTotal(total: { account_id: string } & Record<keyof Sums, number>): void {
  const lines = sumsOf(total.account_id);
  const fields = ['debits', 'credits', 'pending_debits', 'pending_credits'] as const;
  if (fields.some((field) => BigInt(total[field]) !== lines[field])) {
    wrong(
      `The totals of account ${accounts.get(total.account_id) ?? total.account_id} are not what its lines add up to.`,
    );
  }
  sums.delete(total.account_id);
}

function check(document: Document): void {
  if (document.type === 'block') beginBlock(document as unknown as Block);
  else if (document.type === 'anchor') checkAnchor(document as unknown as { block: number; hash: string });
  else if (document.type === 'leaf') checkLeaf(document as unknown as Leaf);
  else if (document.type === 'added') {
    wrong(
      `${document.kind === 'journal' ? 'Journal' : 'Audit event'} ${document.id} in block ${document.block} was added after the block was sealed.`,
    );
  } else if (document.type === 'account') {
    counts.accounts += 1;
    accounts.set(String(document.id), `${document.book}: ${document.code} ${document.name}`);
  } else if (document.type === 'total') {
    endBlock();
    checkTotal(document as unknown as Parameters<typeof checkTotal>[0]);
  } else if (document.type === 'finding') {
    endBlock();
    wrong(String(document.message));
  } else {
    wrong(`There is a line of an unknown type: ${document.type}.`);
  }
}

async function verify(path: string): Promise<void> {
  let lines = 0;
  let isWhole = false;
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
    const document = JSON.parse(line) as Document;
    if (isWhole) wrong('There are lines after the end.');
    if (lines === 0) {
      if (document.type !== 'bundle' || document.format !== 1) throw new Error('This is not a bundle of format 1.');
      head = Number(document.head);
    } else if (document.type === 'end') {
      isWhole = document.lines === lines;
    } else {
      check(document);
    }
    lines += 1;
  }
  endBlock();
  if (!isWhole) wrong('The file is not whole: it ends early, or lines were taken out or put in.');
  for (let number = (before?.number ?? 0) + 1; number <= head; number += 1) wrong(`Block ${number} is missing.`);
  for (const account of sums.keys()) wrong(`Account ${accounts.get(account) ?? account} has lines, but no totals.`);
}

const path = process.argv[2];
if (!path || process.argv.length > 3) {
  console.error('Usage: node scripts/verify-ledger.ts BUNDLE.jsonl');
  process.exit(2);
}
try {
  await verify(path);
} catch (error) {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
    console.error(`${path} cannot be read: ${error.code}`);
    process.exit(2);
  }
  wrong(error instanceof Error ? error.message : String(error));
}
const { blocks, journals, events, erased } = counts;
console.log(
  `${blocks} blocks, ${journals} journals, ${events} audit events (${erased} erased), ${counts.accounts} accounts.`,
);
const last = before as Block | null;
console.log(`Head: block ${last?.number ?? 0}, ${last?.hash ?? 'none'}`);
console.log(problems.length === 0 ? 'Everything fits.' : `${problems.length} problems.`);
process.exit(problems.length === 0 ? 0 : 1);
