import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../db/pool.ts';
import type { Scope } from './actor.ts';
import { DomainError, notFound, orNotFound } from './errors.ts';
import { allOf, inMerchantScope } from './list.ts';
import { type Context, defineOperation, type Operation } from './operation.ts';
import { idInput } from './schemas.ts';

type Archived<O> = {
  /** As in its operations' names. */
  readonly resource: string;
  readonly table: string;
  readonly path: `/api/${string}/{id}`;
  readonly output: v.GenericSchema<unknown, O>;
  select(tx: CommonQueryMethods, scope: Scope, id: string): Promise<O | null>;
};

type Id = v.InferOutput<typeof idInput>;

/** `archive` and `restore` of what belongs to a merchant: out of use it vanishes from choices, and stays for what refers to it. */
export function defineArchiving<O>(of: Archived<O>): { archive: Operation<Id, O>; restore: Operation<Id, O> } {
  const noun = of.resource.replaceAll('_', ' ');
  const operation = (verb: 'archive' | 'restore', summary: string, done: string) =>
    defineOperation<Id, O>({
      name: `${of.resource}.${verb}`,
      kind: 'write',
      risk: 'write',
      permission: `${of.resource}:archive`,
      resource: of.resource,
      summary,
      input: idInput,
      output: of.output,
      http: { method: 'POST', path: `${of.path}/${verb}` },
      describe: () => done,
      run: async (ctx, { id }) => {
        if (!(await mark(ctx, of.table, id, verb === 'archive'))) {
          throw (await of.select(ctx.tx, ctx.scope, id)) ? new DomainError('stale') : notFound();
        }
        return orNotFound(await of.select(ctx.tx, ctx.scope, id));
      },
    });
  return {
    archive: operation('archive', `Take a ${noun} out of use`, `Archived a ${noun}`),
    restore: operation('restore', `Take a ${noun} into use again`, `Restored a ${noun}`),
  };
}

/** Whether there was one. What is archived already keeps its time. */
async function mark(ctx: Context, table: string, id: string, isArchived: boolean): Promise<boolean> {
  const version = ctx.call.expectedVersion ?? null;
  const at = isArchived ? sql.fragment`coalesce(t.archived_at, now())` : sql.fragment`NULL`;
  const marked = await ctx.tx.maybeOne(sql.type(v.object({ id: v.string() }))`
    UPDATE ${sql.identifier([table])} AS t SET archived_at = ${at}
    WHERE ${allOf([
      sql.fragment`t.id = ${id}`,
      sql.fragment`(${version}::integer IS NULL OR t.version = ${version}::integer)`,
      inMerchantScope(ctx.scope, sql.fragment`t.merchant_id`),
    ])}
    RETURNING t.id`);
  return marked !== null;
}
