import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import type { CheckName, PassiveCheck, SuiteResult } from '../../test/conformance/index.ts';
import { type CommandInput, UsageError } from './command.ts';
import { type Conformance, readBaseUrl, readLevel, readNames, readNumber, readTls } from './verify-options.ts';

/** Modes of `verify` that check traffic of other programs and send nothing of their own. */

/** Result of a mode, and the number of exchanges that belong to no operation. */
export interface TrafficResult {
  readonly result: SuiteResult;
  readonly ignored: number;
}

function createCheck({ options }: CommandInput, conformance: Conformance): PassiveCheck {
  const { checkNames, levels, createPassiveCheck } = conformance;
  return createPassiveCheck({
    level: readLevel(options.level, levels),
    isStrict: options.strict === true,
    only: readNames<CheckName>(options.only, '--only', checkNames),
    skip: readNames<CheckName>(options.skip, '--skip', checkNames),
  });
}

/** Checks the exchanges of a HAR file. @throws {UsageError} for a file that is none */
export async function checkHar(
  input: CommandInput,
  conformance: Conformance,
  signal: AbortSignal,
): Promise<TrafficResult> {
  const file = String(input.options.har);
  await access(file).catch(({ code }: { code?: string }) => {
    throw new UsageError(`--har takes a readable file, and this one is not readable (${code})`);
  });
  const check = createCheck(input, conformance);
  try {
    for await (const exchange of conformance.readHar(createReadStream(file, 'utf8'))) {
      if (signal.aborted) break;
      check.add(exchange);
    }
  } catch (error) {
    if (!(error instanceof conformance.InvalidHar)) throw error;
    throw new UsageError(`--har takes an HTTP Archive, and this file is none: ${error.message}`);
  }
  return { result: { ...check.result(), isAborted: signal.aborted }, ignored: check.ignored };
}

/** Checks what passes a proxy until the process is told to end. @throws {UsageError} for a port that is in use */
export async function checkProxied(
  input: CommandInput,
  conformance: Conformance,
  signal: AbortSignal,
): Promise<TrafficResult> {
  const { options, say } = input;
  const check = createCheck(input, conformance);
  const proxy = await conformance
    .startProxy({
      upstream: readBaseUrl([String(options.proxy)], '--proxy'),
      port: readNumber(options.port, '--port', 65_535) ?? 0,
      onExchange: (exchange) => check.add(exchange),
      ...(await readTls(options)),
    })
    .catch(({ code, message }: Error & { code?: string }) => {
      throw new UsageError(code === 'EADDRINUSE' ? '--port takes a port that is free' : message);
    });
  say(`The proxy listens on ${proxy.url}. Ctrl-C ends it and prints the report.`);
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  await proxy.close();
  return { result: check.result(), ignored: check.ignored };
}
