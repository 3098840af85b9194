import { spawn } from 'node:child_process';

/**
 * Every hostile value in every place of every door, in Node and through the built worker: the suites of `npm test`, which
 * tries every third and every twentieth of these pairs.
 * @throws when a door gives way
 */
export function proveDoors(): Promise<string> {
  const suites = ['tests/doors/every-door.test.ts', 'tests/doors/every-door-edge.test.ts'];
  return new Promise((resolve, reject) => {
    const env = { ...process.env, SCP_HOSTILE_STRIDE: '1' };
    const run = spawn('npm', ['test', '--', ...suites], { env, stdio: ['ignore', 'inherit', 'inherit'] });
    run.on('error', reject);
    run.on('exit', (code) => (code === 0 ? resolve('every door held') : reject(new Error('a door gave way'))));
  });
}
