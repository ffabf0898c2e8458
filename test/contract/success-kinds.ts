/** Operations, each with a success of another kind, as an author of the description would add them with their handlers. */
import type { ProjectCopy } from '../helpers/project-copy.ts';

const app = {
  'application/json': {
    schema: { $ref: '../components/schemas/OAuthApp.yaml' },
    examples: { OAuthApp: { $ref: '../components/examples/OAuthApp.yaml' } },
  },
};
const text = { 'text/plain': { schema: { type: 'string' }, examples: { Text: { value: 'a text' } } } };

/** Operations: name, method, status, content and the type of its data. */
const kinds = [
  ['copyOAuthApp', 'post', 201, app, 'OAuthApp'],
  ['queueOAuthApp', 'post', 202, undefined, 'undefined'],
  ['lockOAuthApp', 'put', 204, undefined, 'undefined'],
  ['partOAuthApp', 'get', 206, app, 'OAuthApp'],
  ['exportOAuthApp', 'get', 200, text, 'string'],
  ['touchOAuthApp', 'post', 200, undefined, 'undefined'],
] as const;

const component = (kind: string, name: string) => ({ $ref: `../components/${kind}/${name}.yaml` });

/** Returns the path of an operation with one success and the errors that a handler may return. */
function describePath([operationId, method, status, content]: (typeof kinds)[number]): object {
  const errors = { 401: component('responses', 'Unauthorized'), 404: component('responses', 'NotFound') };
  const operation = {
    operationId,
    tags: ['Kinds'],
    summary: 'Do it',
    description: 'Does it.',
    'x-provenance': 'extension',
    security: [{ BearerAuth: ['read'] }],
    responses: { [status]: { description: 'Done.', 'x-provenance': 'extension', content }, ...errors },
  };
  return { parameters: [component('parameters', 'OAuthAppId')], [method]: operation };
}

/** Handlers of the operations, as server/kinds.ts. */
const handlers = `import { createView } from './oauth-apps/view.ts';
import type { HandlersOf } from './operation-types.ts';
import { reject } from './problem.ts';
import type { HandlerDeps } from './resource/handler-deps.ts';
import { secretStates } from './resource/secrets.ts';

export function kinds({ store, keyRing }: HandlerDeps): HandlersOf<'Kinds'> {
  const { show } = createView(keyRing, secretStates(keyRing, () => {}));
  return {
    copyOAuthApp: async ({ caller, path }) => {
      const app = await store.findApp(caller.accountId, path.id);
      return app === undefined ? reject('NotFound') : { status: 201, body: show(app) };
    },
    queueOAuthApp: async () => ({ status: 202 }),
    lockOAuthApp: async () => ({ status: 204 }),
    partOAuthApp: async ({ caller, path }) => {
      const app = await store.findApp(caller.accountId, path.id);
      return app === undefined ? reject('NotFound') : { status: 206, body: show(app) };
    },
    exportOAuthApp: async () => ({ status: 200, mediaType: 'text/plain', text: 'a text' }),
    touchOAuthApp: async () => ({ status: 200 }),
  };
}
`;

/** A program that calls the operations of a server, and prints the data that it gets. */
const program = `import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp, createLog, hashToken, loadKeyRing, makeKeyLine, mintToken, openStore } from '../server/index.ts';
import { createOAuthAppsClient, type OAuthApp } from './index.ts';

const [store, now, token] = [await openStore('sqlite::memory:'), new Date(), mintToken()];
const keyRing = loadKeyRing(makeKeyLine(now), now);
const createdAt = now.toISOString();
await store.addToken({ id: 'a', accountId: 'a', hash: hashToken(token), scopes: ['read', 'write'], createdAt });
const server = createServer(await createApp({ store, keyRing, log: createLog('error') })).listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));
const { port } = server.address() as AddressInfo;
const client = createOAuthAppsClient({ baseUrl: \`http://127.0.0.1:\${port}\`, token });
const { id } = await client.createOAuthApp({ provider: 'stripe', client_id: 'a', client_secret: 'b', name: 'c' });
${kinds.map(([name, , , , type]) => `const ${name}: ${type} = await client.${name}(id);\n`).join('')}
// @ts-expect-error An operation without a body takes none.
client.queueOAuthApp(id, {}).catch(() => {});
console.log(JSON.stringify({ ${kinds.map(([name]) => name).join(', ')} }));
server.close();
server.closeAllConnections();
await store.close();
`;

/** The program, within the copy. */
export const kindsProgram = 'client/call-kinds.ts';

/** Adds the operations to the description of a copy, with a tag of their own, their handlers and the program. */
export async function addKinds(copy: ProjectCopy): Promise<void> {
  for (const kind of kinds) {
    // JSON is YAML.
    await copy.write(`openapi/paths/v1_oauth-apps_{id}_${kind[0]}.yaml`, JSON.stringify(describePath(kind)));
    const path = `  /v1/oauth-apps/{id}/${kind[0]}:\n    $ref: paths/v1_oauth-apps_{id}_${kind[0]}.yaml\n`;
    await copy.edit('openapi/openapi.yaml', 'paths:\n', `paths:\n${path}`);
  }
  await copy.edit('openapi/openapi.yaml', 'tags:\n', 'tags:\n  - name: Kinds\n    description: Other successes.\n');
  await copy.write('server/kinds.ts', handlers);
  await copy.edit('server/handlers.ts', '...oauthApps(deps)', '...oauthApps(deps), ...kinds(deps)');
  await copy.edit('server/handlers.ts', 'import ', "import { kinds } from './kinds.ts';\nimport ");
  await copy.write(kindsProgram, program);
}
