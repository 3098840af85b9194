import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { statusOf } from './http-request.ts';
import { startPostgres } from './postgres.ts';
import type { Shutdown } from './shutdown.ts';
import { startWorkerd, type WorkerdServer, type WorkerSettings } from './workerd.ts';

const TICK_MS = 1_000;

export type KeepRunningOptions = {
  folder: string;
  port: number;
  settings: WorkerSettings;
  /** Whether the database is the embedded one, which is then ours to start again. */
  isEmbedded: boolean;
  shutdown: Shutdown;
  note: (line: string) => void;
};

/** Runs the worker and its ticks; a worker or database that dies is started again, with a line that says so. */
export async function keepRunning(options: KeepRunningOptions): Promise<void> {
  const { note, shutdown } = options;
  let worker: WorkerdServer | undefined;
  let isStopping = false;
  const start = async () => {
    worker = await startWorkerd({
      port: options.port,
      folder: join(options.folder, 'worker'),
      settings: options.settings,
      log: note,
      onCrash: (reason) => {
        note(`the worker ended (${reason}) and is started again`);
        restart().catch((error: unknown) => note(`the worker cannot be started again: ${error}`));
      },
    });
  };
  const restart = async () => {
    await sleep(500);
    if (!isStopping) await start();
    if (isStopping) await worker?.stop();
  };
  await start();

  const timer = setInterval(() => beat(), TICK_MS);
  let isBusy = false;
  const beat = async () => {
    if (isBusy) return;
    isBusy = true;
    await Promise.allSettled([tick(worker), options.isEmbedded ? reviveDatabase(options) : undefined]);
    isBusy = false;
  };
  shutdown.onStop(async () => {
    isStopping = true;
    clearInterval(timer);
    await worker?.stop();
  });
}

/** The edge has a cron for this; here the launcher is the clock. A tick that fails is made up for by the next. */
async function tick(worker: WorkerdServer | undefined): Promise<void> {
  if (worker) await statusOf(worker.tickPort, 'tick', '/', 'POST').catch(() => 0);
}

async function reviveDatabase({ folder, note }: KeepRunningOptions): Promise<void> {
  try {
    const server = await startPostgres({ dataDir: folder });
    if (server.started) note('the database had ended and was started again');
  } catch (error) {
    note(`the database had ended and cannot be started: ${error instanceof Error ? error.message : error}`);
  }
}
