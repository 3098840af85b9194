import { Link } from '@remix-run/react';
import { useEffect, useRef, useState } from 'react';
import type { Portal } from '../portal.ts';
import { Icon } from './icon.tsx';
import { Palette } from './palette.tsx';

/**
 * Search and go from the keyboard: Ctrl K or ⌘ K. Without JavaScript it is a link to the search page, which also
 * answers what is typed here.
 */
export function Jump({ portal }: { portal: Portal }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [isOpen, setOpen] = useState(false);
  const open = () => {
    setOpen(true);
    if (!dialog.current?.open) dialog.current?.showModal();
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: what it opens stays the same
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.metaKey || event.ctrlKey)) return;
      event.preventDefault();
      open();
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
        {isOpen ? <Palette portal={portal} close={() => dialog.current?.close()} /> : null}
      </dialog>
    </>
  );
}
