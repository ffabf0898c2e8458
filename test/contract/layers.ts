/** The dependency rules of the project: which files may import or mention what. */
import { dirname, join } from 'node:path/posix';
import ts from 'typescript';

/** Source texts by path from the root of the project, with `/`. */
export type Sources = ReadonlyMap<string, string>;

/** A dependency rule. */
export interface Layer {
  /** The rule as a sentence. */
  name: string;
  /** Matches the paths of the files that the rule is for. */
  from: RegExp;
  /** Matches forbidden imports: a path from the root, or the name of a package. */
  to?: RegExp;
  /** Matches forbidden text. */
  mention?: RegExp;
  /** Matches allowed imports, as `file → target`. */
  except?: RegExp;
  /** The path and the source of a file that violates the rule. */
  violation: [path: string, source: string];
}

/** Every folder of the server that is not one of the others. */
const resources = /^server\/(?!(commands|http|keys|process|store|validation)\/)[\w-]+\//;
const product = /^(client|generated|server)\//;

export const layers: Layer[] = [
  {
    name: 'client does not import server',
    from: /^client\//,
    to: /^server\//,
    violation: ['client/x.ts', "import { mask } from '../server/oauth-apps/view.ts';"],
  },
  {
    name: 'server does not import client',
    from: /^server\//,
    to: /^client\//,
    violation: ['server/store/x.ts', "export { ProblemError } from '../../client/index.ts';"],
  },
  {
    name: 'generated imports nothing else of the project',
    from: /^generated\//,
    to: /^(?!generated\/)\w+\//,
    violation: ['generated/x.ts', "import '../client/index.ts';"],
  },
  {
    name: 'product code uses the bundle, not the YAML',
    from: product,
    to: /^openapi\//,
    mention: /\.ya?ml['"`]/,
    violation: ['server/x.ts', "await readFile('openapi/openapi.yaml');"],
  },
  {
    name: 'nothing imports YAML',
    from: /./,
    to: /\.ya?ml$/,
    violation: ['test/x.ts', "await import('../openapi/openapi.yaml');"],
  },
  {
    name: 'only server/validation imports express-openapi-validator',
    from: /^(client|generated|openapi|server\/(?!validation\/))/,
    to: /^express-openapi-validator(\/|$)/,
    violation: [
      'server/http/x.ts',
      "import type { NotFound } from 'express-openapi-validator/dist/framework/types.js';",
    ],
  },
  {
    name: 'resources import neither Express nor server/http',
    from: resources,
    to: /^(express(\/|$)|server\/http\/)/,
    violation: ['server/oauth-apps/x.ts', "import { send } from '../http/send.ts';"],
  },
  {
    name: 'resources import only the interface of the store',
    from: resources,
    to: /^server\/store\/(?!store\.ts$)/,
    violation: ['server/oauth-apps/x.ts', "import { openStore } from '../store/open-store.ts';"],
  },
  {
    name: 'server/http imports only interface and deadline of the store',
    from: /^server\/http\//,
    to: /^server\/store\/(?!(store|deadline)\.ts$)/,
    violation: ['server/http/x.ts', "import { retry } from '../store/retry.ts';"],
  },
  {
    name: 'server/store imports neither HTTP nor the description',
    from: /^server\/store\//,
    to: /^(express(\/|$)|generated\/|server\/(http|oauth-apps|resource|validation)\/|server\/(app|description|problem)\.ts$)/,
    violation: ['server/store/migrations/x.ts', "import { reject } from '../../problem.ts';"],
  },
  {
    name: 'only the configuration and the entries read the environment',
    from: /^(client|generated|server\/(?!config\.ts$))/,
    mention: /\bprocess\.env\b|from 'node:process'/,
    violation: ['server/oauth-apps/x.ts', 'const mask = process.env.MASK;'],
  },
  {
    name: 'nothing imports the process entry',
    from: /^(?!server\/(dev\.ts|start\.js)$)/,
    to: /^server\/(main\.ts|start\.js)$/,
    violation: ['test/server/x.ts', "await import('../../server/main.ts');"],
  },
  {
    name: 'product code does not import tests',
    from: /^(client|generated|openapi|server)\//,
    to: /^test\//,
    // The conformance suite is a product, which the command `verify` runs.
    except: /^server\/commands\/verify[\w-]*\.ts → test\/conformance\/index\.ts$/,
    violation: ['client/x.ts', "import type { TestServer } from '../test/helpers/server.ts';"],
  },
  {
    name: 'conformance imports neither server nor client',
    from: /^test\/conformance\//,
    to: /^(server|client)\//,
    violation: ['test/conformance/x.ts', "import { createOAuthAppsClient } from '../../client/index.ts';"],
  },
];

/** Lists the imports of a file, types and dynamic imports included: paths from the root, or names of packages. */
export function listImports(path: string, source: string): string[] {
  const { importedFiles } = ts.preProcessFile(source, true, true);
  return importedFiles.map(({ fileName }) => (fileName.startsWith('.') ? join(dirname(path), fileName) : fileName));
}

/** Finds the violations of a rule, as `file → target` or `file mentions …`. */
export function findViolations({ from, to, mention, except }: Layer, sources: Sources): string[] {
  return [...sources].flatMap(([path, source]) => {
    if (!from.test(path)) return [];
    const imports = listImports(path, source).filter((target) => to?.test(target));
    const forbidden = imports.map((target) => `${path} → ${target}`).filter((edge) => !except?.test(edge));
    const [mentioned] = mention?.exec(source) ?? [];
    return mentioned === undefined ? forbidden : [...forbidden, `${path} mentions ${mentioned}`];
  });
}
