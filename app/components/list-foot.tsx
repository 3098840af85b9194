import { Link, useSearchParams } from '@remix-run/react';
import { valuesOf, withParameters } from '../list-query.ts';

type Props = {
  shown: number;
  nextCursor: string | null;
  download?: string;
  /** The download's filters, where they differ from those of the page. */
  filters?: Record<string, string>;
};

/** Below a list: how much of it is here, the way on, and the whole of it as a file (`download` is its API path). */
export function ListFoot({ shown, nextCursor, download, filters }: Props) {
  const [search] = useSearchParams();
  const { selected: _, ...values } = valuesOf(search);
  const isFirst = !search.has('cursor');
  if (shown === 0 && isFirst) return null;
  return (
    <div className="list-foot">
      <span>
        {isFirst && !nextCursor ? `${shown} in all` : `${shown} shown`}
        {download ? <Downloads path={download} filters={filters ?? values} /> : null}
      </span>
      {isFirst && !nextCursor ? null : (
        <nav className="pager" aria-label="Pages">
          {isFirst ? null : (
            <Link className="button" to={withParameters(values, { cursor: null })}>
              First page
            </Link>
          )}
          {nextCursor ? (
            <Link className="button" to={withParameters(values, { cursor: nextCursor })} rel="next">
              Next page
            </Link>
          ) : null}
        </nav>
      )}
    </div>
  );
}

function Downloads({ path, filters }: { path: string; filters: Record<string, string> }) {
  const given = Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== ''));
  const href = (format: string) => path + withParameters(given, { cursor: null, columns: null, view: null, format });
  return (
    <>
      {' · Download all as '}
      <a href={href('csv')} download>
        CSV
      </a>
      {' or '}
      <a href={href('ndjson')} download>
        NDJSON
      </a>
    </>
  );
}
