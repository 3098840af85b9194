import { expect, test } from 'vitest';
import { sourcesOf } from './sources.ts';

const product = sourcesOf('app', 'server', 'tenants', 'db');
const everything = [...product, ...sourcesOf('scripts', 'tests')];

/** Module state that is allowed: one is keyed by the environment, the others remember a pure function of their key. */
const exceptions = [
  'server/worker.ts: const fronts = new WeakMap',
  'app/intl.ts: const dateFormats = new Map',
  'app/intl.ts: const numberFormats = new Map',
];

test('no mutable state lives at module level, where tenants of one isolate would share it', () => {
  const found = product.flatMap(({ path, text }) =>
    [...text.matchAll(/^(?:export )?(let|var|const) (\w+)(: [^=]+)? =\s*(new \w+|\[\]|\{\})?/gm)]
      .filter(([, keyword, , type, value]) => {
        if (keyword !== 'const') return true;
        const isConstant = /^: (Readonly|readonly )/.test(type ?? '');
        return /^new (Map|Set|WeakMap|WeakSet|Array)|^\[\]|^\{\}/.test(value ?? '') && !isConstant;
      })
      .map(([, keyword, name, , value]) => `${path}: ${keyword} ${name} = ${value}`),
  );
  expect(found.filter((each) => !exceptions.includes(each))).toEqual([]);
});

test('no file is longer than 400 lines', () => {
  const long = everything.filter(({ text }) => text.split('\n').length > 401);
  expect(long.map(({ path }) => path)).toEqual([]);
});

test('file names are kebab-case and say what they hold', () => {
  const odd = [...product, ...sourcesOf('scripts')].filter(({ path }) => {
    const name = path.split('/').pop()!;
    return path.startsWith('app/routes/') ? false : !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)*\.tsx?$/.test(name);
  });
  expect(odd.map(({ path }) => path)).toEqual([]);
  const vague = everything.filter(({ path }) => /\/(utils?|helpers?|common|manager|misc)\b/.test(path));
  expect(vague.map(({ path }) => path)).toEqual([]);
});

test('nothing is left to do later, skipped, or silenced', () => {
  const marks = new RegExp(
    ['TO', 'DO|FIX', 'ME|@ts-', '(ignore|expect-error)|\\b(it|test|describe)\\.', '(skip|only|todo)\\b'].join(''),
  );
  const marked = everything.filter(({ text }) => marks.test(text));
  expect(marked.map(({ path }) => path)).toEqual([]);
});

test('modules export by name', () => {
  // Remix and the edge runtime ask for a default export in these places.
  const expected = /^(app\/(root|entry\.\w+|routes\/.*)\.tsx?|app\/entry\.ts|server\/worker\.ts)$/;
  const found = product.filter(({ path, text }) => /^export default/m.test(text) && !expected.test(path));
  expect(found.map(({ path }) => path)).toEqual([]);
});
