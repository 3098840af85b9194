import type { Command, Header, Move } from './commands.ts';
import { LINES_UNTIL } from './invariants.ts';
import { whyNotDone, whyNotRefused } from './judge.ts';
import { heldAmount, type ModelLine, partOf, type Status, type Transaction } from './model.ts';
import { type Answer, type Call, closeCall, type Line, limitCall, plainCall, postCall, stepCall } from './rig.ts';
import type { World } from './world.ts';

// One run: commands become calls, answers become the model, and whatever was answered must have been right to answer.

const DAY_MS = 86_400_000;
const MISSING = '0190a0a0-0000-7000-8000-000000000000';

/** A call that was made, and what became of it: two answers where it was sent twice at the same time. */
export type Sent = {
  command: Command;
  call: Call;
  key: string;
  answers: Answer[];
  target?: Transaction;
  part?: number | null;
};

/** A call that succeeded, to be made again. */
type Kept = { call: Call; key: string; body: string };

export class Run {
  readonly transactions = new Map<string, Transaction>();
  readonly accounts = new Set<string>();
  readonly instants: string[] = [];
  /** Closed days, with the lines that their books had until then. */
  readonly closed: { book: string; through: string; lines: number }[] = [];
  /** What was refused, by code, and how often calls were made. */
  readonly codes: Record<string, number> = {};
  calls = 0;
  readonly #kept: Kept[] = [];

  readonly world: World;
  readonly name: string;

  constructor(world: World, name: string) {
    this.world = world;
    this.name = name;
  }

  day(daysAgo: number): string {
    return new Date(this.world.today.getTime() - daysAgo * DAY_MS).toISOString().slice(0, 10);
  }

  /** The last day of a month that is over. */
  monthEnd(monthsAgo: number): string {
    const { today } = this.world;
    return new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() - monthsAgo + 1, 0))
      .toISOString()
      .slice(0, 10);
  }

  /** Runs commands at the same time, takes in what was answered, and throws when something may not have been answered. */
  async batch(commands: readonly Command[]): Promise<void> {
    const known = [...this.transactions.values()];
    const kept = [...this.#kept];
    const before = new Map(known.map(({ id, status }) => [id, status]));
    const sent = (await Promise.all(commands.map((command) => this.#send(command, known, kept)))).filter(
      (one) => one !== null,
    );
    for (const one of sent) this.#takeIn(one);
    await this.#takeSteps(sent, before);
    for (const one of sent) this.#judge(one, sent, before);
  }

  async #send(command: Command, known: Transaction[], kept: readonly Kept[]): Promise<Sent | null> {
    const { rig } = this.world;
    const key = `${this.name}-${this.calls}`;
    this.calls += 1;
    if (command.kind === 'fold') {
      await this.world.fold(command.journals, command.linesPerMark);
      return null;
    }
    if (command.kind === 'replay' || command.kind === 'misuse') {
      const earlier = kept[command.target % Math.max(kept.length, 1)];
      if (!earlier) return null;
      const salt = command.kind === 'misuse' ? 'another request' : '';
      const again = await rig.run(earlier.call, earlier.key, salt);
      this.#expectReplay(command.kind, again, earlier.body);
      return null;
    }
    if (command.kind === 'close') {
      const [book, through] = [this.world.books[command.book]!.id, this.monthEnd(command.monthsAgo)];
      const call = closeCall(book, through);
      const { answer, found } = await rig.runAnd<{ lines: number }>(call, LINES_UNTIL, [book, through]);
      if (answer.ok) this.closed.push({ book, through, lines: found!.lines });
      return { command, call, key, answers: [answer] };
    }
    const made = this.#callOf(command, known);
    if (made === null) return null;
    const times = 'twin' in command && command.twin ? 2 : 1;
    const answers = await Promise.all(Array.from({ length: times }, () => rig.run(made.call, key)));
    return { command, key, answers, ...made };
  }

  #expectReplay(kind: 'replay' | 'misuse', again: Answer, body: string): void {
    const isRight =
      kind === 'misuse'
        ? !again.ok && again.code === 'idempotency_conflict'
        : again.ok && again.isReplay && again.body === body;
    if (!isRight) throw new Error(`A ${kind} was answered ${JSON.stringify(again)}; the first answer was ${body}`);
  }

  #callOf(command: Command, known: Transaction[]): { call: Call; target?: Transaction; part?: number | null } | null {
    switch (command.kind) {
      case 'post':
      case 'batch':
        return { call: this.#postCall(command) };
      case 'typed': {
        const [from, to] = [this.world.parties[command.from]!, this.world.parties[command.to]!];
        const ends = { from_type: from.type, from_id: from.id, to_type: to.type, to_id: to.id };
        const { type, amount, currency } = command;
        return { call: postCall({ ...this.#header(command.header), type, amount, currency, ...ends }, []) };
      }
      case 'limit': {
        const { minimum, room } = command;
        const maximum = room === null ? null : (minimum ?? 0) + room;
        const account = this.world.books[command.book]!.accounts.limited;
        this.accounts.add(account);
        return { call: limitCall(account, { minimum_balance: minimum, maximum_balance: maximum }) };
      }
      case 'expire':
        return { call: plainCall('expire_holds()', 'transaction.expire') };
      case 'capture':
      case 'void':
      case 'reverse': {
        const target = known[command.target % Math.max(known.length, 1)];
        return target ? this.#stepOf(command, target) : null;
      }
      default:
        throw new Error(`There is no call for ${command.kind}`);
    }
  }

  #stepOf(command: Extract<Command, { target: number }>, target: Transaction) {
    if (command.kind === 'void') return { target, call: stepCall(target.id, 'release', {}) };
    const { daysAgo } = command as { daysAgo: number | null };
    const day = daysAgo === null ? {} : { effective_date: this.day(daysAgo) };
    if (command.kind === 'reverse') {
      return {
        target,
        call: stepCall(target.id, 'reversal', { reason: 'Proved', on_closed_period: command.onClosed, ...day }),
      };
    }
    const { percent } = command as { percent: number | null };
    const part = percent === null ? null : Math.round(((heldAmount(target) ?? 100) * percent) / 100);
    return { target, part, call: stepCall(target.id, 'post', { ...(part === null ? {} : { amount: part }), ...day }) };
  }

  #header({ daysAgo, onClosed, hold, isLapsed }: Header): object {
    return {
      description: this.name,
      effective_date: this.day(daysAgo),
      on_closed_period: onClosed,
      ...(hold ? { status: 'pending' } : {}),
      ...(hold && isLapsed ? { expires_at: '2020-01-01T00:00:00Z' } : {}),
    };
  }

  #postCall({ kind, moves, header, flaw }: Extract<Command, { kind: 'post' | 'batch' }>): Call {
    const entries = kind === 'batch' ? moves.map((move) => [move]) : [moves];
    const lines = entries.flatMap((own, index) =>
      own.flatMap((move) => this.#linesOf(move)).map((line) => ({ ...line, entry: index + 1 })),
    );
    const last = lines.at(-1)!;
    if (flaw === 'unbalanced') last.amount += 1;
    if (flaw === 'zero') last.amount = 0;
    if (flaw === 'unknown_account') last.account = MISSING;
    const { euro_cash, cash } = this.world.books[moves.at(-1)!.book]!.accounts;
    if (flaw === 'across_currencies')
      last.account = last.account === euro_cash || moves.at(-1)!.credit > 4 ? cash : euro_cash;
    const headers = entries.map(() => this.#header(header));
    return postCall(kind === 'batch' ? headers : headers[0]!, lines);
  }

  #linesOf({ book, debit, credit, amount }: Move): Line[] {
    const places = this.world.books[book]!.places;
    return [
      { account: places[debit]!, side: 'debit', amount },
      { account: places[credit]!, side: 'credit', amount },
    ];
  }

  /** New transactions, and what holds for every answer. */
  #takeIn({ command, call, key, answers }: Sent): void {
    const done = answers.filter((answer) => answer.ok);
    if (new Set(done.map(({ body }) => body)).size > 1 || done.filter(({ isReplay }) => !isReplay).length > 1) {
      throw new Error(`One key was answered twice: ${JSON.stringify(answers)}`);
    }
    const first = done[0];
    if (!first) return;
    if (!['expire', 'close', 'limit'].includes(command.kind)) this.#kept.push({ call, key, body: first.body });
    if (!('header' in command)) return;
    const document = JSON.parse(first.body);
    for (const made of document.data ?? [document]) this.#add(made, command.header);
  }

  #add(made: Document, header: Header): void {
    const lines = made.journals.flatMap((journal) =>
      journal.lines.map(
        ({ account_id: account, side, amount, currency }): ModelLine => ({
          account,
          side,
          amount,
          currency,
          book: journal.book_id,
        }),
      ),
    );
    for (const { account } of lines) this.accounts.add(account);
    this.instants.push(made.recorded_at);
    const { limited } = this.world;
    this.transactions.set(made.id, {
      id: made.id,
      status: header.hold ? 'pending' : 'posted',
      amount: made.amount?.amount ?? null,
      postedAmount: header.hold ? null : (made.amount?.amount ?? null),
      lines,
      posted: lines,
      isLapsed: header.hold && header.isLapsed,
      touchesLimit: lines.some(({ account }) => limited.has(account)),
    });
  }

  /** What steps of the same batch did to each transaction together: whichever came first, it must add up. */
  async #takeSteps(sent: readonly Sent[], before: ReadonlyMap<string, Status>): Promise<void> {
    const told = await this.world.statuses([...this.transactions.keys()]);
    const mayExpire = sent.some(({ command }) => command.kind === 'expire');
    for (const transaction of this.transactions.values()) {
      const did = (kind: Command['kind']) =>
        sent.filter(
          (one) => one.target === transaction && one.command.kind === kind && one.answers.some(({ ok }) => ok),
        );
      const [captured, voided, reversed] = [did('capture'), did('void'), did('reverse')];
      const was = before.get(transaction.id) ?? transaction.status;
      const isSound =
        captured.length + voided.length <= (was === 'pending' ? 1 : 0) &&
        reversed.length <= (was === 'posted' || captured.length > 0 ? 1 : 0);
      if (!isSound) throw new Error(`${transaction.id} was ${was} and took steps that exclude each other`);
      if (captured[0]) this.#capture(transaction, captured[0].part ?? null);
      const found = told.get(transaction.id)!;
      const mayBeGone = mayExpire && transaction.isLapsed && was === 'pending' && captured.length === 0;
      // Expiring leaves what somebody is at, also when that is refused in the end.
      const mustBeGone = before.has(transaction.id) && !sent.some(({ target }) => target === transaction);
      const isGone = mayBeGone && (mustBeGone || found.status === 'voided');
      if (reversed.length > 0) transaction.status = 'reversed';
      else if (captured.length > 0) transaction.status = 'posted';
      else if (voided.length > 0 || isGone) transaction.status = 'voided';
      if (found.status !== transaction.status || found.posted_amount !== transaction.postedAmount) {
        throw new Error(
          `${transaction.id} is told as ${JSON.stringify(found)}, and must be ${JSON.stringify(transaction)}`,
        );
      }
    }
  }

  #capture(transaction: Transaction, part: number | null): void {
    const whole = heldAmount(transaction);
    transaction.postedAmount = part ?? whole;
    transaction.posted = part === null ? transaction.lines : partOf(transaction.lines, part, whole!);
  }

  /** A refusal must have its reason, and what has none must succeed. */
  #judge(one: Sent, sent: readonly Sent[], before: ReadonlyMap<string, Status>): void {
    for (const answer of one.answers) {
      const verdict = answer.ok ? whyNotDone(one) : whyNotRefused(one, answer.code, this, sent, before);
      if (verdict) throw new Error(`${verdict}: ${JSON.stringify(one.command)} was answered ${JSON.stringify(answer)}`);
      if (!answer.ok) this.codes[answer.code] = (this.codes[answer.code] ?? 0) + 1;
    }
  }
}

type Document = {
  id: string;
  recorded_at: string;
  amount: { amount: number } | null;
  journals: {
    book_id: string;
    lines: { account_id: string; side: 'debit' | 'credit'; amount: number; currency: string }[];
  }[];
};
