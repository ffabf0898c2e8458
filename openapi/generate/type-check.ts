import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { toolEnvironment } from '../redocly.ts';
import { root } from '../root.ts';

/** Options under which users compile the files, with those of tsconfig.json that the code needs. */
const options = [
  ...['--ignoreConfig', '--noEmit', '--pretty', 'false', '--singleThreaded', '--strict', '--noUncheckedIndexedAccess'],
  ...[
    '--noUnusedLocals',
    '--noUnusedParameters',
    '--target',
    'es2023',
    '--lib',
    'es2024,dom,dom.iterable',
    '--types',
    '',
  ],
  ...['--module', 'nodenext', '--allowImportingTsExtensions', '--erasableSyntaxOnly', '--verbatimModuleSyntax'],
  ...['--resolveJsonModule', '--skipLibCheck'],
];

/**
 * Type-checks files before they replace those of generated/. The compiler reads them from a temporary folder.
 *
 * @throws Error with the compiler's errors, when there are any.
 */
export async function checkTypes(files: ReadonlyMap<string, string>): Promise<void> {
  const parent = join(root, 'node_modules/.cache');
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, 'generated-'));
  try {
    for (const [name, content] of files) await writeFile(join(folder, name), content);
    const names = [...files.keys()].filter((name) => name.endsWith('.ts'));
    const compiler = join(root, 'node_modules/typescript-7/bin/tsc');
    await promisify(execFile)(process.execPath, [compiler, ...options, ...names], {
      cwd: folder,
      env: toolEnvironment,
    });
  } catch (error) {
    const { stdout = '' } = error as { stdout?: string };
    if (stdout === '') throw error;
    throw new Error(`generated/ is unchanged, because the new code does not compile:\n${stdout.trim()}`);
  } finally {
    await rm(folder, { recursive: true });
  }
}
