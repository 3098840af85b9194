import type { LoaderFunctionArgs } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { transactionTrace } from '../../server/contexts/flow/operations.ts';
import type { Trace } from '../../server/contexts/flow/schemas.ts';
import { Card } from '../components/card.tsx';
import { Notice } from '../components/notice.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { TraceTree } from '../components/trace-tree.tsx';
import { idParam } from '../id-param.ts';
import { pageTitle } from '../page-title.ts';
import { traceTree } from '../trace-tree.ts';

export const meta = pageTitle('Trace');

export async function loader({ context, params }: LoaderFunctionArgs) {
  return { trace: await context.run(transactionTrace, { id: idParam(params) }) };
}

export default function TracePage() {
  const trace = useLoaderData<typeof loader>().trace as Trace;
  const here = trace.nodes.find(({ id }) => id === trace.transaction_id);
  const branches = traceTree(trace);
  const isAlone = branches.length === 1 && branches[0]?.next.length === 0;
  return (
    <>
      <PageHeader
        title="Where the money came from and went"
        lead="Each transaction stands above what followed from it. What you may not see is left out."
        crumbs={[
          { href: '/transactions', label: 'Transactions' },
          { href: `/transactions/${trace.transaction_id}`, label: here?.label ?? 'Transaction' },
        ]}
      />
      {trace.is_cut ? <Notice tone="warn">There is more than is shown: the nearest steps are here.</Notice> : null}
      <Card padded>
        <TraceTree branches={branches} here={trace.transaction_id} label="Trace" />
        {isAlone ? (
          <p className="soft trace-alone">
            Nothing in the books says that it follows from another transaction, or that another follows from it.
          </p>
        ) : null}
      </Card>
    </>
  );
}
