import { CommandError } from '../command.ts';

/** Waits for the signal to stop, and undoes what was started, last first. */
export type Shutdown = {
  /** Resolves when Ctrl-C, SIGTERM or a closed terminal asks for the end. */
  requested: Promise<void>;
  /** Ends a start that was told to stop meanwhile. */
  check(): void;
  /** Registers how a part is stopped. */
  onStop(stop: () => Promise<void>): void;
  /** Stops all parts; one that fails does not keep the others. */
  stopAll(): Promise<void>;
};

/** Thrown by {@link Shutdown.check}: no failure, the person has asked for it. */
export class Stopped extends CommandError {
  constructor() {
    super('Stopped.', 0);
  }
}

export function listenForShutdown(): Shutdown {
  const stops: (() => Promise<void>)[] = [];
  let isRequested = false;
  const requested = new Promise<void>((resolve) => {
    const stop = () => {
      isRequested = true;
      resolve();
    };
    // The handlers stay: npm and the terminal may both send the signal. A closed terminal ends what runs in it, but not
    // what was sent to the background with its output elsewhere (nohup).
    const isInTerminal = process.stdout.isTTY;
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
    process.on('SIGHUP', () => isInTerminal && stop());
  });
  return {
    requested,
    check: () => {
      if (isRequested) throw new Stopped();
    },
    onStop: (stop) => stops.push(stop),
    stopAll: async () => {
      for (const stop of stops.splice(0).reverse()) {
        await stop().catch((error: unknown) => process.stderr.write(`While stopping: ${error}\n`));
      }
    },
  };
}
