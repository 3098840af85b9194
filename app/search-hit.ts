import type { IconName } from './components/icon.tsx';

/** One thing that a search found, or a page or action of that name, and where it is. */
export type SearchHit = { href: string; label: string; detail: string | null; kind: string; icon: IconName };
