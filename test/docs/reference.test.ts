// @databases none
import { describe, expect, test } from 'vitest';
import { docsFiles } from '../../openapi/docs/build.ts';
import { readGuides } from '../../openapi/docs/guides.ts';
import { renderLlms } from '../../openapi/docs/llms.ts';
import { renderReference } from '../../openapi/docs/reference.ts';
import { renderSamples } from '../../openapi/docs/samples.ts';
import { tableOf } from '../../openapi/docs/schema-words.ts';
import { deref, type Schema } from '../../openapi/generate/bundle.ts';
import { startServer } from '../helpers/server.ts';
import { bundle, operations } from './statements.ts';

const packageName = 'oauth-apps-contract';
const guides = await readGuides();
const reference = renderReference(bundle, packageName, guides);
const llms = renderLlms(bundle, docsFiles, guides);
/** Removes code blocks, whose lines may look like headings and tables. */
const prose = (text: string) => text.replaceAll(/^```.*?^```/gms, '');
/** The anchors of the headings, as GitHub renders them. */
const anchors = [...prose(reference).matchAll(/^#+ ([A-Za-z ]+)$/gm)].map(([, heading = '']) =>
  heading.toLowerCase().replaceAll(' ', '-'),
);

/** Returns the text under a heading of the third level. */
const getSection = (heading: string) => reference.split(`\n### ${heading}\n`)[1]?.split(/^##?#? /m)[0] ?? '';
const findRows = (text: string, first: string) => text.split('\n').filter((line) => line.startsWith(`| ${first} |`));

/** Lists the properties of a schema or of the schema it refers to. */
function listProperties(schema: Schema): [string, Schema][] {
  const { properties = {} } = deref<Schema>(bundle, schema);
  return Object.entries(properties as Record<string, Schema>);
}

describe.each(operations)('the section of $operationId', (operation) => {
  const section = getSection(operation.summary);
  const { method, path, description, parameters, requestBody, responses, security } = operation;

  test('begins with request line, scopes and description', () => {
    const [line = '', ...rest] = section.trim().split('\n');
    expect(line).toContain(`\`${method.toUpperCase()} ${path}\` · \`${operation.operationId}\``);
    expect(line).toContain(`scope \`${security[0]?.BearerAuth?.join()}\` · ${operation['x-provenance']}`);
    expect(rest.join('\n')).toContain(description.trim());
  });

  test('has a row for every parameter and field', () => {
    for (const { name, in: place, schema } of parameters) {
      const [row = ''] = findRows(section, `\`${name}\``);
      expect(row).toContain(`| ${place} |`);
      for (const value of deref<Schema>(bundle, schema).enum ?? []) expect(row).toContain(`\`${value}\``);
    }
    for (const [name, property] of listProperties(requestBody?.content['application/json']?.schema ?? {})) {
      const [row = ''] = findRows(section, `\`${name}\``);
      const limits = Object.entries(deref<Schema>(bundle, property)).filter(([keyword]) => /[mM]ax/.test(keyword));
      expect(limits.length, name).toBe(limits.filter(([, limit]) => row.includes(String(limit))).length);
      expect(row).toContain(String(property['x-provenance']));
    }
  });

  test('has every status, example and sample', () => {
    for (const [status, { content = {} }] of Object.entries(responses)) {
      const isProblem = 'application/problem+json' in content;
      if (isProblem) expect(findRows(section, status)).toHaveLength(1);
      else expect(section).toContain(`\n#### ${status}\n`);
    }
    const shown = [...section.matchAll(/^```json\n(.*?)^```/gms)].map(([, text = '']) => JSON.parse(text));
    const bodies = [requestBody, responses[200]].flatMap((message) => Object.values(message?.content ?? {}));
    const examples = bodies.flatMap((body) => Object.values(body.examples ?? {}));
    expect(shown).toEqual(examples.map((example) => deref<{ value: unknown }>(bundle, example).value));
    for (const { source } of renderSamples(bundle, packageName).get(operation.operationId) ?? []) {
      expect(section).toContain(source);
    }
  });
});

describe('docs.md', () => {
  test('has tables with equally long rows', () => {
    const tables = prose(reference).match(/(?:^\|.*\n)+/gm) ?? [];
    const widths = tables.map(
      (table) =>
        new Set(
          table
            .trim()
            .split('\n')
            .map((row) => row.split(/(?<!\\)\|/).length),
        ),
    );
    expect(widths.length).toBeGreaterThan(operations.length);
    for (const width of widths) expect(width.size).toBe(1);
  });

  test('escapes line breaks and pipes in cells', () => {
    const [, , row] = tableOf(['Name', 'Form'], [['a', 'one\n|  two\n']]).split('\n');
    expect(row).toBe('| a | one \\| two |');
  });

  test('has one heading for every link', () => {
    const links = [...reference.matchAll(/\]\(#([^)]*)\)/g)].map(([, anchor = '']) => anchor);
    expect(links.length).toBeGreaterThan(operations.length);
    for (const link of links) expect(anchors.filter((anchor) => anchor === link)).toEqual([link]);
  });

  test('has a row for every property of a response', () => {
    for (const schema of Object.values(bundle.components.schemas)) {
      const section = getSection(String(schema.title));
      if (section === '') continue;
      for (const [name, property] of listProperties(schema)) {
        expect(findRows(section, `\`${name}\``).join()).toContain(String(property['x-provenance']));
      }
    }
    expect(getSection('OAuthApp')).toContain('`client_secret`');
  });

  test('has the guides and a section on authentication', () => {
    for (const { title, text } of [guides.authentication, ...guides.subjects]) {
      const [, section = ''] = reference.split(`\n## ${title}\n`);
      expect(section.split('\n## ')[0]).toContain(text);
    }
    for (const { title } of guides.subjects) expect(llms).toContain(`- [${title}](`);
  });

  test('explains every type of problem', () => {
    for (const { value } of Object.values(bundle.components.examples)) {
      const { type } = (value ?? {}) as { type?: string };
      if (type?.startsWith('urn:')) expect(reference).toContain(`| \`${type}\` |`);
    }
  });
});

describe('llms.txt', () => {
  test('has title, summary and lists of links', () => {
    const [head = '', ...lists] = llms.split(/^## .*\n/m);
    expect(head.startsWith(`# ${bundle.info.title}\n\n> ${bundle.info.summary}\n`)).toBe(true);
    expect(head.match(/^#/gm)).toHaveLength(1);
    expect(lists.length).toBeGreaterThan(1);
    for (const line of lists.flatMap((list) => list.trim().split('\n'))) expect(line).toMatch(/^- \[.+\]\(.+\): .+$/);
  });

  test('has only links that the server serves', async () => {
    await using server = await startServer({
      docs: { page: '<html></html>', markdown: reference, llms, typescript: '' },
    });
    const links = [...llms.matchAll(/\]\(([^)]+)\)/g)].map(([, link = '']) => new URL(link, `${server.url}/llms.txt`));
    expect(links.length).toBeGreaterThan(operations.length);
    for (const link of links) {
      expect((await fetch(link)).status, link.pathname).toBe(200);
      if (link.hash) expect(anchors).toContain(link.hash.slice(1));
    }
  });
});
