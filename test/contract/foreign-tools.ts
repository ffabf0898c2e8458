/** Tools of others that read the description. `openapi/tools.md` has their verdicts. */

/** A tool: the packages to install, the commands that generate from openapi.json, and a program that makes a call. */
export interface ForeignTool {
  readonly name: string;
  readonly packages: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
  readonly commands?: readonly (readonly string[])[];
  /** The generated files that have to compile. */
  readonly compiles?: readonly string[];
  /** A module that prints the names of the apps that match the filter `FILTER`, with `BASE` and `TOKEN`. */
  readonly program?: string;
}

const names = (apps: string) => `console.log(${apps}.map(({ name }) => name).join());`;
const read =
  "import { readFileSync } from 'node:fs';\nconst spec = JSON.parse(readFileSync('openapi.json', 'utf8'));\n";

export const foreignTools: readonly ForeignTool[] = [
  {
    name: 'hey-api',
    packages: ['@hey-api/openapi-ts@0.99.0'],
    commands: [['openapi-ts', '-i', 'openapi.json', '-o', 'heyapi', '-c', '@hey-api/client-fetch']],
    compiles: ['heyapi/index.ts'],
    program: `import { client } from './heyapi/client.gen.ts';
import { listOAuthApps } from './heyapi/sdk.gen.ts';
client.setConfig({ baseUrl: BASE, auth: () => TOKEN });
${names('(await listOAuthApps({ query: { metadata: FILTER } })).data!.data')}`,
  },
  {
    name: 'orval',
    packages: ['orval@8.38.0'],
    files: {
      'orval.config.mjs':
        "export default { api: { input: './openapi.json', output: { target: './orval.ts', client: 'fetch' } } };",
    },
    commands: [['orval', '--config', 'orval.config.mjs']],
    compiles: ['orval.ts'],
    program: `import { listOAuthApps } from './orval.ts';
const send = globalThis.fetch;
globalThis.fetch = (url, init) => send(BASE + new URL(String(url), BASE).pathname + new URL(String(url), BASE).search, init);
const { data } = await listOAuthApps({ metadata: FILTER }, { headers: { Authorization: 'Bearer ' + TOKEN } });
${names('(data as any).data')}`,
  },
  {
    name: 'kubb',
    packages: ['cli', 'core', 'plugin-oas', 'plugin-ts', 'plugin-client'].map((name) => `@kubb/${name}@4.39.3`),
    files: {
      'kubb.config.mjs': `import { defineConfig } from '@kubb/core';
import { pluginClient } from '@kubb/plugin-client';
import { pluginOas } from '@kubb/plugin-oas';
import { pluginTs } from '@kubb/plugin-ts';
const plugins = [pluginOas(), pluginTs(), pluginClient({ client: 'fetch', importPath: undefined })];
export default defineConfig({ input: { path: './openapi.json' }, output: { path: './kubb', clean: true }, plugins });`,
    },
    commands: [['kubb', 'generate', '--config', 'kubb.config.mjs']],
    compiles: ['kubb/index.ts'],
    program: `import { listOAuthApps } from './kubb/clients/listOAuthApps.ts';
const config = { baseURL: BASE, headers: { Authorization: 'Bearer ' + TOKEN } };
${names('((await listOAuthApps({ metadata: FILTER }, config as any)) as any).data')}`,
  },
  {
    name: 'swagger-typescript-api',
    packages: ['swagger-typescript-api@13.13.0'],
    commands: [['swagger-typescript-api', 'generate', '-p', 'openapi.json', '-o', 'sta', '-n', 'api.ts']],
    compiles: ['sta/api.ts'],
    program: `import { Api } from './sta/api.ts';
const headers = { Authorization: 'Bearer ' + TOKEN };
const { data } = await new Api({ baseUrl: BASE, baseApiParams: { headers } }).v1.listOAuthApps({ metadata: FILTER });
${names('data.data')}`,
  },
  {
    name: 'an MCP generator',
    packages: ['openapi-mcp-generator@4.0.1'],
    commands: [['openapi-mcp-generator', '--input', 'openapi.json', '--output', 'mcp', '--force']],
    program: `import { readFileSync } from 'node:fs';
const code = readFileSync('mcp/src/index.ts', 'utf8');
const [, schema = '{}'] = /name: "listOAuthApps".*?inputSchema: (\\{.*?\\}),\\n/s.exec(code) ?? [];
if (JSON.parse(schema).properties.metadata.type !== 'string') throw new Error(schema);
const response = await fetch(BASE + '/v1/oauth-apps?metadata=' + encodeURIComponent(FILTER), { headers: { Authorization: 'Bearer ' + TOKEN } });
${names('(await response.json()).data')}`,
  },
  {
    name: "Swagger UI's client",
    packages: ['swagger-client@3.38.4'],
    program: `${read}import SwaggerClient from 'swagger-client';
spec.servers = [{ url: BASE }];
const client = await SwaggerClient({ spec });
const securities = { authorized: { BearerAuth: { value: TOKEN } } };
const { body } = await client.execute({ operationId: 'listOAuthApps', parameters: { metadata: FILTER }, securities });
${names('body.data')}`,
  },
  {
    name: 'Scalar',
    packages: ['@scalar/openapi-parser@0.29.22'],
    program: `${read}import { validate } from '@scalar/openapi-parser';
const { valid, errors } = await validate(spec);
console.log(valid ? 'filtered' : JSON.stringify(errors));`,
  },
  {
    name: 'Postman',
    packages: ['openapi-to-postmanv2@6.3.3'],
    program: `${read}import converter from 'openapi-to-postmanv2';
const options = { parametersResolution: 'Example' };
const data = await new Promise((resolve, reject) =>
  converter.convertV2({ type: 'json', data: spec }, options, (error, result) => (error ? reject(error) : resolve(result))));
const list = (item) => (item.item ? item.item.flatMap(list) : [item]);
const { request } = list(data.output[0].data).find(({ name }) => /^List/.test(name));
const query = request.url.query.filter(({ key }) => !/provider|health/.test(key));
const search = new URLSearchParams(query.map(({ key, value }) => [key, key === 'metadata' ? FILTER : value]));
const response = await fetch(BASE + '/v1/oauth-apps?' + search, { headers: { Authorization: 'Bearer ' + TOKEN } });
${names('(await response.json()).data')}`,
  },
  {
    name: 'Spectral',
    packages: ['@stoplight/spectral-cli@6.16.3'],
    files: { '.spectral.yaml': 'extends: spectral:oas\n' },
    commands: [['spectral', 'lint', '--fail-severity=error', 'openapi.json']],
  },
];
