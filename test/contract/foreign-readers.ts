/** Tools of others that read the description and are installed together. `openapi/tools.md` has their verdicts. */

/** The packages by name, with the versions of the table. */
export const readerPackages = [
  ...['openapi-typescript-codegen@0.31.0', 'openapi-zod-client@1.18.3', 'oazapfts@7.5.0', 'typed-openapi@2.2.7'],
  ...['openapi-client-axios@7.9.1', '@apidevtools/swagger-parser@13.1.0', '@readme/openapi-parser@9.0.0'],
  ...['oas-normalize@17.0.1', 'openapi-sampler@1.7.9', 'openapi-snippet@0.14.0', 'openapi-response-validator@12.1.3'],
  ...['widdershins@4.0.1', 'openapi-enforcer@1.23.0', 'openapi-backend@5.21.2'],
];
/** Packages that generated code imports. */
export const readerPeers = ['axios@1.21.1', '@oazapfts/runtime@1', '@zodios/core@10', 'zod@3'];

/**
 * A module that tries each tool on `3.1.json` and `3.0.json` and prints a line of JSON for each: its name and, by version,
 * whether it reads the description. It has `BASE` and `TOKEN`, where an app matches the filter `FILTER`.
 */
export const readerProgram = `import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
const headers = { Authorization: 'Bearer ' + TOKEN };
const { data } = await (await fetch(BASE + '/v1/oauth-apps?metadata=' + encodeURIComponent(FILTER), { headers })).json();
const [app] = data;
const read = (v) => JSON.parse(readFileSync(v + '.json', 'utf8'));
const check = (isRight, text) => { if (!isRight) throw new Error(text); };
const run = (...words) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  check(status === 0, words[0] + stdout + stderr);
};
const bin = (name, ...words) => run('node_modules/.bin/' + name, ...words);
const flags = '--noEmit --strict --skipLibCheck --target es2022 --module esnext --moduleResolution bundler --allowImportingTsExtensions';
const compile = (file) => run('node_modules/typescript/bin/tsc', ...flags.split(' '), file);
const load = async (name) => { const all = await import(name); return all.default?.default ?? all.default ?? all; };
const operation = (v) => read(v).paths['/v1/oauth-apps/{id}'].get;
const tools = {
  'openapi-typescript-codegen': (v) => { bin('openapi', '-i', v + '.json', '-o', 'codegen' + v); compile('codegen' + v + '/index.ts'); },
  'openapi-zod-client': (v) => { bin('openapi-zod-client', v + '.json', '-o', 'zod' + v + '.ts'); compile('zod' + v + '.ts'); },
  oazapfts: (v) => { bin('oazapfts', v + '.json', 'oazapfts' + v + '.ts'); compile('oazapfts' + v + '.ts'); },
  'typed-openapi': (v) => { bin('typed-openapi', v + '.json', '-o', 'typed' + v + '.ts'); compile('typed' + v + '.ts'); },
  async 'openapi-client-axios'(v) {
    const { OpenAPIClientAxios } = await import('openapi-client-axios');
    const client = await new OpenAPIClientAxios({ definition: read(v) }).init();
    Object.assign(client.defaults, { baseURL: BASE, headers });
    const response = await client.listOAuthApps({ metadata: FILTER });
    check(response.data.data[0]?.name === app.name, JSON.stringify(response.data));
  },
  '@apidevtools/swagger-parser': async (v) => (await load('@apidevtools/swagger-parser')).validate(v + '.json'),
  async '@readme/openapi-parser'(v) {
    const result = await (await import('@readme/openapi-parser')).validate(read(v));
    check(result.valid && !result.warnings?.length, JSON.stringify(result));
  },
  async 'oas-normalize'(v) { await new (await load('oas-normalize'))(read(v)).validate(); },
  async 'openapi-sampler'(v) {
    check((await load('openapi-sampler')).sample(read(v).components.schemas.OAuthApp, {}, read(v)).client_id);
  },
  async 'openapi-snippet'(v) {
    const { snippets } = (await load('openapi-snippet')).getEndpointSnippets(read(v), '/v1/oauth-apps', 'get', ['shell_curl']);
    check(/curl/.test(snippets[0].content));
  },
  async 'openapi-response-validator'(v) {
    const validator = new (await load('openapi-response-validator'))({ responses: operation(v).responses, components: read(v).components });
    const violations = validator.validateResponse(200, app);
    check(violations === undefined, JSON.stringify(violations));
  },
  widdershins: (v) => { bin('widdershins', v + '.json', '-o', 'page' + v + '.md'); check(/listOAuthApps/.test(readFileSync('page' + v + '.md', 'utf8'))); },
  async 'openapi-enforcer'(v) {
    const [description, violation] = await (await load('openapi-enforcer'))(read(v), { fullResult: true });
    check(!violation, String(violation));
    const { schema } = description.paths['/v1/oauth-apps/{id}'].get.responses[200].content['application/json'];
    const [value, other] = schema.deserialize(app);
    check(!other && !schema.validate(value), String(other));
  },
  async 'openapi-backend'(v) {
    const { OpenAPIBackend } = await import('openapi-backend');
    const api = new OpenAPIBackend({ definition: read(v), strict: true });
    api.register('getOAuthApp', () => 1);
    await api.init();
    const { errors } = api.validateResponse(app, 'getOAuthApp', 200);
    check(!errors?.length, JSON.stringify(errors));
  },
};
for (const [name, tool] of Object.entries(tools)) {
  const verdicts = {};
  for (const v of ['3.1', '3.0']) {
    try { await tool(v); verdicts[v] = 'yes'; } catch (error) { verdicts[v] = 'no'; console.error(name, v, String(error).slice(0, 300)); }
  }
  process.stdout.write('verdict ' + JSON.stringify([name, verdicts['3.1'], verdicts['3.0']]) + '\\n');
}`;
