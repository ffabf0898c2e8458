// @databases none
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listStatements, provenanceTitle } from '../../openapi/docs/provenance.ts';
import { renderSamples, sampleLanguages } from '../../openapi/docs/samples.ts';
import { anchorOf } from '../../openapi/docs/schema-words.ts';
import type { Docs } from '../../server/http/public-pages.ts';
import { type OpenPage, openPage, startBrowser } from '../helpers/browser.ts';
import { run } from '../helpers/process.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import {
  bundle,
  chooseLanguage,
  getSection,
  listShownStatements,
  operations,
  readSample,
  readStatements,
} from './statements.ts';

const desktop = { viewport: { width: 1280, height: 900 } };
const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

const folder = await mkdtemp(join(tmpdir(), 'oauth-apps-docs-'));
let browser: Browser;
let server: TestServer;
let docs: Docs;

/** Builds the docs into a new folder and reads them. */
async function build(name: string): Promise<Docs> {
  const output = join(folder, name);
  expect(await run(['node', 'openapi/docs.ts', '--output', output])).toMatchObject({ code: 0, stderr: '' });
  expect((await readdir(output)).sort()).toEqual(['docs.md', 'index.html', 'llms.txt', 'typescript.md']);
  const read = (file: string) => readFile(join(output, file), 'utf8');
  return { page: await read('index.html'), markdown: await read('docs.md'), llms: await read('llms.txt') };
}

beforeAll(async () => {
  docs = await build('docs');
  browser = await startBrowser();
  server = await startServer({ docs });
});

afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** Opens the page of the app, or of another URL, and scrolls to its end. */
async function readDocs(options: BrowserContextOptions = desktop, url = `${server.url}/docs`) {
  const opened = await openPage(browser, url, options);
  for (const operation of operations) {
    const section = getSection(opened.page, operation);
    // Redoc renders an operation once it is near the viewport.
    await section.evaluate((element) => element.scrollIntoView());
    await section.locator('h2').waitFor({ state: 'attached' });
  }
  const end = opened.page.getByRole('heading', { name: provenanceTitle });
  await end.evaluate((element) => element.scrollIntoView());
  return opened;
}

test('a second build has the same bytes', async () => {
  expect(await build('again')).toEqual(docs);
});

describe.each([
  { device: 'desktop', options: desktop },
  { device: 'phone', options: phone },
])('on a $device the page', ({ options }) => {
  let opened: OpenPage;
  beforeAll(async () => {
    opened = await readDocs(options);
  });
  afterAll(() => opened[Symbol.asyncDispose]());

  test('shows its title and every operation', async () => {
    expect(await opened.page.title()).toBe(bundle.info.title);
    for (const operation of operations) {
      const heading = getSection(opened.page, operation).getByRole('heading', { name: operation.summary });
      await heading.scrollIntoViewIfNeeded();
      expect(await heading.isVisible(), operation.summary).toBe(true);
    }
  });

  test('shows method and path above the parameters', async () => {
    for (const operation of operations) {
      const target = `${operation.method.toUpperCase()} ${operation.path}`;
      const code = getSection(opened.page, operation).locator('code').first();
      expect(await code.textContent()).toBe(target);
    }
  });

  test('shows the provenance of every operation that is not documented', async () => {
    for (const operation of operations) {
      const provenance = getSection(opened.page, operation)
        .getByText(/^provenance: /)
        .first();
      const mark = operation['x-provenance'] as string;
      if (mark === 'documented') continue;
      await provenance.scrollIntoViewIfNeeded();
      expect(await provenance.isVisible(), operation.summary).toBe(true);
    }
    expect(await opened.page.getByText('Statements without a mark are documented.').count()).toBe(1);
  });

  test('shows the provenance of parameters, headers and properties', async () => {
    for (const operation of operations) {
      const shown = await readStatements(opened.page, operation);
      expect(shown).toEqual(expect.arrayContaining(listShownStatements(operation)));
      expect(shown.filter((line) => line.includes('provenance: documented'))).toEqual([]);
    }
  });

  test('has a section on authentication', async () => {
    const section = opened.page.locator('[data-section-id$="authentication" i]').first();
    await section.evaluate((element) => element.scrollIntoView());
    for (const scope of ['read', 'write', 'reveal']) {
      await section.getByText(`${scope}: `).waitFor();
      expect(await section.getByText(`${scope}: `).isVisible()).toBe(true);
    }
  });

  test('shows every operation in every language', async () => {
    const samples = renderSamples(bundle, 'oauth-apps-contract');
    for (const { label } of sampleLanguages) {
      await chooseLanguage(opened.page, label);
      for (const operation of operations) {
        const sample = samples.get(operation.operationId)?.find((one) => one.label === label);
        // The page of a server has samples for that server.
        const source = sample?.source.replaceAll(bundle.servers?.[0]?.url ?? '', server.url);
        expect((await readSample(opened.page, operation)).trim()).toBe(source?.trim());
      }
    }
  });

  test('lists every statement under its provenance', async () => {
    const section = opened.page.locator(`[data-section-id="/${anchorOf(provenanceTitle)}"]`);
    await section.evaluate((element) => element.scrollIntoView());
    await section.getByText('Marked').last().waitFor();
    const shown = (await section.innerText()).replaceAll(/\s+/g, ' ');
    const [, documented = '', inferred = '', extension = ''] = shown.split(/Marked \w+/);
    for (const { grade, owner, name } of listStatements(bundle)) {
      const list = { documented, inferred, extension }[grade];
      expect(list).toMatch(new RegExp(`${owner}\\b.*\\b${name.replaceAll('`', '')}\\b`));
    }
  });

  test('loads without further requests and errors', () => {
    expect(opened.requests).toEqual([opened.url]);
    expect(opened.errors).toEqual([]);
  });

  test('is no wider than the window', async () => {
    const { width, outside } = await opened.page.evaluate(() => ({
      width: document.documentElement.scrollWidth,
      // Code may be wider than its box, which then scrolls.
      outside: [...document.querySelectorAll('[data-section-id] *')].filter(
        (element) => !element.closest('pre') && element.getBoundingClientRect().right > window.innerWidth,
      ).length,
    }));
    expect({ width, outside }).toEqual({ width: options.viewport.width, outside: 0 });
  });
});

test('the file works without a server', async () => {
  await using opened = await readDocs(desktop, pathToFileURL(join(folder, 'docs/index.html')).href);
  const [first] = operations;
  expect(first && (await readSample(opened.page, first))).toContain(bundle.servers?.[0]?.url);
  expect(opened.requests).toEqual([opened.url]);
  expect(opened.errors).toEqual([]);
});

test('without its policy the page loads no foreign resource', async () => {
  await using opened = await readDocs({ ...desktop, bypassCSP: true });
  const hosts = new Set(opened.requests.map((url) => new URL(url).origin));
  expect([...hosts]).toEqual([server.url]);
});

test('the policy of the page blocks requests', async () => {
  await using opened = await openPage(browser, `${server.url}/docs`);
  await opened.page.evaluate(() => fetch('/openapi.json').catch(() => undefined));
  expect(opened.errors.join()).toContain('Content Security Policy');
});

test('the page contains its favicon', async () => {
  await using opened = await openPage(browser, `${server.url}/docs`);
  const icon = opened.page.locator('link[rel=icon]');
  expect(await icon.getAttribute('href')).toMatch(/^data:image\/svg\+xml,/);
});

test('the search finds every operation', async () => {
  await using opened = await readDocs();
  await opened.page.keyboard.press('Control+k');
  const dialog = opened.page.getByTestId('search-dialog');
  for (const { method, path, summary } of operations) {
    await dialog.getByRole('textbox').fill(summary);
    await dialog.getByRole('link', { name: `${method.toUpperCase()} ${path} ${summary}` }).waitFor();
  }
  expect(opened.errors).toEqual([]);
});
