import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { resolve } from 'node:path';
import type pg from 'pg';
import { createServer as createViteServer, type ViteDevServer } from 'vite';
import { dueTenants } from '../../tenants/resolve.ts';
import { errorCode } from '../command.ts';
import { sendResponse, toRequest } from './node-request.ts';
import type { WorkerSettings } from './workerd.ts';

type NodeModule = typeof import('../../server/node.ts');
type NodeFront = ReturnType<NodeModule['createNodeFront']>;

const TICK_MS = 1_000;

export type DevServerOptions = {
  port: number;
  settings: WorkerSettings;
  admin: pg.Client;
  note: (line: string) => void;
};

/** The app in Node behind Vite: a change of a page shows at once, a change of server/ from the next request on. */
export async function startDevServer(options: DevServerOptions): Promise<{ stop(): Promise<void> }> {
  const http = createHttpServer();
  const vite = await createViteServer({
    root: resolve(import.meta.dirname, '../..'),
    appType: 'custom',
    server: { middlewareMode: true, hmr: { server: http }, allowedHosts: true },
  });
  const fronts = frontsOf(vite, options.settings);
  http.on('request', (incoming: IncomingMessage, outgoing: ServerResponse) => {
    vite.middlewares(incoming, outgoing, () => {
      answer(fronts.current, incoming, outgoing).catch((error: unknown) => {
        if (error instanceof Error) vite.ssrFixStacktrace(error);
        options.note(error instanceof Error ? (error.stack ?? error.message) : String(error));
        if (!outgoing.headersSent) outgoing.writeHead(500);
        outgoing.end();
      });
    });
  });
  await new Promise<void>((done, failed) => {
    http.once('error', failed);
    http.listen(options.port, done);
  });
  const timer = startTicks(fronts.current, options);
  return {
    stop: async () => {
      clearInterval(timer);
      http.closeAllConnections();
      http.close();
      await fronts.close();
      await vite.close();
    },
  };
}

async function answer(
  current: () => Promise<NodeFront>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const front = await current();
  try {
    await sendResponse(await front.fetch(toRequest(incoming)), outgoing);
  } catch (error) {
    if (errorCode(error) !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}

/** Loaded through Vite, so that pages and server share one copy of each module; made anew when a module has changed. */
function frontsOf(vite: ViteDevServer, settings: WorkerSettings) {
  let loaded: unknown;
  let front: NodeFront | undefined;
  const serverBuild = async () => (await vite.ssrLoadModule('virtual:remix/server-build')) as never;
  const current = async (): Promise<NodeFront> => {
    const module = (await vite.ssrLoadModule('/server/node.ts')) as NodeModule;
    if (front && loaded === module.createNodeFront) return front;
    const outdated = front;
    loaded = module.createNodeFront;
    front = module.createNodeFront({ env: settings, serverBuild });
    await outdated?.close();
    return front;
  };
  return { current, close: async () => front?.close() };
}

function startTicks(current: () => Promise<NodeFront>, { admin, note }: DevServerOptions): NodeJS.Timeout {
  const query = async (text: string, values: readonly (string | number)[]) =>
    (await admin.query(text, [...values])).rows;
  let isBusy = false;
  const tick = async () => {
    if (isBusy) return;
    isBusy = true;
    try {
      const due = await dueTenants(query);
      if (due.length > 0) {
        const front = await current();
        await Promise.all(due.map((tenant) => front.home(tenant).runJobs()));
      }
    } catch (error) {
      note(`tick: ${error instanceof Error ? error.message : error}`);
    }
    isBusy = false;
  };
  return setInterval(tick, TICK_MS);
}
