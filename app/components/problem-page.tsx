import { isRouteErrorResponse, Link, useLocation } from '@remix-run/react';
import type { Problem } from '../../server/operations/errors.ts';
import { readProblem } from '../problem.ts';

type Words = { title: string; text: string; canRetry: boolean };

const BY_STATUS: Record<number, Words> = {
  400: {
    title: 'This address cannot be read',
    text: 'The link seems to be cut off, or its place in a list has expired. Start from the list again.',
    canRetry: false,
  },
  403: {
    title: 'Your role does not include this',
    text: 'You may see that it exists, but not do this. Somebody who manages the team can change your role.',
    canRetry: false,
  },
  404: {
    title: 'There is nothing here',
    text: 'It may never have existed, or it is outside what your role may see.',
    canRetry: false,
  },
  409: {
    title: 'This clashes with something else',
    text: 'What you sent was already used for something else. Open the page again and send it once more.',
    canRetry: true,
  },
  422: {
    title: 'A filter in this address is not valid',
    text: 'One of the values in the address is not one that this page knows. Clear it and choose again.',
    canRetry: false,
  },
  429: {
    title: 'That was a lot at once',
    text: 'To keep the portal quick for everybody, there is a limit. Wait a minute, then try again.',
    canRetry: true,
  },
  503: {
    title: 'The portal is catching its breath',
    text: 'A part of it is restarting or being upgraded. Nothing was lost; try again in a moment.',
    canRetry: true,
  },
};

const OTHERWISE: Words = {
  title: 'Something went wrong on our side',
  text: 'Nothing that you see as saved is lost. Try again; if it stays like this, tell support what you did and when.',
  canRetry: true,
};

/** What a person sees instead of a page that failed. */
export function ProblemPage({ error }: { error: unknown }) {
  const { pathname, search } = useLocation();
  const status = isRouteErrorResponse(error) ? error.status : isOutOfReach(error) ? 503 : 500;
  const problem = isRouteErrorResponse(error) ? readProblem(error.data) : null;
  const words = BY_STATUS[status] ?? OTHERWISE;
  return (
    <div className="problem-page">
      <p className="problem-status">{status}</p>
      <h1>{words.title}</h1>
      <p>{words.text}</p>
      <Details problem={problem} />
      <div className="page-actions">
        {words.canRetry ? (
          <a className="button button-primary" href={pathname + search}>
            Try again
          </a>
        ) : null}
        {search && !words.canRetry ? (
          <a className="button button-primary" href={pathname}>
            Clear the filters
          </a>
        ) : null}
        <Link className="button" to="/">
          Go to the dashboard
        </Link>
      </div>
      {problem ? (
        <p className="faint">
          Request <code>{problem.request_id}</code>
        </p>
      ) : null}
    </div>
  );
}

/** A step within the portal whose answer did not come, or came from something before the portal. */
function isOutOfReach(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.message.startsWith('Unable to decode turbo-stream response')) return true;
  return error instanceof TypeError && /fetch|network|load failed/i.test(error.message);
}

function Details({ problem }: { problem: Problem | null }) {
  const errors = Object.entries(problem?.errors ?? {});
  if (errors.length === 0) return null;
  return (
    <ul>
      {errors.map(([name, messages]) => (
        <li key={name}>
          <code>{name}</code> {messages.join(' ')}
        </li>
      ))}
    </ul>
  );
}
