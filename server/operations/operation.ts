import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import type { TenantRecord } from '../../tenants/record.ts';
import type { Measure, Quota } from '../contexts/usage/schemas.ts';
import type { FlagMemory } from '../flags/provider.ts';
import type { PaymentProcessor } from '../plugins/payment/processor.ts';
import type { Actor, Scope } from './actor.ts';
import type { DomainError } from './errors.ts';

/** `read` changes nothing; `write` is one transaction; `external` does something outside first, then one transaction. */
export type Kind = 'read' | 'write' | 'external';
export type Risk = 'read' | 'write' | 'money' | 'credential' | 'destructive';

/** What the doors know of one call. */
export type Call = {
  readonly requestId: string;
  readonly door: 'api' | 'page' | 'mcp' | 'job' | 'command';
  readonly address?: string;
  readonly userAgent?: string;
  /** Where the portal is, for links in mail. */
  readonly origin?: string;
  readonly idempotencyKey?: string;
  /** From Prefer: return=minimal (RFC 7240): ids will do. Only operations with `minimal` heed it. */
  readonly wantsMinimal?: boolean;
  /** From If-Match: the change happens to this version or not at all. */
  readonly expectedVersion?: number;
};

/** The unit of work as the SQL functions take it (tenants/functions/10-work.sql). */
export type Work = Readonly<Record<string, unknown>>;

/** The home of another tenant, as far as the isolation probe asks it. */
export type Neighbour = {
  readonly id: string;
  identify(): Promise<{
    role: string;
    schema: string | null;
    tenant_id: string;
    canaries: { tenant_id: string; token: string }[];
  }>;
};

/** What lies around a tenant's home. */
export type Surroundings = {
  /** @throws when the catalog does not answer */
  catalog(): Promise<void>;
  /** @throws when the store of the rate limits does not answer */
  rateLimits(): Promise<void>;
  /** The id of the tenant that this tenant's own host leads to; null where there are no hosts. */
  tenantAtOwnHost(): Promise<string | null>;
  neighbour(): Promise<Neighbour | null>;
};

/** Failures to sign in are counted by these: see server/rate-limit.ts. */
export type SignInLimit = 'sign_in' | 'sign_in_day' | 'sign_in_account' | 'sign_in_address';

export type Sealer = {
  seal(subject: string, secret: string): Promise<string>;
  open(subject: string, sealed: string): Promise<string>;
  /** A name for what must not stand anywhere for good: always the same, and told by nobody without the master secret. */
  pseudonym(text: string): string;
};

/** Asks other servers, as server/auth/outbound.ts allows. */
export type Outbound = {
  /** Why an address would not be asked, or null. */
  refusal(address: string): string | null;
  /** @throws when it is refused, does not answer in time, or answers too much */
  fetch(address: string, init: RequestInit): Promise<Response>;
};

/** What this home knows of the tenant's use of the platform. */
export type UsageQuotas = {
  /** Counts calls that came with an API key. @throws DomainError quota_exceeded */
  takeCalls(calls?: number): Promise<void>;
  /** @throws DomainError quota_exceeded when more of one of them would pass its hard limit */
  require(...measures: Measure[]): Promise<void>;
  /** @throws DomainError quota_exceeded when so many more would pass its hard limit */
  requireRoom(measure: Measure, more: number): Promise<void>;
  /** The quotas whose soft or hard limit is reached, as this home knows them. */
  exceeded(): Quota[];
  /** Whether what this home counted reached the database the last time; until it does, quotas are held by old figures. */
  isCounting(): boolean;
  /** Brings what this home has counted to the database; never fails. */
  flush(): Promise<void>;
  /** Resolves once this home has heard how things stand, or could not. */
  ready(): Promise<void>;
};

/** What runs outside the database on an operation's behalf. */
export type Services = {
  readonly passwords: {
    hash(password: string): Promise<string>;
    verify(stored: string | null, password: string): Promise<boolean>;
  };
  /** Throws `rate_limited` when the subject has had its share. */
  limit(kind: SignInLimit, subject: string): Promise<void>;
  /** Gives the subject one back. */
  giveBack(kind: SignInLimit, subject: string): Promise<void>;
  /** Encrypts and opens what is kept of a secret that has to be read again. `subject` is whose it is. */
  readonly sealer: Sealer;
  readonly outbound: Outbound;
  readonly surroundings: Surroundings;
  /** What this home remembers of the tenant's feature flags. */
  readonly flags: FlagMemory;
  readonly usage: UsageQuotas;
  /** Whether mail lands in a mailbox of the portal: on a local system alone. */
  readonly hasMailbox: boolean;
  /** Who takes money from cards, keeping its record through the connection given; null where nobody does. */
  readonly paymentProcessor: ((tx: CommonQueryMethods) => PaymentProcessor) | null;
};

export type Context = {
  readonly tenant: TenantRecord;
  readonly actor: Actor;
  /** Where this operation's own permission holds. Queries see nothing else of the actor's rights. */
  readonly scope: Scope;
  readonly now: Date;
  readonly call: Call;
  /** The transaction of a write; for a read, the pool or a snapshot. */
  readonly tx: CommonQueryMethods;
  /** The id of the object that the operation is about: given, or made here for the one that it creates. */
  readonly id: string;
  /** The audit event of this unit of work; null in reads. */
  readonly eventId: string | null;
  readonly services: Services;
  /** Every permission that some operation asks for: what roles are made of. */
  readonly knownPermissions: readonly string[];
  /** What the product can do, for operations that tell about operations. */
  readonly catalogue: readonly Operation[];
  /** The scope of a further permission that one branch of an operation needs. @throws DomainError forbidden */
  require(permission: string): Scope;
};

/** What a self-contained SQL function answers: JSON text, new or replayed. */
export type StatementAnswer = { body: string } | { replay: { status: number; body: string } };

/** What an operation with `isFile` answers. The parts are made while they are read, so a file may be of any size. */
export type FileAnswer = { readonly name: string; readonly type: string; readonly parts: AsyncIterable<string> };
export const file = v.custom<FileAnswer>(() => true);

export type HttpDoor = {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** `/api/merchants/{id}`: names in braces are fields of the input. */
  readonly path: `/api/${string}`;
  readonly status?: 200 | 201 | 202 | 204;
  /** What the answer does to the session cookie: its `token` becomes it and leaves the body, or it ends. */
  readonly cookie?: 'from-token' | 'ends';
};

export type Operation<I = unknown, O = unknown> = {
  /** `resource.verb`: also the MCP tool's name. */
  readonly name: string;
  readonly kind: Kind;
  readonly risk: Risk;
  /** `resource:action`, or null when it is open to everybody — then `openBecause` says why. */
  readonly permission: string | null;
  readonly openBecause?: string;
  /** Permissions that one branch of it needs beside. */
  readonly alsoRequires?: readonly string[];
  readonly summary: string;
  readonly input: v.GenericSchema<unknown, I>;
  readonly output: v.GenericSchema<unknown, O>;
  /** What a `statement` answers to a caller who wants no more than ids. */
  readonly minimal?: v.GenericSchema;
  readonly http?: HttpDoor;
  /** Doors that it does not have, each with the reason. */
  readonly closedDoors?: { readonly http?: string; readonly mcp?: string };
  /** The kind of object it is about, for the audit trail. */
  readonly resource: string;
  /** The answer holds a secret: it is never stored, a replay answers `already_done`. */
  readonly isAnswerSecret?: boolean;
  /** Open to somebody who views as another, whatever its risk: proving who one is, and leaving. */
  readonly isForImpersonators?: boolean;
  /** A list: it takes limit, cursor and sort, and can be streamed whole. */
  readonly isList?: boolean;
  /** A report: it comes whole, and its rows (`data`) can be streamed as those of a list are. */
  readonly isReport?: boolean;
  /** The answer is a file: the HTTP door streams it, and records that it began and ended. */
  readonly isFile?: boolean;
  /** Violated constraint → what the caller is told. */
  readonly onConstraint?: Readonly<Record<string, () => DomainError>>;
  /** How the audit trail words it. */
  describe?(input: I): string;
  /** For `external`: what happens before the transaction, without one. May name the actor that the work is done as. */
  outside?(ctx: Context, input: I): Promise<{ readonly actor?: Actor } & object>;
  run?(ctx: Context, input: I, outside: object): Promise<O>;
  /** Instead of `run`: one call of a SQL function that is a unit of work by itself, in one round trip. */
  statement?(ctx: Context, input: I, work: Work | null): Promise<StatementAnswer>;
};

type Definition<I, O, P extends object> = Omit<Operation<I, O>, 'run' | 'outside'> & {
  outside?(ctx: Context, input: I): Promise<P & { readonly actor?: Actor }>;
  run?(ctx: Context, input: I, outside: P): Promise<O>;
};

/** Declares an operation. The doors, the documentation and the tests follow from the registry. */
export function defineOperation<I, O, P extends object = object>(definition: Definition<I, O, P>): Operation<I, O> {
  return definition as Operation<I, O>;
}
