import { Link } from '@remix-run/react';
import { Card } from './card.tsx';
import { Notice } from './notice.tsx';
import type { Crumb } from './page-header.tsx';

type Result = { done: string; succeeded: number; refusals: { id: string; name: string | null; why: string }[] };

/** What became of each row: how many it was done to, and why not to the others. */
export function BulkResult({ result: { done, succeeded, refusals }, back }: { result: Result; back: Crumb }) {
  return (
    <>
      {succeeded > 0 ? <Notice tone="good">{`${done}.`}</Notice> : null}
      {refusals.length > 0 ? (
        <Card title={`Refused: ${refusals.length}`}>
          <ul className="plain-list bulk-names">
            {refusals.map(({ id, name, why }) => (
              <li key={id}>
                <span>
                  {name ?? 'One that is gone, or out of your reach'}
                  <span className="cell-note">{why}</span>
                </span>
              </li>
            ))}
          </ul>
        </Card>
      ) : null}
      <div>
        <Link className="button" to={back.href}>
          Back to the list
        </Link>
      </div>
    </>
  );
}
