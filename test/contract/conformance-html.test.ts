// @databases none
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSuite, renderAnnotations, renderHtml, type SuiteResult } from '../conformance/index.ts';
import { openPage, startBrowser } from '../helpers/browser.ts';
import { changeStatus, removeHeader } from '../helpers/fault-builders.ts';
import { alterResponse, type FaultInjector, faultyFetch } from '../helpers/faulty-fetch.ts';
import { startServer } from '../helpers/server.ts';

const hostile = '<script>document.title = 1</script><img src=https://example.com/x>\n::error::forged';

/** A fault that shows markup, a missing header, and an undocumented status. */
const fault: FaultInjector = (request, send) =>
  alterResponse('all', ({ body }) => {
    if (body?.name) body.created_at = hostile;
  })(request, (inner) =>
    removeHeader('cache-control')(inner, (last) => changeStatus(['create'], 200, 201)(last, send)),
  );

describe('the HTML report', () => {
  let result: SuiteResult;
  let folder: string;
  let browser: Awaited<ReturnType<typeof startBrowser>>;
  beforeAll(async () => {
    await using server = await startServer();
    const options = { baseUrl: server.url, token: server.token, seed: 2, cases: 1 };
    const only = ['response_headers_conformance', 'status_code_conformance', 'response_schema_conformance'] as const;
    result = await createSuite({ ...options, only, fetch: faultyFetch(server, fault) }).run();
    folder = await mkdtemp(join(tmpdir(), 'oauth-apps-html-'));
    await writeFile(join(folder, 'report.html'), renderHtml(result, { docsUrl: 'docs/index.html' }));
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true });
  });

  const url = () => pathToFileURL(join(folder, 'report.html')).href;

  it.each([
    [390, 'light'],
    [390, 'dark'],
    [1280, 'light'],
    [1280, 'dark'],
  ] as const)('is readable at %i pixels in %s', async (width, colorScheme) => {
    await using opened = await openPage(browser, url(), { viewport: { width, height: 800 }, colorScheme });
    const { page, requests, errors } = opened;
    expect(await page.locator('section h3').allTextContents()).toEqual(result.causes.map(({ message }) => message));
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
    const contrast = await page.evaluate(() => {
      const { color, backgroundColor } = getComputedStyle(document.body);
      return `${color} on ${backgroundColor}`;
    });
    expect(contrast).toBe(
      colorScheme === 'dark' ? 'rgb(230, 237, 243) on rgb(13, 17, 23)' : 'rgb(28, 33, 40) on rgb(255, 255, 255)',
    );
    expect({ requests, errors }).toEqual({ requests: [url()], errors: [] });
  });

  it('folds each exchange and links to the docs page', async () => {
    await using opened = await openPage(browser, url());
    const { page } = opened;
    const exchange = page.locator('section details').first();
    expect(await exchange.locator('pre').first().isVisible()).toBe(false);
    await exchange.locator('summary').click();
    expect(await exchange.locator('pre').first().isVisible()).toBe(true);
    const { operationId } = result.causes[0]?.example ?? {};
    expect(await page.locator('section a').first().getAttribute('href')).toBe(
      `docs/index.html#operation/${operationId}`,
    );
  });

  it('shows markup of the server as text', async () => {
    expect(result.causes.length).toBe(3);
    const html = renderHtml(result);
    expect(html).not.toMatch(/<script|<img/);
    expect(html).toContain('&lt;script&gt;');
  });

  it('has annotations of one line for each cause', () => {
    const lines = renderAnnotations(result).split('\n');
    expect(lines).toHaveLength(3);
    expect(lines.every((line) => /^::(error|warning) title=[^:]+::/.test(line))).toBe(true);
  });
});
