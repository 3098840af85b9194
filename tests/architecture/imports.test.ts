import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BUILD, ensureBuilt } from '../../scripts/bundle/ensure-built.ts';
import { contextOf, layerOf, packagesOf, sourcesOf } from './sources.ts';

const sources = sourcesOf('app', 'server', 'tenants', 'db', 'scripts');

/** What a folder may import beside itself. */
const allowed: Record<string, readonly string[]> = {
  db: [],
  tenants: ['db'],
  server: ['tenants', 'db'],
  app: ['server'],
  scripts: ['app', 'server', 'tenants', 'db'],
};

function violations(isAllowed: (from: string, to: string) => boolean): string[] {
  return sources.flatMap(({ path, imports }) =>
    imports.filter((to) => !isAllowed(path, to)).map((to) => `${path} → ${to}`),
  );
}

test('there are sources to look at', () => {
  expect(sources.length).toBeGreaterThan(150);
  expect(sources.flatMap(({ imports }) => imports).length).toBeGreaterThan(300);
});

test('imports point one way: app → server → tenants → db', () => {
  expect(
    violations(
      (from, to) =>
        from === 'scripts/test.ts' ||
        layerOf(from) === layerOf(to) ||
        (allowed[layerOf(from)] ?? []).includes(layerOf(to)),
    ),
  ).toEqual([]);
});

test('every import names its file with its extension, and the file exists', () => {
  const paths = new Set([...sources, ...sourcesOf('tests')].map(({ path }) => path));
  expect(violations((_from, to) => paths.has(to) || !/\.tsx?$/.test(to))).toEqual([]);
  expect(violations((_from, to) => /\.(tsx?|css|js|svg)(\?url)?$/.test(to))).toEqual([]);
});

describe('contexts', () => {
  test('use each other only through operations and schemas', () => {
    expect(
      violations((from, to) => {
        const [own, other] = [contextOf(from), contextOf(to)];
        // The benchmark measures the SQL function itself, past the operation around it.
        const isMeasured = from.startsWith('scripts/bench/') && to.endsWith('/queries.ts');
        return other === null || own === other || /\/(operations|schemas)\.ts$/.test(to) || isMeasured;
      }),
    ).toEqual([]);
  });

  test('use each other in no circle', () => {
    const uses = new Map<string, Set<string>>();
    for (const { path, imports } of sources) {
      const own = contextOf(path);
      if (!own) continue;
      const others = imports.map(contextOf).filter((each): each is string => each !== null && each !== own);
      uses.set(own, new Set([...(uses.get(own) ?? []), ...others]));
    }
    const circles: string[] = [];
    const walk = (context: string, trail: string[]): void => {
      if (trail.includes(context)) {
        circles.push([...trail.slice(trail.indexOf(context)), context].join(' → '));
        return;
      }
      for (const other of uses.get(context) ?? []) walk(other, [...trail, context]);
    };
    for (const context of uses.keys()) walk(context, []);
    expect(circles).toEqual([]);
  });

  test('have the same files: schemas, operations, queries', () => {
    const names = sources.filter(({ path }) => contextOf(path)).map(({ path }) => path.split('/').pop()!);
    expect([...new Set(names)].sort()).toEqual(['operations.ts', 'queries.ts', 'schemas.ts']);
  });

  test('say in their first line what they own', () => {
    const silent = sources.filter(
      ({ path, text }) => /contexts\/.*operations\.ts$/.test(path) && !/^\/\/ \w/.test(text),
    );
    expect(silent.map(({ path }) => path)).toEqual([]);
  });

  test('write SQL in queries only', () => {
    const writers = sources.filter(
      ({ path, text }) => contextOf(path) && !path.endsWith('/queries.ts') && /sql\.(type|unsafe|fragment)/.test(text),
    );
    expect(writers.map(({ path }) => path)).toEqual([]);
  });

  test('know no HTTP and no page', () => {
    const wrong = sources.filter(
      (source) =>
        contextOf(source.path) &&
        (/\b(Request|Response|Headers)\b *[(<,)]/.test(source.text) ||
          packagesOf(source).some((name) => /^(hono|@remix-run)/.test(name))),
    );
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });
});

describe('the browser', () => {
  test('schemas import valibot and schemas only', () => {
    const schemas = sources.filter(({ path }) => path.endsWith('/schemas.ts'));
    expect(schemas.length).toBeGreaterThan(10);
    for (const source of schemas) {
      expect([source.path, [...new Set(packagesOf(source))]]).toEqual([source.path, ['valibot']]);
      expect([
        source.path,
        source.imports.filter((to) => !to.endsWith('/schemas.ts') && to !== 'server/operations/states.ts'),
      ]).toEqual([source.path, []]);
    }
  });

  test('components import no operations as values', () => {
    const wrong = sources.filter(
      ({ path, text }) =>
        path.startsWith('app/components/') &&
        /^import (?!type )(?!\{ type [^,]*\} ).*'\.\.\/.*server\/(?!.*schemas\.ts)/m.test(text),
    );
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  test('gets nothing of the server: the built client holds no driver, no SQL and no secret of a setting', async () => {
    await ensureBuilt();
    const scripts = globSync('**/*.js', { cwd: BUILD.client });
    expect(scripts.length).toBeGreaterThan(5);
    for (const script of scripts) {
      const text = readFileSync(join(BUILD.client, script), 'utf8');
      expect(text, script).not.toMatch(/slonik|MASTER_SECRET|work_begin|cloudflare:sockets|lucia|SELECT .* FROM /);
    }
  }, 180_000);
});
