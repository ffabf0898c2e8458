import { access, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium } from 'playwright-core';
import { root, run } from './process.ts';

const packageFolder = join(root, 'node_modules/@sparticuz/chromium');

/** The machine's fonts where it has some, and one that comes with Chromium. */
const fonts = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir prefix="relative">fonts/fonts</dir>
</fontconfig>
`;

/**
 * Unpacks the Chromium of the package, once per version. The folder appears whole or not at all, since test files run
 * at the same time; the package itself would write to fixed names in the folder for temporary files.
 */
async function unpackChromium(): Promise<string> {
  const { version } = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8'));
  const cache = join(root, 'node_modules/.cache');
  const home = join(cache, `chromium-${version}`);
  if (
    await access(home).then(
      () => true,
      () => false,
    )
  )
    return home;

  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(`${home}-`);
  const unpack = "await (await import('@sparticuz/chromium')).default.executablePath()";
  // Named as a Lambda function, the package unpacks its system libraries too.
  const env = { TMPDIR: folder, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' };
  const { code, stderr } = await run(['node', '--input-type=module', '--eval', unpack], { env });
  if (code !== 0) throw new Error(`Chromium cannot be unpacked:\n${stderr}`);
  await writeFile(join(folder, 'fonts.conf'), fonts);
  // Another process may have been faster.
  await rename(folder, home).catch(() => rm(folder, { recursive: true }));
  return home;
}

/** The Chromium of the package, which is there for Linux on x64; elsewhere the Chrome that is installed. */
async function chooseBrowser() {
  if (process.platform !== 'linux' || process.arch !== 'x64') return { channel: 'chrome' };
  const home = await unpackChromium();
  const env = { ...process.env, FONTCONFIG_FILE: join(home, 'fonts.conf'), LD_LIBRARY_PATH: join(home, 'al2023/lib') };
  return { executablePath: join(home, 'chromium'), env };
}

/**
 * Starts a browser with a profile of its own that reaches this machine only. Dispose of it with `await using`: the
 * process and the profile are gone then.
 */
export async function startBrowser(): Promise<Browser> {
  return chromium.launch({
    ...(await chooseBrowser()),
    args: [
      '--no-sandbox',
      '--headless',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
    ],
  });
}

/** Opens a page and records what it asks for and what goes wrong in it. Dispose of it with `await using`. */
export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}) {
  const page = await browser.newPage(options);
  const requests: string[] = [];
  const faults: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('requestfailed', (request) => faults.push(`${request.url()} ${request.failure()?.errorText}`));
  page.on('response', (response) => response.ok() || faults.push(`${response.url()} ${response.status()}`));
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  page.on('pageerror', (error) => faults.push(error.message));
  await page.goto(url);
  return { page, url, requests, faults, [Symbol.asyncDispose]: () => page.close() };
}

export type OpenPage = Awaited<ReturnType<typeof openPage>>;
