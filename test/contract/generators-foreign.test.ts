// @databases none
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import createClient from 'openapi-fetch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createComposer } from '../../client/composed-methods.ts';
import { ResponseDataPromise, readResponse } from '../../client/response.ts';
import { type Bundle, completeBundle } from '../../openapi/generate/bundle.ts';
import { renderFiles } from '../../openapi/generate/render.ts';
import { checkTypes } from '../../openapi/generate/type-check.ts';
import { startProcess } from '../helpers/process.ts';
import { describeLibrary } from './library-description.ts';

type Values = Record<string, unknown>;
type Method = (...args: unknown[]) => ResponseDataPromise<unknown>;
interface Composed {
  listAllShelves(): AsyncGenerator<unknown, void>;
  changeShelf(id: string, change: () => object): Promise<unknown>;
}
type Validate = (value: unknown) => { value?: unknown; validation_errors?: unknown };

const book = { id: '7', kind: 'paper', title: 'Ajax', pages: 90, subtitle: null };

/** A program whose types follow from the description of the library. */
const program = `import { bindOperations, type Operations } from './client.ts';
import type { ComposedMethods } from './composed.ts';
import type { Book, Notes, Shelf } from './types.ts';

export async function use(operations: Operations, composed: ComposedMethods, book: Book): Promise<void> {
  for await (const shelf of composed.listAllShelves()) console.log(shelf satisfies Shelf);
  const changed: Shelf = await composed.changeShelf('7', ({ label }) => ({ label: label + '!' }));
  // @ts-expect-error A list without a cursor.
  console.log(changed, composed.listAllBooks);
  const books: Book[] = await operations.listBooks({ filter: { title: 'x' }, tag: ['a'] }, { headers: { 'X-Library': 'x' } });
  // @ts-expect-error A required header.
  await operations.listBooks({ filter: '{}' });
  // @ts-expect-error A required query parameter.
  await operations.createBook(book);
  const created: { id: string } | undefined = await operations.createBook(undefined, { query: { mode: 'fast' } });
  const status: string = await operations.getStatus();
  const none: undefined = await operations.noteBook('7', 1, { notes: { a: 'b' } satisfies Notes });
  if (book.kind === 'audio') console.log(book.minutes, books, created, status, none, bindOperations);
}
`;

describe('generated code of a description with other names', () => {
  let files: Map<string, string>;
  let folder: string;
  let mock: Awaited<ReturnType<typeof startProcess>>;
  const load = async (file: string): Promise<Values> => import(pathToFileURL(join(folder, 'generated', file)).href);

  beforeAll(async () => {
    files = await renderFiles(completeBundle(describeLibrary() as object as Bundle));
    folder = await mkdtemp(join(tmpdir(), 'oauth-apps-library-'));
    await mkdir(join(folder, 'generated'));
    for (const [name, text] of files) await writeFile(join(folder, 'generated', name), text);
    // Prism alone: the mock of this package knows the operations of its own description.
    const words = ['prism', 'mock', join(folder, 'generated/openapi.json'), '--port', '0', '--host', '127.0.0.1'];
    mock = await startProcess(words, /listening on (http:\S+)\s/);
  });
  afterAll(async () => {
    await mock?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  /** Sends requests of the generated methods to the mock. Resolves with data and status, and notes the requests. */
  async function connect() {
    const requests: Request[] = [];
    const send = (request: Request) => {
      requests.push(request.clone());
      return fetch(request);
    };
    const raw = createClient({ baseUrl: mock.match[1] ?? '', fetch: send, headers: { Authorization: 'Bearer x' } });
    const { bindOperations } = await load('client.ts');
    const methods = (bindOperations as (raw: unknown, send: unknown) => Record<string, Method>)(
      raw,
      (
        operation: string,
        options: { headers?: object } | undefined,
        call: (init: object) => never,
        bodies?: Record<number, 'text' | 'empty'>,
      ) =>
        new ResponseDataPromise(readResponse(operation, call({ parseAs: 'text', headers: options?.headers }), bodies)),
    );
    return { requests, methods };
  }

  it('compiles with a program that uses it', async () => {
    await checkTypes(new Map([...files, ['program.ts', program]]));
  });

  it('is refused when it does not compile', async () => {
    const broken = new Map([['values.ts', "export const version: number = '1';\n"]]);
    await expect(checkTypes(broken)).rejects.toThrow(/unchanged.*values\.ts\(1,14\): error TS2322/s);
  });

  it('accepts right bodies and refuses wrong ones', async () => {
    const validators = (await load('validators.ts')) as Record<string, Validate>;
    expect(validators.validateBook?.(book)).toEqual({ value: book });
    expect(validators.validateBook?.({ ...book, pages: undefined }).validation_errors).toBeDefined();
    expect(validators.validateNoteBookBody?.({ notes: { a: 'b' } })).toEqual({ value: { notes: { a: 'b' } } });
    expect(validators.validateNoteBookBody?.({ notes: { a: 'x'.repeat(100) } })).toEqual({
      validation_errors: { notes: ['must not be larger than 100 bytes of JSON'] },
    });
  });

  it('gets every success from the mock', async () => {
    const { methods } = await connect();
    const headers = { 'X-Library': 'x' };
    const query = { filter: { title: 'x' }, tag: ['a', 'b'], year: [1, 2] };
    expect(await methods.listBooks?.(query, { headers }).withResponse()).toMatchObject({ data: [book], status: 200 });
    expect(await methods.createBook?.(book, { query: { mode: 'fast' } }).withResponse()).toMatchObject({
      data: { id: '7' },
      status: 200,
    });
    expect(await methods.getStatus?.().withResponse()).toMatchObject({ data: 'up', status: 200 });
    expect(await methods.replaceBook?.('7', 1, book).withResponse()).toMatchObject({ data: book, status: 200 });
    expect(await methods.noteBook?.('7', 1, { notes: {} }).withResponse()).toMatchObject({
      data: undefined,
      status: 204,
    });
  });

  it('sends lists, JSON and required headers', async () => {
    const { methods, requests } = await connect();
    await methods.listBooks?.({ filter: { title: 'x' }, tag: ['a', 'b'] }, { headers: { 'X-Library': 'main' } });
    const [{ url, headers }] = requests as [Request];
    expect(new URL(url).search).toBe('?filter=%7B%22title%22%3A%22x%22%7D&tag=a&tag=b');
    expect(headers.get('x-library')).toBe('main');
  });

  it('lists every page and changes with the ETag', async () => {
    const { methods, requests } = await connect();
    const { bindComposed } = await load('composed.ts');
    const settings = { totalTimeout: 10_000, retry: {} } as never;
    const composed = (bindComposed as (...args: unknown[]) => Composed)(
      methods,
      createComposer(() => settings),
    );
    const shelves = [];
    for await (const shelf of composed.listAllShelves()) shelves.push(shelf);
    expect(shelves).toEqual([{ label: 'A' }]);
    await composed.changeShelf('7', () => ({ label: 'B' }));
    expect(requests.map(({ method }) => method)).toEqual(['GET', 'GET', 'PUT']);
    expect(requests.at(-1)?.headers.get('if-match')).toBe('"1"');
  });

  it('names every documented response', async () => {
    const { documentedResponses } = (await load('responses.ts')) as {
      documentedResponses: Record<string, { examples: Record<string, object> }>;
    };
    expect(documentedResponses.createBook?.examples).toMatchObject({
      Plain: { status: 200, body: { id: '7' } },
      Plain201: { status: 201, headers: { Location: '/books/7' }, body: book },
      Empty: { status: 202 },
      Empty400: { status: 400 },
    });
  });
});
