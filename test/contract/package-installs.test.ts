// @databases none
/** Installs the package beside other versions of its peers, with every package manager. In the long form only. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../helpers/process.ts';
import { isSoak } from '../helpers/soak.ts';
import { type InstalledPackage, installPackage, manifest } from './installed-package.ts';

/** Versions that projects have, from the oldest of each range to the newest. */
const projects: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  old: { express: '4.21.2', msw: '2.7.0', pino: '9.6.0', ajv: '8.17.1', 'ajv-formats': '3.0.1', pg: '8.13.0' },
  middle: { express: '5.1.0', msw: '2.15.0', pino: '9.14.0', ajv: '8.20.0', 'fast-check': '4.11.0', pg: '8.23.1' },
  new: {
    ...{ express: '5.3.0', msw: '3.0.5', pino: '10.4.0', ajv: '8.20.0', 'ajv-formats': '3.0.1', pg: '8.23.1' },
    ...{ 'fast-check': '4.11.0', kysely: '0.29.9', 'prom-client': '15.1.3', 'rate-limiter-flexible': '11.4.0' },
  },
};
const quiet = ['--no-audit', '--no-fund'];
const pnpm = (version: string, tarball: string) => [
  ['npx', '--yes', `pnpm@${version}`, 'install'],
  ['npx', '--yes', `pnpm@${version}`, 'add', tarball],
];
const managers: Readonly<Record<string, (tarball: string) => string[][]>> = {
  npm: (tarball) => [
    ['npm', 'install', ...quiet],
    ['npm', 'install', ...quiet, tarball],
  ],
  'pnpm 9': (tarball) => pnpm('9', tarball),
  'pnpm 10': (tarball) => pnpm('10', tarball),
  'yarn 1': (tarball) => [
    ['npx', '--yes', 'yarn@1.22.22', 'install', '--ignore-engines'],
    ['npx', '--yes', 'yarn@1.22.22', 'add', '--ignore-engines', tarball],
  ],
  'yarn 4': (tarball) => [
    ['bash', '-c', "touch yarn.lock && echo 'nodeLinker: node-modules' > .yarnrc.yml"],
    ['npx', '--yes', '@yarnpkg/cli-dist@4.18.1', 'add', `${manifest.name}@file:${tarball}`],
  ],
};

describe.runIf(isSoak)('the package is installed', () => {
  let installed: InstalledPackage;
  beforeAll(async () => {
    installed = await installPackage();
  });
  afterAll(() => installed[Symbol.asyncDispose]());

  const rows = Object.keys(managers).flatMap((manager) =>
    Object.keys(projects).map((project) => ({ manager, project })),
  );
  test.each(rows)('by $manager beside $project peers, which stay as they are', async ({ manager, project }) => {
    const folder = await mkdtemp(join(tmpdir(), 'oauth-apps-install-'));
    const dependencies = projects[project] ?? {};
    await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies }));
    for (const words of managers[manager]?.(installed.tarball) ?? []) {
      const { code, stdout, stderr } = await run(words, { cwd: folder });
      expect({ code, output: code === 0 ? '' : stdout + stderr }).toEqual({ code: 0, output: '' });
      expect(stdout + stderr).not.toMatch(/unmet peer|incorrect peer/i);
    }
    for (const [name, version] of Object.entries(dependencies)) {
      const found = JSON.parse(await readFile(join(folder, 'node_modules', name, 'package.json'), 'utf8'));
      expect(`${name}@${found.version}`).toBe(`${name}@${version}`);
    }
    const source = `import { isProvider } from '${manifest.name}'; console.log(isProvider('stripe'));`;
    await writeFile(join(folder, 'use.mjs'), source);
    expect(await run(['node', 'use.mjs'], { cwd: folder })).toMatchObject({ code: 0, stdout: 'true\n' });
    await rm(folder, { recursive: true });
  });
});
