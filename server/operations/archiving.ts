import type { CommonQueryMethods, FragmentSqlToken } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../db/pool.ts';
import type { Scope } from './actor.ts';
import { orNotFound, whyUnchanged } from './errors.ts';
import { allOf, inMerchantScope, ofVersion } from './list.ts';
import { type Context, defineOperation, type Operation } from './operation.ts';
import { idInput } from './schemas.ts';

type Archived<O> = {
  /** As in its operations' names. */
  readonly resource: string;
  /** The word for it, where that is another. */
  readonly noun?: string;
  readonly table: string;
  readonly path: `/api/${string}/{id}`;
  readonly output: v.GenericSchema<unknown, O>;
  readonly onConstraint?: Operation['onConstraint'];
  /** Which rows, called `t`, a scope covers; those of merchants when left out. */
  visible?(scope: Scope): FragmentSqlToken | null;
  /** What has to hold beside the permission. */
  require?(ctx: Context): void;
  select(tx: CommonQueryMethods, scope: Scope, id: string): Promise<O | null>;
};

type Id = v.InferOutput<typeof idInput>;

const ofMerchants = (scope: Scope) => inMerchantScope(scope, sql.fragment`t.merchant_id`);

/** `archive` and `restore`: out of use it vanishes from choices, and stays for what refers to it. */
export function defineArchiving<O>(of: Archived<O>): { archive: Operation<Id, O>; restore: Operation<Id, O> } {
  const noun = of.noun ?? of.resource.replaceAll('_', ' ');
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
      ...(of.onConstraint ? { onConstraint: of.onConstraint } : {}),
      run: async (ctx, { id }) => {
        of.require?.(ctx);
        const isMarked = await mark(ctx, of, id, verb === 'archive');
        const found = await of.select(ctx.tx, ctx.scope, id);
        if (!isMarked) throw whyUnchanged(found as object | null);
        return orNotFound(found);
      },
    });
  return {
    archive: operation('archive', `Take a ${noun} out of use`, `Archived a ${noun}`),
    restore: operation('restore', `Take a ${noun} into use again`, `Restored a ${noun}`),
  };
}

/** Whether there was one. What is archived already keeps its time. */
async function mark<O>(ctx: Context, of: Archived<O>, id: string, isArchived: boolean): Promise<boolean> {
  const at = isArchived ? sql.fragment`coalesce(t.archived_at, now())` : sql.fragment`NULL`;
  const marked = await ctx.tx.maybeOne(sql.type(v.object({ id: v.string() }))`
    UPDATE ${sql.identifier([of.table])} AS t SET archived_at = ${at}
    WHERE ${allOf([
      ofVersion(sql.fragment`t.id`, id, sql.fragment`t.version`, ctx.call.expectedVersion),
      (of.visible ?? ofMerchants)(ctx.scope),
    ])}
    RETURNING t.id`);
  return marked !== null;
}
