/** The dependency table of the project: who may import what, and who may mention what. */
import { dirname, join } from 'node:path/posix';
import ts from 'typescript';

/** Files by path from the top of the project, with `/`. */
export type Sources = ReadonlyMap<string, string>;

export interface Layer {
  /** The rule, as a sentence. */
  name: string;
  /** The files that it holds for. */
  from: RegExp;
  /** What they may not import: a path from the top, or a package as it is written. */
  to?: RegExp;
  /** What they may not mention. */
  mention?: RegExp;
  /** Imports, as `file → target`, that the rule lets through. */
  except?: RegExp;
  /** A file that breaks the rule: its path and what it holds. */
  breach: [path: string, source: string];
}

const product = /^(client|generated|server)\//;

export const layers: Layer[] = [
  {
    name: 'client knows nothing of server',
    from: /^client\//,
    to: /^server\//,
    breach: ['client/x.ts', "import { mask } from '../server/oauth-apps.ts';"],
  },
  {
    name: 'server knows nothing of client',
    from: /^server\//,
    to: /^client\//,
    breach: ['server/store/x.ts', "export { ProblemError } from '../../client/index.ts';"],
  },
  {
    name: 'generated imports nothing of the project',
    from: /^generated\//,
    to: /^(?!generated\/)\w+\//,
    breach: ['generated/x.ts', "import '../client/index.ts';"],
  },
  {
    name: 'product code runs on the bundle, not the YAML',
    from: product,
    to: /^openapi\//,
    mention: /\.ya?ml['"`]/,
    breach: ['server/x.ts', "await readFile('openapi/openapi.yaml');"],
  },
  {
    name: 'nothing imports YAML',
    from: /./,
    to: /\.ya?ml$/,
    breach: ['test/x.ts', "await import('../openapi/openapi.yaml');"],
  },
  {
    name: 'the store knows neither HTTP nor the description',
    from: /^server\/store\//,
    to: /^(express|generated\/|server\/(problem|handlers|app)\.ts$|server\/middleware\/)/,
    breach: ['server/store/migrations/x.ts', "import type { Problem } from '../../../generated/types.ts';"],
  },
  {
    name: 'handlers know the store by its interface only',
    from: /^server\/(oauth-apps|handlers)\.ts$/,
    to: /^server\/store\/(?!store\.ts$)/,
    breach: ['server/oauth-apps.ts', "import { openStore } from './store/open-store.ts';"],
  },
  {
    name: 'only the configuration and the entries read the environment',
    from: /^(client|generated|server\/(?!config\.ts$))/,
    mention: /\bprocess\.env\b|from 'node:process'/,
    breach: ['server/oauth-apps.ts', 'const mask = process.env.MASK;'],
  },
  {
    name: 'nothing imports the process entry',
    from: /^(?!server\/(dev\.ts|start\.js)$)/,
    to: /^server\/(main\.ts|start\.js)$/,
    breach: ['test/server/x.ts', "await import('../../server/main.ts');"],
  },
  {
    name: 'product code never imports tests',
    from: /^(client|generated|openapi|server)\//,
    to: /^test\//,
    // What `verify` runs is a product itself.
    except: /^server\/commands\/verify\.ts → test\/conformance\/index\.ts$/,
    breach: ['client/x.ts', "import type { TestServer } from '../test/helpers/server.ts';"],
  },
  {
    name: 'conformance knows neither server nor client',
    from: /^test\/conformance\//,
    to: /^(server|client)\//,
    breach: ['test/conformance/x.ts', "import { createOAuthAppsClient } from '../../client/index.ts';"],
  },
];

/** What a file imports, types and dynamic imports included: paths from the top, or packages as written. */
export function listImports(path: string, source: string): string[] {
  const { importedFiles } = ts.preProcessFile(source, true, true);
  return importedFiles.map(({ fileName }) => (fileName.startsWith('.') ? join(dirname(path), fileName) : fileName));
}

/** Every place where sources break a rule, as `file → target` or `file mentions …`. */
export function findBreaches({ from, to, mention, except }: Layer, sources: Sources): string[] {
  return [...sources].flatMap(([path, source]) => {
    if (!from.test(path)) return [];
    const imports = listImports(path, source).filter((target) => to?.test(target));
    const broken = imports.map((target) => `${path} → ${target}`).filter((edge) => !except?.test(edge));
    const [mentioned] = mention?.exec(source) ?? [];
    return mentioned === undefined ? broken : [...broken, `${path} mentions ${mentioned}`];
  });
}
