/** Reads the older bundle and the older sources from the history of the repository. */
import { execFile } from 'node:child_process';
import { mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Bundle } from '../generate/bundle.ts';

const bundleFile = 'generated/openapi.json';

const execute = promisify(execFile);

/** Reads the history of the repository in the folder `root`. `env` has the variables that git gets. */
export class History {
  readonly #root: string;
  readonly #env: NodeJS.ProcessEnv;

  constructor(root: string, env: NodeJS.ProcessEnv = process.env) {
    this.#root = root;
    this.#env = env;
  }

  /**
   * Runs git and returns its output, or undefined when it fails.
   *
   * @throws Error when git is not installed.
   */
  async #git(...words: string[]): Promise<string | undefined> {
    try {
      const { stdout } = await execute('git', words, { cwd: this.#root, env: this.#env, maxBuffer: 2 ** 28 });
      return stdout.trim();
    } catch (error) {
      if ((error as { code?: unknown }).code === 'ENOENT') throw new Error('git is not installed.');
      return undefined;
    }
  }

  /** Returns the release at a commit or the nearest one before it. Pre-releases (`v1.0.0-rc.1`) do not count. */
  #describeRelease(commit: string): Promise<string | undefined> {
    return this.#git('describe', '--tags', '--abbrev=0', '--match=v[0-9]*', '--exclude=*-*', commit);
  }

  /** Whether `HEAD` is the commit of a release and the working tree has its bundle. */
  async #isUnchangedSince(tag: string): Promise<boolean> {
    const refs = [`${tag}^{commit}`, 'HEAD'];
    const [released, head] = await Promise.all(refs.map((ref) => this.#git('rev-parse', ref)));
    return released === head && (await this.#git('diff', '--quiet', 'HEAD', '--', bundleFile)) !== undefined;
  }

  /** Returns the release to compare with, or the first commit that has a bundle. */
  async #findDefaultRef(): Promise<string> {
    if ((await this.#git('rev-parse', '--is-shallow-repository')) === 'true') {
      throw new Error('The history is shallow and may lack the last release. Run `git fetch --unshallow --tags`.');
    }
    const tag = await this.#describeRelease('HEAD');
    const isTagged = tag !== undefined && (await this.#isUnchangedSince(tag));
    const release = isTagged ? await this.#describeRelease(`${tag}^`) : tag;
    if (release) return release;
    const commits = await this.#git('log', '--topo-order', '--diff-filter=A', '--format=%H', '--', bundleFile);
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
  async readBase(ref?: string): Promise<{ name: string; commit: string; bundle: Bundle }> {
    if ((await this.#git('rev-parse', '--is-inside-work-tree')) !== 'true') {
      throw new Error(`${this.#root} is not in a git repository, so there is no older bundle to compare with.`);
    }
    const name = ref ?? (await this.#findDefaultRef());
    const commit = await this.#git('rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`);
    if (!commit) throw new Error(`git finds no commit named ${JSON.stringify(name)}.`);
    const text = await this.readFile(commit, bundleFile);
    if (text === undefined) throw new Error(`${name} has no ${bundleFile}.`);
    return { name, commit, bundle: JSON.parse(text) };
  }

  /** Returns a file at a commit; undefined where it has none. */
  readFile(commit: string, file: string): Promise<string | undefined> {
    return this.#git('show', `${commit}:./${file}`);
  }

  /**
   * Writes the files of a commit to a temporary folder, with the packages of the working tree. Dispose of it with
   * `await using`.
   *
   * @throws Error when git or tar fails.
   */
  async checkOut(commit: string) {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'oauth-apps-diff-')));
    const archive = join(folder, '.archive.tar');
    await this.#git('archive', '--format=tar', `--output=${archive}`, commit);
    await execute('tar', ['-xf', archive, '-C', folder], { env: this.#env });
    await symlink(join(this.#root, 'node_modules'), join(folder, 'node_modules'), 'junction');
    return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
  }
}
