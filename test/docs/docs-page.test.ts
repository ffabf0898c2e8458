// @databases none
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildDocs, docsFiles } from '../../openapi/docs/build.ts';
import { readGuides } from '../../openapi/docs/guides.ts';
import { listStatements, provenanceTitle } from '../../openapi/docs/provenance.ts';
import { renderSamples, sampleLanguages } from '../../openapi/docs/samples.ts';
import { anchorOf } from '../../openapi/docs/schema-words.ts';
import type { Docs } from '../../server/http/public-pages.ts';
import { rulesOfRedoc, runAxe } from '../helpers/axe.ts';
import { type OpenPage, openPage, startBrowser } from '../helpers/browser.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { isSoak } from '../helpers/soak.ts';
import { readBlocks, shownServer } from './programs.ts';
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
const tablet = { viewport: { width: 768, height: 1024 } };
const dark = { colorScheme: 'dark' } as const;

/** The screens that are checked. All widths have both colors in the long form. */
const screens = [
  { name: 'a phone', options: phone },
  { name: 'a desktop in the dark', options: { ...desktop, ...dark } },
  ...(isSoak
    ? [
        { name: 'a desktop', options: desktop },
        { name: 'a tablet', options: tablet },
        { name: 'a tablet in the dark', options: { ...tablet, ...dark } },
        { name: 'a phone in the dark', options: { ...phone, ...dark } },
      ]
    : []),
];

const folder = await mkdtemp(join(tmpdir(), 'oauth-apps-docs-'));
let browser: Browser;
let server: TestServer;
let docs: Docs;
const guides = await readGuides();

beforeAll(async () => {
  await buildDocs({ output: folder });
  const read = (file: string) => readFile(join(folder, file), 'utf8');
  const { page, markdown, llms } = docsFiles;
  docs = { page: await read(page), markdown: await read(markdown), llms: await read(llms) };
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
  // Sections that are rendered on the way make the page longer.
  while ((await end.count()) === 0) {
    await opened.page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    await opened.page.waitForTimeout(50);
  }
  await end.evaluate((element) => element.scrollIntoView());
  return opened;
}

describe('on a desktop the page', () => {
  let opened: OpenPage;
  beforeAll(async () => {
    opened = await readDocs();
  });
  afterAll(() => opened[Symbol.asyncDispose]());

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
    expect(await opened.page.getByText('what has no mark is').count()).toBe(1);
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

  test('has the guides, with samples for its server', async () => {
    for (const { title, text } of guides.subjects) {
      const section = opened.page.locator(`[data-section-id="/${anchorOf(title)}"]`);
      await section.evaluate((element) => element.scrollIntoView());
      const blocks = readBlocks(text, title).map(({ source }) => source.replaceAll(shownServer, server.url).trim());
      await section
        .locator('pre')
        .nth(blocks.length - 1)
        .waitFor();
      expect((await section.locator('pre').allTextContents()).map((block) => block.trim())).toEqual(blocks);
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

  test('contains its favicon', async () => {
    const icon = opened.page.locator('link[rel=icon]');
    expect(await icon.getAttribute('href')).toMatch(/^data:image\/svg\+xml,/);
  });

  test('has a search that finds operations and guides at once', async () => {
    expect(docs.page).not.toMatch(/setTimeout\(\(\)=>\w+\(\w+\),500\);return\(\)=>clearTimeout/);
    await opened.page.keyboard.press('Control+k');
    const dialog = opened.page.getByTestId('search-dialog');
    const names = operations.map(({ method, path, summary }) => [
      summary,
      `${method.toUpperCase()} ${path} ${summary}`,
    ]);
    for (const [text = '', name = ''] of [...names, ...guides.subjects.map(({ title }) => [title, title])]) {
      await dialog.getByRole('textbox').fill(text);
      await dialog.getByRole('link', { name }).first().waitFor();
    }
  });

  test('sends nothing, not even when a script asks', async () => {
    expect(opened.requests).toEqual([opened.url]);
    expect(opened.errors).toEqual([]);
    await opened.page.evaluate(() => fetch('/openapi.json').catch(() => undefined));
    expect(opened.errors.join()).toContain('Content Security Policy');
  });
});

describe.each(screens)('on $name the page', ({ options }) => {
  let opened: OpenPage;
  beforeAll(async () => {
    opened = await readDocs(options);
  });
  afterAll(() => opened[Symbol.asyncDispose]());

  test('shows its title, every operation and its target', async () => {
    expect(await opened.page.title()).toBe(bundle.info.title);
    for (const operation of operations) {
      const heading = getSection(opened.page, operation).getByRole('heading', { name: operation.summary });
      await heading.scrollIntoViewIfNeeded();
      expect(await heading.isVisible(), operation.summary).toBe(true);
      // Above the parameters: Redoc shows method and path below them on a narrow window.
      const code = getSection(opened.page, operation).locator('code').first();
      expect(await code.textContent()).toBe(`${operation.method.toUpperCase()} ${operation.path}`);
    }
  });

  test('is no wider than the window, code included', async () => {
    const { width, outside } = await opened.page.evaluate(() => ({
      width: document.documentElement.scrollWidth,
      outside: [...document.querySelectorAll('[data-section-id] *, [data-section-id] pre')].filter(
        (element) =>
          element.getBoundingClientRect().right > window.innerWidth ||
          (element.matches('pre[data-language], [data-testid=source-code]') &&
            element.scrollWidth > element.clientWidth),
      ).length,
    }));
    expect({ width, outside }).toEqual({ width: options.viewport.width, outside: 0 });
  });

  test('violates no rule of axe but those that Redoc decides', async () => {
    const { violations, colors } = await runAxe(opened.page);
    expect(violations.filter((rule) => !(rule in rulesOfRedoc))).toEqual([]);
    expect(colors).toBeGreaterThan(100);
  });

  test('loads without further requests and errors', () => {
    expect(opened.requests).toEqual([opened.url]);
    expect(opened.errors).toEqual([]);
  });
});

test('the file works without a server', async () => {
  await using opened = await readDocs(desktop, pathToFileURL(join(folder, docsFiles.page)).href);
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
