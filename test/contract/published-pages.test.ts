import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OAuthApp } from '../../generated/types.ts';
import { ensureToken } from '../../server/keys/first-token.ts';
import { compileValidator } from '../helpers/description.ts';
import { startMock } from '../helpers/mock.ts';
import { startServer } from '../helpers/server.ts';
import { type PublishedExample, readPublishedExample, sendPublishedRequest, unwrapApp } from './published-examples.ts';

const createPages = ['create-an-oauth-app.txt', 'create-an-oauth-app.md'];
const [createPage = ''] = createPages;
const updatePage = 'update-an-oauth-app.txt';
const pages = [...createPages, updatePage];

function expectValid(schema: string, value: unknown): void {
  const validate = compileValidator(schema);
  validate(value);
  expect(validate.errors ?? []).toEqual([]);
}

/** The real server, with the token of the published commands. */
async function startPublished() {
  const server = await startServer();
  await ensureToken(server.store, 'YOUR_API_TOKEN', new Date());
  return server;
}

/** The fields of an app, and the form of those that differ from app to app. */
function shapeOf({ id, created_at, updated_at, health, ...app }: OAuthApp) {
  const times = [created_at, updated_at, health?.time].map((time) => time?.replaceAll(/\d/g, '0'));
  const fields = Object.keys({ id, created_at, updated_at, health, ...app }).sort();
  return { fields, times, id: id.replaceAll(/[\da-f]/g, '0'), health: { ...health, time: undefined } };
}

/** Fails unless a published command got a published answer, with the values that it sent. */
async function expectPublished(answer: Response, { request, response }: PublishedExample): Promise<OAuthApp> {
  const app = (await answer.json()) as OAuthApp;
  expect(answer.status).toBe(200);
  expectValid('OAuthApp', app);
  expect(shapeOf(app)).toEqual(shapeOf(unwrapApp(response)));
  expect(app).toMatchObject({ ...JSON.parse(request.body), client_secret: '**********' });
  return app;
}

describe.each(pages)('example of %s', (page) => {
  it('has a response that the schema allows', async () => {
    const { response } = await readPublishedExample(page);
    expectValid('OAuthApp', unwrapApp(response));
  });

  it('has a request that the schema allows', async () => {
    const { request } = await readPublishedExample(page);
    expectValid(request.method === 'POST' ? 'CreateOAuthApp' : 'UpdateOAuthApp', JSON.parse(request.body));
  });

  it('is kept word for word as published', async () => {
    const { text } = await readPublishedExample(page);
    expect(text).toContain('// the health field is coming soon');
    expect(text.includes('{ ... }')).toBe(page === updatePage);
  });
});

describe('published command, sent to the server,', () => {
  it.each(createPages)('creates an app as %s shows', async (page) => {
    await using server = await startPublished();
    const example = await readPublishedExample(page);
    await expectPublished(await sendPublishedRequest(example.request, server.url), example);
  });

  it('updates an app as its page shows', async () => {
    await using server = await startPublished();
    const create = await readPublishedExample(createPage);
    const update = await readPublishedExample(updatePage);
    const created = await expectPublished(await sendPublishedRequest(create.request, server.url), create);
    const updated = await expectPublished(await sendPublishedRequest(update.request, server.url, created.id), update);
    expect(updated.id).toBe(created.id);
  });

  it.each(pages)('is refused without its token: %s', async (page) => {
    await using server = await startServer();
    const { request } = await readPublishedExample(page);
    expect((await sendPublishedRequest(request, server.url)).status).toBe(401);
  });
});

describe('published command, sent to the mock,', () => {
  let mock: Awaited<ReturnType<typeof startMock>>;
  beforeAll(async () => {
    mock = await startMock();
  });
  afterAll(() => mock[Symbol.asyncDispose]());

  it.each(pages)('gets the very example of %s', async (page) => {
    const { request, response } = await readPublishedExample(page);
    const answer = await sendPublishedRequest(request, mock.url);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual(unwrapApp(response));
  });
});

describe('published envelope', () => {
  it('is a list that the schema allows', async () => {
    const { response } = await readPublishedExample(updatePage);
    expectValid('OAuthAppList', response);
    expect(response).toEqual({ data: [unwrapApp(response)] });
  });
});
