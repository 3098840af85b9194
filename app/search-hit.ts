import type { IconName } from './components/icon.tsx';

/** One thing that a search found, and its page. */
export type SearchHit = { href: string; label: string; kind: string; icon: IconName };
export type SearchResult = { query: string; hits: SearchHit[] };
