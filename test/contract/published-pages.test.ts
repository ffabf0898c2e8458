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

/** Starts the server with the token of the published commands. */
async function startPublished() {
  const server = await startServer();
  await ensureToken(server.store, 'YOUR_API_TOKEN', new Date());
  return server;
}

/** Returns the fields of an app and the formats of its id and times. */
function describeShape({ id, created_at, updated_at, health, ...app }: OAuthApp) {
  const times = [created_at, updated_at, health?.time].map((time) => time?.replaceAll(/\d/g, '0'));
  const fields = Object.keys({ id, created_at, updated_at, health, ...app }).sort();
  return { fields, times, id: id.replaceAll(/[\da-f]/g, '0'), health: { ...health, time: undefined } };
}

/** Expects a response like the published one, with the values of the request. Returns its app. */
async function expectPublished(received: Response, { request, response }: PublishedExample): Promise<OAuthApp> {
  const app = (await received.json()) as OAuthApp;
  expect(received.status).toBe(200);
  expectValid('OAuthApp', app);
  expect(describeShape(app)).toEqual(describeShape(unwrapApp(response)));
  expect(app).toMatchObject({ ...JSON.parse(request.body), client_secret: '**********' });
  return app;
}

describe.each(pages)('example of %s', (page) => {
  it('has a valid response', async () => {
    const { response } = await readPublishedExample(page);
    expectValid('OAuthApp', unwrapApp(response));
  });

  it('has a valid request', async () => {
    const { request } = await readPublishedExample(page);
    expectValid(request.method === 'POST' ? 'CreateOAuthApp' : 'UpdateOAuthApp', JSON.parse(request.body));
  });

  it('is stored word for word', async () => {
    const { text } = await readPublishedExample(page);
    expect(text).toContain('// the health field is coming soon');
    expect(text.includes('{ ... }')).toBe(page === updatePage);
  });
});

describe('published command sent to the server', () => {
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

  it.each(pages)('gets 401 with an unknown token: %s', async (page) => {
    await using server = await startServer();
    const { request } = await readPublishedExample(page);
    expect((await sendPublishedRequest(request, server.url)).status).toBe(401);
  });
});

describe('published command sent to the mock', () => {
  let mock: Awaited<ReturnType<typeof startMock>>;
  beforeAll(async () => {
    mock = await startMock();
  });
  afterAll(() => mock[Symbol.asyncDispose]());

  it.each(pages)('gets the response of %s', async (page) => {
    const { request, response } = await readPublishedExample(page);
    const received = await sendPublishedRequest(request, mock.url);
    expect(received.status).toBe(200);
    expect(await received.json()).toEqual(unwrapApp(response));
  });
});

describe('published envelope', () => {
  it('is a valid list', async () => {
    const { response } = await readPublishedExample(updatePage);
    expectValid('OAuthAppList', response);
    expect(response).toEqual({ data: [unwrapApp(response)] });
  });
});
