import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from '../config.ts';
import { findFile } from '../process/package-files.ts';
import { runProgram } from './child.ts';
import { type Command, readPort } from './command.ts';

const prism = '@stoplight/prism-cli';
const defaultPort = 4010;

/** Finds the program of Prism. @throws Error with the code `ERR_MODULE_NOT_FOUND` where it is not installed */
const findPrism = () => join(dirname(fileURLToPath(import.meta.resolve(`${prism}/package.json`))), 'dist/index.js');

export const mock: Command = {
  name: 'mock',
  summary: 'Responds to every documented request with the documented example (Prism), until it is stopped.',
  options: { port: { type: 'string' }, host: { type: 'string' }, install: { type: 'boolean' } },
  packages: [prism],
  help: [
    ['--port N', `where to listen, 0 for any free port (default: ${defaultPort})`],
    ['--host H', 'the address to listen on (default: 127.0.0.1)'],
    ['--install', 'fetch Prism by npm first, in the version that belongs to this package; package.json stays as it is'],
  ],
  async run({ options, findVersion }) {
    const port = String(readPort(options.port) ?? defaultPort);
    const host = String(options.host ?? '127.0.0.1');
    const args = ['mock', findFile('generated/openapi.json'), '--port', port, '--host', host];
    if (options.install === true) {
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
    return runProgram(process.execPath, [findPrism(), ...args]);
  },
};
