import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');

export type Source = { path: string; text: string; imports: string[] };

/** Every TypeScript file of the given folders, with the files of ours that it imports. */
export function sourcesOf(...folders: string[]): Source[] {
  return folders
    .flatMap((folder) => globSync(`${folder}/**/*.{ts,tsx}`, { cwd: ROOT }))
    .sort()
    .map((path) => {
      const text = readFileSync(join(ROOT, path), 'utf8');
      const named = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g)].map((match) => match[1]!);
      const imports = named.map((name) => relative(ROOT, resolve(ROOT, dirname(path), name)));
      return { path, text, imports };
    });
}

/** The packages that a file imports, `node:` modules included. */
export function packagesOf({ text }: Source): string[] {
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^'.\n][^'\n]*)'/g)].map((match) => match[1]!);
}

/** The folder at the top that a file lies in. */
export function layerOf(path: string): string {
  return path.split('/')[0]!;
}

/** The context that a file belongs to, or null. */
export function contextOf(path: string): string | null {
  return /^server\/contexts\/([^/]+)\//.exec(path)?.[1] ?? null;
}
