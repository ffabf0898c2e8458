// @databases none
import { access, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import manifest from '../../package.json' with { type: 'json' };
import { root, run } from '../helpers/process.ts';

const read = (path: string) => readFile(join(root, path), 'utf8');
const readFolder = async (folder: string) =>
  Promise.all(
    (await readdir(join(root, folder), { recursive: true }))
      .filter((name) => /\.(md|yml)$/.test(name))
      .map(async (name) => ({ path: `${folder}/${name}`, text: await read(`${folder}/${name}`) })),
  );
const unique = (text: string, pattern: RegExp) => [
  ...new Set([...text.matchAll(pattern)].map(([match, group]) => group ?? match)),
];

/** Returns the paths that do not exist. */
async function findMissing(paths: readonly string[]): Promise<string[]> {
  const isMissing = (path: string) =>
    access(join(root, path)).then(
      () => false,
      () => true,
    );
  const verdicts = await Promise.all(paths.map(isMissing));
  return paths.filter((_, index) => verdicts[index]);
}

const contributing = await read('.github/CONTRIBUTING.md');
/** Its words without the files and the changes that its walks show. */
const contributingWords = contributing.replaceAll(/^ *```[\s\S]*?^ *```$/gm, '');
const security = await read('.github/SECURITY.md');
const benchReadme = await read('test/bench/README.md');
const mutationReadme = await read('test/mutation/README.md');
const changelog = await read('CHANGELOG.md');

describe('decisions', async () => {
  const folder = 'openapi/decisions';
  const files = await readFolder(folder);
  const index = files.find(({ path }) => path.endsWith('/README.md'))?.text ?? '';
  const decisions = files
    .filter(({ path }) => !path.endsWith('/README.md'))
    .map(({ path, text }) => {
      const name = path.slice(folder.length + 1);
      const [, title = '', status = ''] = /^# \d+\. (.*)\n\nStatus: (accepted|superseded by \d{4})/.exec(text) ?? [];
      return { name, number: name.slice(0, 4), title, status, text };
    });

  test('the index lists each with title and status', () => {
    const rows = index.split('\n').filter((line) => line.startsWith('| ['));
    const withoutLinks = rows.map((row) => row.replaceAll(/\[([^\]]+)\]\([^)]+\)/g, '$1'));
    const sorted = decisions.sort((one, other) => one.name.localeCompare(other.name));
    expect(withoutLinks).toEqual(sorted.map(({ number, title, status }) => `| ${number} | ${title} | ${status} |`));
  });

  test.each(decisions)('$name has at most thirty lines', ({ text }) => {
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(30);
    expect(unique(text, /^## (.*)$/gm)).toEqual(['Context', 'Decision', 'Consequences']);
  });

  test.each(decisions.filter(({ status }) => status !== 'accepted'))(
    '$name is named by what supersedes it',
    ({ number, status }) => {
      const later = decisions.find((decision) => decision.number === status.slice(-4));
      expect(later?.text).toMatch(new RegExp(`^Status: .*Supersedes decision ${Number(number)}\\b`, 'm'));
    },
  );
});

describe('SECURITY.md', async () => {
  // A title follows the file that it is in, and may be broken over two lines.
  const words = security.replaceAll(/\s+/g, ' ').matchAll(/`(test\/[^`]+\.test\.ts)`|"([^"]+)"/g);
  const named: { file: string; title: string }[] = [];
  let last = '';
  for (const [, file, title] of words) {
    last = file ?? last;
    if (title !== undefined) named.push({ file: last, title });
  }

  test.each(named)('names an existing test: $title', async ({ file, title }) => {
    const source = await read(file);
    expect(source.includes(`'${title}'`) || source.includes(`"${title}"`), `${file}: ${title}`).toBe(true);
  });

  test('names a test or a gap in every row', () => {
    const rows = security.split('\n').filter((line) => /^\| (?!attacker has)/.test(line));
    expect(rows.filter((row) => !/`test\/[^`]+` "|\| not defended \|$/.test(row))).toEqual([]);
    expect(rows.length).toBeGreaterThan(10);
  });
});

describe('CONTRIBUTING.md', () => {
  test('names npm scripts that exist', () => {
    const scripts = unique(contributing, /npm run ([\w:]+)/g);
    expect(scripts.filter((name) => !(name in manifest.scripts))).toEqual([]);
    expect(scripts.length).toBeGreaterThan(5);
  });

  test('names files and folders that exist', async () => {
    const inFolders = /(?<![\w/.])(?:openapi|generated|server|client|test|\.ci)\/[\w./{}-]*/g;
    const atTop = /(?<=`)[\w.]+\.(?:md|json|yaml)(?=`)/g;
    const paths = [inFolders, atTop].flatMap((pattern) => unique(contributingWords, pattern));
    expect(await findMissing(paths)).toEqual([]);
    expect(paths.length).toBeGreaterThan(40);
  });
});

test('benchmarks are run by sections that exist', async () => {
  const sections = unique(`${benchReadme} ${contributing}`, /npm run bench -- ([a-z ]+)/g).flatMap((names) =>
    names.trim().split(' '),
  );
  const { stderr } = await run(['node', 'test/bench/main.ts', 'none']);
  const [, known = ''] = /There is no section none; there are (.*)\./.exec(stderr) ?? [];
  expect(sections.filter((name) => !known.split(', ').includes(name))).toEqual([]);
  expect(unique(benchReadme, /^\| `([a-z-]+)` \|/gm).sort()).toEqual(known.split(', ').sort());
});

test('the changelog has the version of the package', () => {
  const [unreleased, latest] = unique(changelog, /^## (\S+)/gm);
  expect([unreleased, latest]).toEqual(['Unreleased', manifest.version]);
});

test('links between project files lead somewhere', async () => {
  const files = [...(await readFolder('.github')), ...(await readFolder('openapi/decisions'))];
  files.push({ path: 'test/mutation/README.md', text: mutationReadme });
  files.push({ path: 'test/bench/README.md', text: benchReadme }, { path: 'CHANGELOG.md', text: changelog });
  const targets = files.flatMap(({ path, text }) =>
    unique(text.replaceAll(/(`+).*?\1/g, '`'), /\]\(([^):]+)\)/g).map((target) => join(dirname(path), target)),
  );
  expect(await findMissing(targets)).toEqual([]);
});

describe('continuous integration', () => {
  test('runs the gate and may only read', async () => {
    const { permissions, jobs } = parse(await read('.github/workflows/ci.yml'));
    expect(permissions).toEqual({ contents: 'read' });
    expect(jobs.gate.steps.at(-1)).toEqual({ run: '.ci/run' });
    for (const { uses } of jobs.gate.steps.slice(0, -1)) expect(uses).toMatch(/@v\d+$/);
  });

  test('starts npm by the oldest supported Node too', async () => {
    const { jobs } = parse(await read('.github/workflows/ci.yml'));
    expect(jobs.gate.strategy.matrix.node).toContain(manifest.engines.node.replace('>=', ''));
  });
});

test('forms of .github are valid YAML', async () => {
  const forms = (await readFolder('.github')).filter(({ path }) => path.endsWith('.yml'));
  expect(forms.map(({ text }) => typeof parse(text))).toEqual(forms.map(() => 'object'));
});
