import { once } from 'node:events';
import { existsSync, realpathSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childEnvironment, listProgramFolders } from '../config.ts';
import { errorMessage } from '../process/error-message.ts';
import { findFile } from '../process/package-files.ts';
import { runProgram } from './child.ts';
import { type Command, readPort } from './command.ts';
import { checkPackages } from './requirements.ts';

const prism = '@stoplight/prism-cli';
const defaultPort = 4010;

/** Finds the package.json of Prism: installed beside this package, or on the `PATH` that `npm exec` makes. */
function findPrism(): string | undefined {
  try {
    return fileURLToPath(import.meta.resolve(`${prism}/package.json`));
  } catch {
    const files = listProgramFolders().map((folder) => join(dirname(folder), prism, 'package.json'));
    const file = files.find((one) => existsSync(one));
    return file && realpathSync(file);
  }
}

export const mock: Command = {
  name: 'mock',
  summary: 'Responds to every documented request with the documented example (Prism), until it is stopped.',
  packages: [],
  help: [
    ['--port N', `where to listen, 0 for any free port (default: ${defaultPort})`],
    ['--host H', 'the address to listen on (default: 127.0.0.1)'],
    ['--install', 'fetch Prism by npm first, in the version that belongs to this package; package.json stays as it is'],
  ],
  examples: ['mock --port 4010', 'mock --install'],
  async run(input) {
    const { options, findVersion, say } = input;
    const port = readPort(options.port) ?? defaultPort;
    const host = String(options.host ?? '127.0.0.1');
    if (options.install === true) {
      say('Fetching Prism by npm, which can take a minute the first time …');
      const self = [process.execPath, findFile('server/bin.js'), 'mock', '--port', String(port), '--host', host];
      const words = ['exec', '--yes', '--ignore-scripts', `--package=${prism}@${findVersion(prism)}`, '--', ...self];
      return runProgram('npm', words, { shell: process.platform === 'win32', env: childEnvironment(true) });
    }
    const prismPackage = findPrism();
    if (prismPackage === undefined) checkPackages(mock, input, [prism]);
    const [{ startMock }, { loadPrism }] = await Promise.all([import('./mock-server.ts'), import('./prism.ts')]);
    const find = await loadPrism(prismPackage ?? '', findFile('generated/openapi.json'));
    const { url, close } = await startMock(find, {
      ...{ port, host },
      onResponse: (method, target, status) => say(`${status}  ${method} ${target}`),
      onError: (error) => say(errorMessage(error)),
    });
    say(`The mock (Prism ${findVersion(prism)}) is listening on ${url}`);
    say('It stores nothing, and accepts any token, any ID and any limit that JSON Schema cannot say.');
    say('`Prefer: code=404` or `Prefer: example=Revealed` selects another documented response.');
    // A mock that is killed leaves its compiled code to the next start as well.
    nodeModule.flushCompileCache?.();
    await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
    await close();
    return 0;
  },
};
