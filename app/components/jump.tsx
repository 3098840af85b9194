import { Link, useFetcher, useNavigate } from '@remix-run/react';
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import { NAVIGATION, type NavigationItem, SHORTCUTS } from '../navigation.ts';
import type { SearchHit, SearchResult } from '../search-hit.ts';
import { Icon } from './icon.tsx';

/**
 * Search and go from the keyboard: Ctrl K or ⌘ K. Without JavaScript it is a link to the search page, which also
 * answers what is typed here.
 */
export function Jump({ allowed }: { allowed: string[] }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [isOpen, setOpen] = useState(false);
  const open = () => {
    setOpen(true);
    dialog.current?.showModal();
  };
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.metaKey || event.ctrlKey)) return;
      event.preventDefault();
      setOpen(true);
      dialog.current?.showModal();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
  return (
    <>
      <Link
        to="/search"
        className="jump"
        onClick={(event) => {
          event.preventDefault();
          open();
        }}
      >
        <Icon name="search" />
        Search
        <span className="key" aria-hidden="true">
          Ctrl K
        </span>
      </Link>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a modal dialog by itself */}
      <dialog
        ref={dialog}
        className="palette"
        aria-label="Search and go"
        onClose={() => setOpen(false)}
        onClick={(event) => {
          if (event.target === dialog.current) dialog.current?.close();
        }}
      >
        {isOpen ? <Palette allowed={allowed} close={() => dialog.current?.close()} /> : null}
      </dialog>
    </>
  );
}

function Palette({ allowed, close }: { allowed: string[]; close: () => void }) {
  const navigate = useNavigate();
  const [query, setQuery] = useState('');
  const [selected, setSelected] = useState(0);
  const places = useMemo(() => placesLike(query, allowed), [query, allowed]);
  const found = useSearch(query);
  const items = [...places, ...found];

  const go = (item: SearchHit | undefined) => {
    if (!item) return;
    close();
    navigate(item.href);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) setSelected((selected + step + items.length) % Math.max(items.length, 1));
    else if (event.key === 'Enter') go(items[selected]);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <input
        className="palette-input"
        role="combobox"
        aria-label="Search merchants, accounts, transactions and pages"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={items.length > 0 ? `palette-${selected}` : undefined}
        placeholder="Search or go to…"
        autoComplete="off"
        // biome-ignore lint/a11y/noAutofocus: the dialog was opened to type into it
        autoFocus
        value={query}
        onChange={(event) => {
          setQuery(event.target.value);
          setSelected(0);
        }}
        onKeyDown={onKeyDown}
      />
      <Options items={items} selected={selected} go={go} />
    </>
  );
}

/** What the server finds for the words, once they have rested for a moment. */
function useSearch(query: string): SearchHit[] {
  const { data, load } = useFetcher<SearchResult>();
  const words = query.trim();
  useEffect(() => {
    if (words === '') return;
    const timer = setTimeout(() => load(`/search?q=${encodeURIComponent(words)}`), 150);
    return () => clearTimeout(timer);
  }, [words, load]);
  return words !== '' && data ? data.hits : [];
}

type OptionsProps = { items: SearchHit[]; selected: number; go: (item: SearchHit) => void };

function Options({ items, selected, go }: OptionsProps) {
  if (items.length === 0) return <p className="palette-empty">Nothing found.</p>;
  return (
    <div className="palette-list" id="palette-list" role="listbox" aria-label="Results">
      {items.map((item, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are handled where the focus is, in the input
        <div
          key={item.href}
          id={`palette-${index}`}
          role="option"
          tabIndex={-1}
          aria-selected={index === selected}
          className="palette-item"
          ref={(element) => {
            if (index === selected) element?.scrollIntoView({ block: 'nearest' });
          }}
          onClick={() => go(item)}
        >
          <Icon name={item.icon} />
          {item.label}
          <span className="faint">{item.kind}</span>
        </div>
      ))}
    </div>
  );
}

function placesLike(query: string, allowed: string[]): SearchHit[] {
  const hits = (items: NavigationItem[], kind: string): SearchHit[] =>
    items.map(({ href, label, icon }) => ({ href, label, icon, kind }));
  const pages = NAVIGATION.flatMap((group) => group.items);
  const wanted = query.trim().toLowerCase();
  return [...hits(pages, 'Page'), ...hits(SHORTCUTS, 'Action')].filter(
    ({ href, label }) => allowed.includes(href) && label.toLowerCase().includes(wanted),
  );
}
