/** Reads the older bundle from the history of the repository. */
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Bundle } from '../generate/bundle.ts';

const root = resolve(import.meta.dirname, '../..');
const bundleFile = 'generated/openapi.json';

/**
 * Runs git and returns its output, or undefined when it fails.
 *
 * @throws Error when git is not installed.
 */
async function git(...words: string[]): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('git', words, { cwd: root, maxBuffer: 2 ** 28 });
    return stdout.trim();
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') throw new Error('git is not installed.');
    return undefined;
  }
}

/** Returns the release at a commit or the nearest one before it. Pre-releases (`v1.0.0-rc.1`) do not count. */
const describeRelease = (commit: string) =>
  git('describe', '--tags', '--abbrev=0', '--match=v[0-9]*', '--exclude=*-*', commit);

/** Whether `HEAD` is the commit of a release and the working tree has its bundle. */
async function isUnchangedSince(tag: string): Promise<boolean> {
  const [released, head] = await Promise.all([`${tag}^{commit}`, 'HEAD'].map((ref) => git('rev-parse', ref)));
  return released === head && (await git('diff', '--quiet', 'HEAD', '--', bundleFile)) !== undefined;
}

/** Returns the release to compare with, or the first commit that has a bundle. */
async function findDefaultRef(): Promise<string> {
  if ((await git('rev-parse', '--is-shallow-repository')) === 'true') {
    throw new Error('The history is shallow and may lack the last release. Run `git fetch --unshallow --tags`.');
  }
  const tag = await describeRelease('HEAD');
  const isTagged = tag !== undefined && (await isUnchangedSince(tag));
  const release = isTagged ? await describeRelease(`${tag}^`) : tag;
  if (release) return release;
  const commits = await git('log', '--topo-order', '--diff-filter=A', '--format=%H', '--', bundleFile);
  const first = commits?.split('\n').at(-1);
  if (!first) throw new Error(`No commit has ${bundleFile}, so there is no bundle to compare with.`);
  return first.slice(0, 12);
}

/**
 * Reads the bundle at a git ref.
 *
 * @param ref - A branch, tag or commit.
 * @default The last release, the one before on the commit of a release, or the first commit that has a bundle.
 * @throws Error when git is not installed, the folder is not in a repository, the history is shallow, or no commit or
 *   no bundle is found.
 */
export async function readBase(ref?: string): Promise<{ name: string; bundle: Bundle }> {
  if ((await git('rev-parse', '--is-inside-work-tree')) !== 'true') {
    throw new Error(`${root} is not in a git repository, so there is no older bundle to compare with.`);
  }
  const name = ref ?? (await findDefaultRef());
  const commit = await git('rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`);
  if (!commit) throw new Error(`git finds no commit named ${JSON.stringify(name)}.`);
  const text = await git('show', `${commit}:./${bundleFile}`);
  if (text === undefined) throw new Error(`${name} has no ${bundleFile}.`);
  return { name, bundle: JSON.parse(text) };
}
