import type { Express } from 'express';

/** What anyone may read without a token. */
export interface PublicPages {
  /** The bundle, as JSON text. */
  readonly description: string;
  /** The docs page, as HTML; without it `/docs` says how to build it. */
  readonly docs?: string;
}

/** Serves the docs page and the bundle. */
export function servePublicPages(app: Express, { description, docs }: PublicPages): void {
  app.get('/', (_req, res) => res.redirect('/docs'));
  app.get('/openapi.json', (_req, res) => res.type('json').send(description));
  if (docs !== undefined) app.get('/docs', (_req, res) => res.type('html').send(docs));
}
