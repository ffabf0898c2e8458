import { access, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium } from 'playwright-core';
import { root, run } from './process.ts';

const packageFolder = join(root, 'node_modules/@sparticuz/chromium');

/** Configuration with the fonts of the machine and one that comes with Chromium. */
const fonts = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir prefix="relative">fonts/fonts</dir>
</fontconfig>
`;

/**
 * Unpacks the Chromium of the package, once per version, and returns its folder. A rename creates the folder atomically,
 * because test files run in parallel. The package itself would write to fixed names in the temporary folder.
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
  // On AWS Lambda the package also unpacks system libraries.
  const env = { TMPDIR: folder, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' };
  const { code, stderr } = await run(['node', '--input-type=module', '--eval', unpack], { env });
  if (code !== 0) throw new Error(`Chromium cannot be unpacked:\n${stderr}`);
  await writeFile(join(folder, 'fonts.conf'), fonts);
  // Another process may have created it first.
  await rename(folder, home).catch(() => rm(folder, { recursive: true }));
  return home;
}

/** Returns the launch options: the Chromium of the package on Linux x64, else the installed Chrome. */
async function chooseBrowser() {
  if (process.platform !== 'linux' || process.arch !== 'x64') return { channel: 'chrome' };
  const home = await unpackChromium();
  const env = { ...process.env, FONTCONFIG_FILE: join(home, 'fonts.conf'), LD_LIBRARY_PATH: join(home, 'al2023/lib') };
  return { executablePath: join(home, 'chromium'), env };
}

/**
 * Starts a browser with a new profile that connects to this machine only. Dispose of it with `await using`, which also
 * removes the profile.
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

/** Opens a page and records its requests and errors. Dispose of it with `await using`. */
export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}) {
  const page = await browser.newPage(options);
  const requests: string[] = [];
  const errors: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('requestfailed', (request) => errors.push(`${request.url()} ${request.failure()?.errorText}`));
  page.on('response', (response) => response.ok() || errors.push(`${response.url()} ${response.status()}`));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  page.on('pageerror', (error) => errors.push(error.message));
  await page.goto(url);
  return { page, url, requests, errors, [Symbol.asyncDispose]: () => page.close() };
}

export type OpenPage = Awaited<ReturnType<typeof openPage>>;
