import type { NavigationItem } from './navigation.ts';
import type { Portal } from './portal.ts';
import type { SearchHit } from './search-hit.ts';

/** The merchant's workspace that one is in. */
export type Workspace = { merchant: { name: string }; tabs: NavigationItem[]; actions: NavigationItem[] };

/** Pages and actions whose names have all the words, those of the workspace at hand first. Each address once. */
export function placesLike(query: string, portal: Portal, workspace: Workspace | undefined): SearchHit[] {
  const hits = (items: NavigationItem[], kind: string, detail: string | null = null): SearchHit[] =>
    items.map(({ href, label, icon }) => ({ href, label, icon, kind, detail }));
  const name = workspace?.merchant.name ?? null;
  const all = [
    ...hits(workspace?.actions ?? [], 'Actions', name),
    ...hits(portal.shortcuts, 'Actions'),
    ...hits(workspace?.tabs ?? [], 'Pages', name),
    ...hits(
      portal.navigation.flatMap(({ items }) => items),
      'Pages',
    ),
  ];
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const isLike = ({ label, detail }: SearchHit) => {
    const said = `${label} ${detail ?? ''}`.toLowerCase();
    return words.every((word) => said.includes(word));
  };
  return all.filter((hit, index) => isLike(hit) && all.findIndex(({ href }) => href === hit.href) === index);
}
