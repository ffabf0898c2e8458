// @databases none
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listArguments } from '../../openapi/generate/arguments.ts';
import { type Bundle, listOperations, type Operation } from '../../openapi/generate/bundle.ts';
import { renderFiles } from '../../openapi/generate/render.ts';
import { checkTypes } from '../helpers/process.ts';
import { copyProject, type ProjectCopy } from '../helpers/project-copy.ts';
import { isSoak } from '../helpers/soak.ts';
import { bundle } from './documented.ts';

const item = '/v1/oauth-apps/{id}';
const app = { 'application/json': { schema: { $ref: '#/components/schemas/OAuthApp' } } };
const text = { 'text/plain': { schema: { type: 'string' } } };
const idParameter = { $ref: '#/components/parameters/OAuthAppId' };

/** Operations, each with a success of another kind: its method, its status, its content and the type of its data. */
const kinds = [
  ['copyOAuthApp', 'post', 201, app, 'OAuthApp'],
  ['archiveOAuthApp', 'post', 202, undefined, 'undefined'],
  ['lockOAuthApp', 'put', 204, undefined, 'undefined'],
  ['partOAuthApp', 'get', 206, app, 'OAuthApp'],
  ['exportOAuthApp', 'get', 200, text, 'string'],
  ['touchOAuthApp', 'post', 200, undefined, 'undefined'],
] as const;

/** Returns an operation with one success and the errors that a handler may return. */
function makeOperation(operationId: string, status: number, content: object | undefined): Operation {
  const success = { description: 'Done.', ...(content && { content }) };
  const errors = {
    401: { $ref: '#/components/responses/Unauthorized' },
    404: { $ref: '#/components/responses/NotFound' },
  };
  const words = {
    operationId,
    tags: ['OAuth apps'],
    summary: 'Do it',
    description: 'Does it.',
    security: [{ BearerAuth: ['read'] }],
  };
  return { ...words, parameters: [idParameter], responses: { [status]: success, ...errors } } as Operation;
}

const extended: Bundle = structuredClone(bundle);
for (const [operationId, method, status, content] of kinds) {
  extended.paths[`${item}/${operationId}`] = { [method]: makeOperation(operationId, status, content) };
}

/** Handlers of the operations. */
const handlers = `    copyOAuthApp: async ({ caller, path }) => {
      const app = await store.findApp(caller.accountId, path.id);
      return app === undefined ? reject('NotFound') : { status: 201, body: show(app) };
    },
    archiveOAuthApp: async () => ({ status: 202 }),
    lockOAuthApp: async () => ({ status: 204 }),
    partOAuthApp: async ({ caller, path }) => {
      const app = await store.findApp(caller.accountId, path.id);
      return app === undefined ? reject('NotFound') : { status: 206, body: show(app) };
    },
    exportOAuthApp: async () => ({ status: 200, mediaType: 'text/plain', text: 'a text' }),
    touchOAuthApp: async () => ({ status: 200 }),
`;

/** A program that calls the operations of a server, and prints the data that it gets. */
const program = `import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createOAuthAppsClient, type OAuthApp } from './client/index.ts';
import { createApp, createLog, hashToken, loadKeyRing, makeKeyLine, mintToken, openStore } from './server/index.ts';

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
client.archiveOAuthApp(id, {}).catch(() => {});
console.log(JSON.stringify({ ${kinds.map(([name]) => name).join(', ')} }));
server.close();
server.closeAllConnections();
await store.close();
`;

describe('an operation with a success of another kind', () => {
  let copy: ProjectCopy;
  const compile = async () => {
    const { stdout } = await copy.run([...checkTypes, '--pretty', 'false']);
    return stdout.split('\n').filter((line) => line.includes('error TS'));
  };

  beforeAll(async () => {
    copy = await copyProject(
      'openapi',
      'generated',
      'server',
      'client',
      'test/conformance',
      'package.json',
      'tsconfig.json',
    );
    const files = await renderFiles(extended);
    for (const [name, content] of files) await copy.write(`generated/${name}`, content);
    await copy.write('program.ts', program);
    const { compilerOptions } = JSON.parse(await copy.read('tsconfig.json'));
    const include = ['server', 'client', 'program.ts'];
    await copy.write('tsconfig.json', JSON.stringify({ compilerOptions, include }));
  });
  afterAll(() => copy[Symbol.asyncDispose]());

  // `new-operation.test.ts` shows it in the short form.
  it.runIf(isSoak)('lacks only its handler to compile', async () => {
    expect(await compile()).toEqual([
      expect.stringMatching(/^server\/oauth-apps\/handlers\.ts.*is missing the following properties from type/),
    ]);
  });

  it('is served, and typed in the client, as described', async () => {
    const before = '    async deleteOAuthApp(request) {';
    await copy.edit('server/oauth-apps/handlers.ts', before, `${handlers}${before}`);
    const [errors, { stdout, stderr }] = await Promise.all([compile(), copy.run(['node', 'program.ts'])]);
    expect(errors).toEqual([]);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({
      copyOAuthApp: expect.objectContaining({ name: 'c' }),
      partOAuthApp: expect.objectContaining({ name: 'c' }),
      exportOAuthApp: 'a text',
    });
  });
});

describe('the arguments of a client method', () => {
  const paths = ['/v1/things', '/v1/things/{id}', '/v1/things/{id}/parts/{part}', '/v1/things/{id}/archive'];
  const cases = paths.flatMap((path) =>
    (['get', 'put', 'post', 'patch', 'delete'] as const).map((method) => ({ path, method })),
  );
  const optional = { in: 'query', name: 'expand', schema: { type: 'string' } };
  const additions: [string, object][] = [
    ['a query parameter', { parameters: [optional] }],
    ['a header', { parameters: [{ ...optional, in: 'header' }] }],
    ['a body', { requestBody: { content: app } }],
    ['all of them', { parameters: [optional, { ...optional, in: 'header' }], requestBody: { content: app } }],
  ];

  it.each(additions)('keep their places when the first optional one is %s', (_name, addition) => {
    for (const { path, method } of cases) {
      const names = Array.from(path.matchAll(/\{(\w+)\}/g), ([, name = '']) => name);
      const inPath = names.map((name) => ({ in: 'path', name, required: true, schema: { type: 'string' } }));
      const list = (more: { parameters?: object[] }) => {
        const operation = { ...makeOperation('doIt', 200, app), ...more };
        const parameters = [...inPath, ...(more.parameters ?? [])];
        const copy = { ...bundle, paths: { [path]: { [method]: { ...operation, parameters } } } } as Bundle;
        const [only] = listOperations(copy);
        return only && listArguments(only).map(({ name, isOptional }) => `${name}${isOptional ? '?' : ''}`);
      };
      expect(list(addition), `${method} ${path}`).toEqual(list({}));
    }
  });
});
