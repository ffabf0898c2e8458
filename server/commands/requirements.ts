import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isPostgres } from '../store/database-url.ts';
import { type Command, type CommandInput, RequirementError } from './command.ts';

/** The first version of Node with the SQLite that the store needs. */
const storeNode = 24;

const usesStore = ({ packages, name }: Command) => packages.includes('kysely') || name === 'backup';

/** The first major versions that the commands work with, of packages that may be there in an older one. */
const firstMajor: Readonly<Record<string, number>> = { express: 5 };

/** Whether a package is there in a version that is too old. */
function isTooOld(name: string): boolean {
  const first = firstMajor[name];
  if (first === undefined || !isInstalled(name)) return false;
  const { version } = JSON.parse(readFileSync(fileURLToPath(import.meta.resolve(`${name}/package.json`)), 'utf8'));
  return Number.parseInt(version, 10) < first;
}

/** Whether a package is installed. */
export function isInstalled(name: string): boolean {
  try {
    import.meta.resolve(`${name}/package.json`);
    return true;
  } catch (error) {
    // A package that does not export its package.json is there.
    return (error as { code?: string }).code !== 'ERR_MODULE_NOT_FOUND';
  }
}

/** Throws `RequirementError` where this version of Node is too old for a command. */
export function checkNode(command: Command, version = process.versions.node): void {
  if (!usesStore(command) || Number.parseInt(version, 10) >= storeNode) return;
  throw new RequirementError(`oauth-apps ${command.name} needs Node ${storeNode} or later; this is ${version}.`);
}

/** Throws `RequirementError` unless the packages that a command needs are installed: `pg` too where it opens PostgreSQL. */
export function checkPackages(command: Command, input: CommandInput, packages = command.packages): void {
  const urls = [input.options.from, input.options.to, usesStore(command) ? input.readConfig().databaseUrl : undefined];
  const needed = urls.some((url) => typeof url === 'string' && isPostgres(url)) ? [...packages, 'pg'] : packages;
  const missing = needed.filter((name) => !isInstalled(name) || isTooOld(name));
  if (missing.length === 0) return;
  const words = missing.map((name) => `${name}@${input.findVersion(name)}`).join(' ');
  throw new RequirementError(
    `oauth-apps ${command.name} needs packages that are not installed, or in an older version. Install them with:\n\n  npm install --save-dev ${words}`,
  );
}
