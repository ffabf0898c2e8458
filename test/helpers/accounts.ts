import { randomUUID } from 'node:crypto';
import { type Json, type PlacedOperation, resourceOf, type Secret, type TestedResource } from '../resources.ts';
import type { HttpClient, HttpResponse, RequestOptions } from './http-client.ts';
import type { TestServer } from './server.ts';

/** Account of a test, which creates the records that other records refer to. */
export interface Account {
  readonly accountId: string;
  /** Token with all scopes. */
  readonly token: string;
  /** Sends a request with the token of the account. */
  send(target: string, options?: RequestOptions): Promise<HttpResponse>;
  /**
   * Returns the path of an operation. Parents in the path are created.
   * @param id The record, for an operation on one.
   */
  pathOf(operation: PlacedOperation, id?: string): Promise<string>;
  /**
   * Returns a valid body of a create, with parts replaced, and with references to existing records.
   * @param example The body. @default the first example
   */
  newBody(resource: TestedResource, replaced?: Json, example?: Json): Promise<Json>;
  /** Sends a create. */
  create(
    resource: TestedResource,
    options?: { replaced?: Json; headers?: RequestOptions['headers'] },
  ): Promise<HttpResponse>;
  /** Creates records, one after the other. Returns their ids. @throws Error when one is not created */
  createMany(resource: TestedResource, count: number, replaced?: (index: number) => Json): Promise<string[]>;
}

/** Returns the method and the path of an operation. */
const targetOf = ({ method }: PlacedOperation, path: string) => `${method.toUpperCase()} ${path}`;

/** Returns a method and a path of an operation of an account, for a record where the operation is about one. */
export const targetFor = async (account: Account, operation: PlacedOperation, id?: string) =>
  targetOf(operation, await account.pathOf(operation, id));

/** Opens an account with a token. `http` sends to any server whose store has the token. */
export async function openAccount(
  server: Pick<TestServer, 'createToken'>,
  http: Pick<HttpClient, 'send'>,
  accountId: string = randomUUID(),
): Promise<Account> {
  const token = await server.createToken({ accountId });
  const parents = new Map<string, Promise<string>>();
  const parentOf = (name: string): Promise<string> => {
    const id = parents.get(name) ?? account.createMany(resourceOf(name), 1).then(([first = '']) => first);
    parents.set(name, id);
    return id;
  };
  const account: Account = {
    accountId,
    token,
    send: (target, options) => http.send(target, { token, ...options }),
    async pathOf(operation, id = '') {
      const names = [...operation.path.matchAll(/\{([^}]+)\}/g)].map(([, name = '']) => name);
      const { parents: named } = operation;
      const values = await Promise.all(names.map((name) => (named[name] ? parentOf(named[name]) : id)));
      return names.reduce((path, name, at) => path.replace(`{${name}}`, values[at] ?? ''), operation.path);
    },
    async newBody({ newBodies, references }, replaced = {}, example = newBodies[0]) {
      const referring = Object.entries(references).filter(([field]) => !(field in replaced));
      const ids = await Promise.all(referring.map(async ([field, name]) => [field, await parentOf(name)]));
      return { ...example, ...Object.fromEntries(ids), ...replaced };
    },
    async create(resource, { replaced, headers } = {}) {
      const body = await account.newBody(resource, replaced);
      return account.send(await targetFor(account, resource.operation('create')), { body, headers });
    },
    async createMany(resource, count, replaced = () => ({})) {
      const ids: string[] = [];
      for (let index = 0; index < count; index += 1) {
        const { status, json } = await account.create(resource, { replaced: replaced(index) });
        if (status >= 300)
          throw new Error(`a create of ${resource.name} got ${status} ${Object.keys(json.validation_errors ?? {})}`);
        ids.push(json.id);
      }
      return ids;
    },
  };
  return account;
}

interface TextLimits {
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
}

/** Returns whether a secret takes a text. */
export function takesText({ schema }: Secret, text: string): boolean {
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY, pattern = '' } = schema as TextLimits;
  const { length } = [...text];
  return length >= minLength && length <= maxLength && new RegExp(pattern, 'u').test(text);
}

/** Returns a value for each secret of a resource. */
export const secretsOf = ({ secrets }: TestedResource, makeText: (field: string) => string): Json =>
  Object.fromEntries(secrets.map(({ field }) => [field, makeText(field)]));

/** Returns members that make the body of a create another one: other secrets, or an example of an update. */
export const differentBody = (resource: TestedResource): Json => ({
  ...resource.changes.at(-1),
  ...secretsOf(resource, () => 'another-secret-of-a-test'),
});
