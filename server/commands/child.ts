import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { childEnvironment } from '../config.ts';

/**
 * Runs a program with the output of this process, and with no setting of the server, until it ends, and returns its exit code. SIGTERM and SIGINT are passed
 * on to it.
 * @throws Error with Node's code when it cannot be started
 */
export async function runProgram(program: string, args: readonly string[], options = {}): Promise<number> {
  const child = spawn(program, args, { stdio: 'inherit', env: childEnvironment(), ...options });
  const pass = (signal: NodeJS.Signals) => child.kill(signal);
  process.on('SIGTERM', pass).on('SIGINT', pass);
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    // A program that its user stopped has succeeded.
    return code ?? 0;
  } finally {
    process.off('SIGTERM', pass).off('SIGINT', pass);
  }
}
