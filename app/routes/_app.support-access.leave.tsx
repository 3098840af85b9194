import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Form, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { impersonationEnd } from '../../server/contexts/impersonation/operations.ts';
import { Card } from '../components/card.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { endReason } from '../impersonation-words.ts';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle('Go on as yourself');

export function loader({ context }: LoaderFunctionArgs) {
  if (!context.impersonation) throw redirect('/');
  const { user, by, isOver, endedBecause } = context.impersonation;
  return { name: user.name, by, isOver, because: endReason(endedBecause ?? 'time') };
}

export async function action({ context }: ActionFunctionArgs) {
  if (!context.impersonation) throw redirect('/');
  const { id, user } = context.impersonation;
  const answer = await context.submit(impersonationEnd, { id });
  if ('problem' in answer) throw new Response(null, { status: answer.problem.status });
  // Back to where it began.
  throw redirect(`/team/${user.id}`);
}

export default function Leave() {
  const { name, by, isOver, because } = useLoaderData<typeof loader>();
  return (
    <>
      <PageHeader title={isOver ? `You no longer view as ${name}` : `Stop viewing as ${name}`} />
      <div className="form-narrow">
        <Card padded>
          <p>
            {isOver
              ? `It has ended: ${because}. Nothing more was done, neither as ${name} nor as you.`
              : 'You go back to what you may see yourself.'}
          </p>
          <Form method="post" className="leave-foot">
            <button type="submit" className="button button-primary">
              Go on as {by}
            </button>
          </Form>
        </Card>
      </div>
    </>
  );
}
