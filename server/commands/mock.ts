import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from '../config.ts';
import { findFile } from '../process/package-files.ts';
import { runProgram } from './child.ts';
import { type Command, readPort } from './command.ts';
import { checkPackages } from './requirements.ts';

const prism = '@stoplight/prism-cli';
const defaultPort = 4010;

/** Finds the program of Prism. */
const findPrism = () => join(dirname(fileURLToPath(import.meta.resolve(`${prism}/package.json`))), 'dist/index.js');

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
    const { options, findVersion } = input;
    const port = String(readPort(options.port) ?? defaultPort);
    const host = String(options.host ?? '127.0.0.1');
    const args = ['mock', findFile('generated/openapi.json'), '--port', port, '--host', host];
    if (options.install === true) {
      input.say('Fetching Prism by npm, which can take a minute the first time …');
      const words = [
        'exec',
        '--yes',
        '--ignore-scripts',
        `--package=${prism}@${findVersion(prism)}`,
        '--',
        'prism',
        ...args,
      ];
      return runProgram('npm', words, { shell: process.platform === 'win32', env: childEnvironment(true) });
    }
    checkPackages(mock, input, [prism]);
    return runProgram(process.execPath, [findPrism(), ...args]);
  },
};
