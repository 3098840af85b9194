import { useNavigate, useRouteLoaderData } from '@remix-run/react';
import { type KeyboardEvent, useEffect, useMemo, useState } from 'react';
import type { Found } from '../../server/contexts/search/schemas.ts';
import { byKind, hitsOf } from '../found.ts';
import { placesLike, type Workspace } from '../places.ts';
import type { Portal } from '../portal.ts';
import type { SearchHit } from '../search-hit.ts';
import { Icon } from './icon.tsx';
import { useTenant } from './use-tenant.ts';

type Props = { portal: Portal; close: () => void };

/** Pages, actions and whatever the words are part of; the arrow keys choose, Enter goes. */
export function Palette({ portal, close }: Props) {
  const navigate = useNavigate();
  const workspace = useRouteLoaderData<Workspace>('routes/_app.merchants.$id');
  const [query, setQuery] = useState('');
  const [selected, setSelected] = useState(0);
  const places = useMemo(() => placesLike(query, portal, workspace), [query, portal, workspace]);
  const tenant = useTenant();
  const { found, state } = useSearch(query);
  const hits = useMemo(() => hitsOf(found, tenant), [found, tenant]);
  const groups = byKind([...places, ...hits]);
  const items = groups.flatMap(({ hits }) => hits);
  const current = Math.min(selected, Math.max(items.length - 1, 0));

  const go = (item: SearchHit | undefined) => {
    if (!item) return;
    close();
    navigate(item.href);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) setSelected((current + step + items.length) % Math.max(items.length, 1));
    else if (event.key === 'Enter') go(items[current]);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <input
        className="palette-input"
        role="combobox"
        aria-label="Search customers, appointments, merchants, pages and actions"
        aria-expanded={items.length > 0}
        aria-controls="palette-list"
        aria-activedescendant={items.length > 0 ? `palette-${current}` : undefined}
        placeholder="Search or go to…"
        autoComplete="off"
        maxLength={200}
        // biome-ignore lint/a11y/noAutofocus: the dialog was opened to type into it
        autoFocus
        value={query}
        onChange={(event) => {
          setQuery(event.target.value);
          setSelected(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div className="palette-list" id="palette-list" role="listbox" aria-label="Results" aria-busy={state === 'busy'}>
        {groups.map(({ kind, hits }) => (
          <Group key={kind} kind={kind} hits={hits} items={items} selected={items[current]} go={go} />
        ))}
      </div>
      <p className={items.length > 0 && state !== 'failed' ? 'visually-hidden' : 'palette-empty'} role="status">
        {told(state, items.length)}
      </p>
    </>
  );
}

const NOTHING = 'Nothing found. Names, numbers, codes and e-mail addresses are searched; try a part of the word.';

function told(state: SearchState, count: number): string {
  if (state === 'failed') return 'The search did not answer. Type again to try once more.';
  if (count === 0) return state === 'busy' ? 'Searching…' : NOTHING;
  return count === 1 ? 'One result' : `${count} results`;
}

type SearchState = 'idle' | 'busy' | 'failed';

/** What the server finds for the words, once they have rested for a moment. What was found stays until there is an answer. */
function useSearch(query: string): { found: Found[]; state: SearchState } {
  const [found, setFound] = useState<Found[]>([]);
  const [state, setState] = useState<SearchState>('idle');
  const words = query.trim();
  useEffect(() => {
    if (words === '') {
      setFound([]);
      setState('idle');
      return;
    }
    const asking = new AbortController();
    setState('busy');
    const timer = setTimeout(async () => {
      const hits = await ask(words, asking.signal).catch(() => null);
      if (asking.signal.aborted) return;
      setFound(hits ?? []);
      setState(hits ? 'idle' : 'failed');
    }, 150);
    return () => {
      clearTimeout(timer);
      asking.abort();
    };
  }, [words]);
  return { found, state };
}

async function ask(words: string, signal: AbortSignal): Promise<Found[]> {
  const answer = await fetch(`/api/search?${new URLSearchParams({ q: words })}`, { signal });
  // Who may read nothing still goes to pages.
  if (answer.status === 403) return [];
  if (!answer.ok) throw new Error(`The search answered ${answer.status}`);
  return (await answer.json()).data;
}

type GroupProps = {
  kind: string;
  hits: SearchHit[];
  items: SearchHit[];
  selected: SearchHit | undefined;
  go: (item: SearchHit) => void;
};

function Group({ kind, hits, items, selected, go }: GroupProps) {
  const name = `palette-kind-${kind.replaceAll(' ', '-')}`;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is no part of a list box
    <div role="group" aria-labelledby={name}>
      <span className="palette-kind" id={name}>
        {kind}
      </span>
      {hits.map((item) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are handled where the focus is, in the input
        <div
          key={item.href}
          id={`palette-${items.indexOf(item)}`}
          role="option"
          tabIndex={-1}
          aria-selected={item === selected}
          className="palette-item"
          ref={(element) => {
            if (item === selected) element?.scrollIntoView({ block: 'nearest' });
          }}
          onClick={() => go(item)}
        >
          <Icon name={item.icon} />
          <span className="palette-label">{item.label}</span>
          {item.detail ? <span className="faint">{item.detail}</span> : null}
        </div>
      ))}
    </div>
  );
}
