import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Runs a program with the output of this one until it ends, and gives its exit code. SIGTERM and SIGINT end it first.
 * Rejects when it cannot be started.
 */
export async function runProgram(program: string, args: readonly string[], options = {}): Promise<number> {
  const child = spawn(program, args, { stdio: 'inherit', ...options });
  const pass = (signal: NodeJS.Signals) => child.kill(signal);
  process.on('SIGTERM', pass).on('SIGINT', pass);
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    // One that was stopped by its user has done what it was to do.
    return code ?? 0;
  } finally {
    process.off('SIGTERM', pass).off('SIGINT', pass);
  }
}
