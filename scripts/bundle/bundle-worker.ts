import { isBuiltin } from 'node:module';
import { build, type Plugin } from 'esbuild';
import { CommandError } from '../command.ts';

const SERVER_BUILD = 'virtual:remix/server-build';

/**
 * Bundles the worker into one ES module for workerd.
 * `pages` is Remix's server build, which the entry imports as `virtual:remix/server-build`.
 */
export async function bundleWorker(paths: { entry: string; pages: string; outfile: string }): Promise<void> {
  try {
    await build({
      entryPoints: [paths.entry],
      outfile: paths.outfile,
      bundle: true,
      format: 'esm',
      platform: 'browser',
      target: 'es2024',
      conditions: ['workerd', 'worker', 'browser'],
      external: ['cloudflare:*'],
      define: { 'process.env.NODE_ENV': '"production"' },
      // Identifiers stay: profiles and stack traces can be read, and keeping names otherwise costs a call per closure.
      minifyWhitespace: true,
      minifySyntax: true,
      sourcemap: 'linked',
      legalComments: 'none',
      logLevel: 'warning',
      plugins: [serverBuild(paths.pages), nodeBuiltins, zodInEnglish],
    });
  } catch {
    throw new CommandError('The worker does not build; the reason is above.');
  }
}

function serverBuild(path: string): Plugin {
  return {
    name: 'server-build',
    setup: ({ onResolve }) => onResolve({ filter: new RegExp(`^${SERVER_BUILD}$`) }, () => ({ path })),
  };
}

/** workerd knows Node's modules by their `node:` names only, and as imports only. */
const nodeBuiltins: Plugin = {
  name: 'node-builtins',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[a-z_:/0-9]+$/ }, ({ path, kind }) => {
      if (!isBuiltin(path)) return undefined;
      const name = path.startsWith('node:') ? path : `node:${path}`;
      return kind === 'require-call' ? { path: name, namespace: 'required-builtin' } : { path: name, external: true };
    });
    onLoad({ filter: /./, namespace: 'required-builtin' }, ({ path }) => ({
      contents: `import builtin from '${path}'; module.exports = builtin;`,
    }));
  },
};

/** Zod, which the protocol of AI tools brings, exports its messages in every language as one object; ours are English. */
const zodInEnglish: Plugin = {
  name: 'zod-in-english',
  setup: ({ onLoad }) =>
    onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: `export { default as en } from './en.js';`,
    })),
};
