import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { inflate } from '@sparticuz/chromium';
import { type Browser, chromium } from 'playwright-core';
import { withLock } from '../../scripts/local/lock.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const CACHE = resolve(ROOT, '.cache');
const UNPACKED = resolve(CACHE, 'chromium');
/** The package's own looks for its fonts in the system's temporary folder; without any, Chromium ends itself at the first text. */
const FONTS = resolve(CACHE, 'fonts.conf');
const PARTS = ['chromium.br', 'fonts.tar.br', 'swiftshader.tar.br', 'al2023.tar.br'];

/** Starts Chromium from its npm package, with the libraries and fonts that the package brings: no system package is needed. */
export async function startBrowser(): Promise<Browser> {
  await unpack();
  writeFileSync(
    FONTS,
    `<fontconfig><dir>${UNPACKED}/fonts/fonts</dir><cachedir>${CACHE}/fonts</cachedir></fontconfig>`,
  );
  const server = await chromium.launchServer({
    executablePath: `${UNPACKED}/chromium`,
    // Root has no sandbox. Tenants' hosts lead here whatever the machine's resolver thinks of them.
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--host-resolver-rules=MAP *.localhost 127.0.0.1',
    ],
    env: {
      HOME: UNPACKED,
      PATH: process.env.PATH ?? '',
      LD_LIBRARY_PATH: `${UNPACKED}/al2023/lib`,
      FONTCONFIG_FILE: FONTS,
    },
  });
  let isWanted = true;
  server.process().once('exit', (code, signal) => {
    // Every test after this fails with a riddle; this line says what happened.
    if (isWanted && code !== 0) process.stderr.write(`\nChromium ended by itself: code ${code}, signal ${signal}\n`);
  });
  const browser = await chromium.connect(server.wsEndpoint());
  const close = browser.close.bind(browser);
  browser.close = async () => {
    isWanted = false;
    await close();
    await server.close();
  };
  return browser;
}

/** The package unpacks into the system's temporary folder; here it goes into the clone's cache, whole or not at all. */
async function unpack(): Promise<void> {
  mkdirSync(CACHE, { recursive: true });
  await withLock(`${CACHE}/chromium.lock`, async () => {
    if (existsSync(UNPACKED)) return;
    const draft = `${UNPACKED}.new`;
    rmSync(draft, { recursive: true, force: true });
    mkdirSync(draft);
    const before = process.env.TMPDIR;
    process.env.TMPDIR = draft;
    try {
      await Promise.all(PARTS.map((part) => inflate(`${ROOT}/node_modules/@sparticuz/chromium/bin/${part}`)));
    } finally {
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
    }
    renameSync(draft, UNPACKED);
  });
}
