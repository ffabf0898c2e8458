import { type Request, Router } from 'express';
import { description } from '../description.ts';
import type { RunExchange } from './exchange.ts';
import { publicFile } from './public-file.ts';
import { nameRoute } from './route-name.ts';
import type { ResponseParts } from './send.ts';

/**
 * The docs, as text or as its UTF-8, which takes half the memory.
 * @example
 * const docs: Docs = { page: '<!doctype html>', markdown: '# API', llms: '# Where to read' };
 * const api = await createApp({ store, keyRing, log, docs });
 */
export interface Docs {
  /** The page, as HTML. */
  readonly page: string | Buffer;
  /** The same as Markdown. */
  readonly markdown: string | Buffer;
  /** The reference of the TypeScript API, as Markdown. Left out: its path is unknown. */
  readonly typescript?: string | Buffer;
  /** The index for language models. @see https://llmstxt.org */
  readonly llms: string | Buffer;
}

/** The state that `/readyz` shows. */
export interface Readiness {
  /** Lists the reasons why the server is not ready; empty when it is. */
  listFailures(): Promise<string[]>;
  /** Lists what is lost in part while the server is ready; empty when nothing is. */
  listWarnings(): string[];
}

/** The pages that need no token. */
export interface PublicPages {
  /** Left out: the paths of the docs are unknown. */
  readonly docs?: Docs;
  readonly readiness: Readiness;
  readonly exchange: RunExchange;
}

const noStore = { 'Cache-Control': 'no-store' };

/** The headers of the docs page. Its own policy, in the page, forbids all requests; a header alone can forbid frames. */
const pageHeaders = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
};

type RespondToPage = (req: Request) => Promise<ResponseParts>;

const withHeaders =
  (added: Readonly<Record<string, string>>, respond: RespondToPage): RespondToPage =>
  async (req) => {
    const response = await respond(req);
    return { ...response, headers: { ...response.headers, ...added } };
  };

/** Serves the docs, the bundle, and the health and readiness of the process. */
export function publicPages({ docs, readiness, exchange }: PublicPages): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const page = (path: string, respond: (req: Request) => ResponseParts | Promise<ResponseParts>) =>
    router.get(path, (req, res) => {
      nameRoute(req, path);
      return exchange(req, res, () => respond(req));
    });
  const file = (path: string, mediaType: string, content: string | Buffer) =>
    page(path, publicFile(mediaType, content));

  page('/', ({ baseUrl }) => ({ status: 302, headers: { Location: `${baseUrl}/docs` } }));
  file('/openapi.json', 'application/json', JSON.stringify(description));
  if (docs !== undefined) {
    page('/docs', withHeaders(pageHeaders, publicFile('text/html', docs.page)));
    file('/docs.md', 'text/markdown', docs.markdown);
    file('/llms.txt', 'text/plain', docs.llms);
    if (docs.typescript !== undefined) file('/typescript.md', 'text/markdown', docs.typescript);
  }
  page('/healthz', () => ({ status: 200, headers: noStore, body: { status: 'ok' } }));
  page('/readyz', async () => {
    const failures = await readiness.listFailures();
    const warnings = readiness.listWarnings();
    const isReady = failures.length === 0;
    return {
      status: isReady ? 200 : 503,
      headers: noStore,
      body: { status: isReady ? 'ready' : 'not ready', failures, ...(warnings.length > 0 && { warnings }) },
    };
  });
  return router;
}
