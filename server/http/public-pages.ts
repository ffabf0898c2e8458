import { type RequestHandler, Router } from 'express';
import { type Layer, withStack } from '../middleware/in-turn.ts';

/** The docs, as text or as the UTF-8 of it, which takes half the memory. */
export interface Docs {
  /** The page, as HTML. */
  readonly page: string | Buffer;
  /** The same as Markdown. */
  readonly markdown: string | Buffer;
  /** What tells a language model where to read (llmstxt.org). */
  readonly llms: string | Buffer;
}

/** What anyone may read without a token. */
export interface PublicPages {
  /** The bundle, as JSON text. */
  readonly description: string;
  /** Without them there are none. */
  readonly docs?: Docs;
  /** What keeps the server from answering; empty when it is ready. */
  readonly findTroubles: () => Promise<string[]>;
}

/** Serves the docs and the bundle, and tells a supervisor whether the server lives and is ready. */
export function servePublicPages({ description, docs, findTroubles }: PublicPages): RequestHandler {
  const router = Router({ caseSensitive: true, strict: true });
  const paths = new Set<string>();
  const page = (path: string, answer: RequestHandler) => {
    paths.add(path);
    router.get(path, answer);
  };
  page('/', (_req, res) => res.redirect('/docs'));
  page('/openapi.json', (_req, res) => {
    res.type('json').send(description);
  });
  if (docs !== undefined) {
    page('/docs', (_req, res) => res.type('html').send(docs.page));
    page('/docs.md', (_req, res) => res.type('text/markdown; charset=utf-8').send(docs.markdown));
    page('/llms.txt', (_req, res) => res.type('text/plain; charset=utf-8').send(docs.llms));
  }
  page('/healthz', (_req, res) => {
    res.set('Cache-Control', 'no-store').json({ status: 'ok' });
  });
  page('/readyz', async (_req, res) => {
    const troubles = await findTroubles();
    const isReady = troubles.length === 0;
    res.status(isReady ? 200 : 503).set('Cache-Control', 'no-store');
    res.json({ status: isReady ? 'ready' : 'not ready', troubles });
  });
  // Other requests need not be compared with one path after the other.
  const handler: RequestHandler = (req, res, next) => (paths.has(req.path) ? router(req, res, next) : next());
  return withStack(handler, router.stack as Layer[]);
}
