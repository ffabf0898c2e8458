/** Changes of the declarations of a package, each with the rating that it must get. */
import type { Rating } from '../../openapi/diff/finding.ts';

/** A package with what this one has: a client, its options, results, errors, lists of values and callbacks. */
export const packageSource = `
export interface Options { baseUrl: string; limit?: number; mode?: 'fast' | 'safe'; onEvent?: (event: Event) => void }
export interface Event { readonly path: string; status?: number }
export interface App { id: string; note?: string; kind: 'old' | 'new' }
interface Hidden { count: number }
export interface Client {
  list(query?: Query, options?: Options): Promise<App[]>;
  create(body: Body, options?: Options): Promise<App>;
  raw: Hidden;
}
export interface Query { provider?: Provider }
export type Body = { name: string; meta?: Record<string, unknown> };
export type Provider = 'stripe' | 'github';
export type Level = 1 | 2;
export const providers = ['stripe', 'github'] as const;
export const version: string = '1';
export class Failure extends Error {
  readonly status: number = 0;
  #secret = 1;
  private hidden = 2;
  constructor(status: number, text?: string) { super(text); this.status = status + this.#secret + this.hidden; }
  is(status: 404 | 422): boolean { return this.status === status; }
  static from(value: unknown): Failure { return value as Failure; }
}
export declare function createClient(options: Options): Client;
export declare function format(text: string, width?: number): string;
export declare function parse(text: string): number;
export declare function parse(text: Uint8Array, strict: boolean): number;
export declare function handle<T extends App>(app: T, change: (app: T) => Body): T;
export interface Store { get(id: string): App | undefined }
export declare function serve(store: Store): void;
export declare function makeAll(): { one: (id: string) => { key: string }; two?: number };
`;

/** An edit of the source, and its rating; undefined where nothing changed for callers. */
export interface DeclarationEdit {
  readonly name: string;
  readonly rating: Rating | undefined;
  edit(source: string): string;
}

const replace =
  (from: string, to: string) =>
  (source: string): string => {
    if (!source.includes(from)) throw new Error(`the source has no ${from}`);
    return source.replace(from, () => to);
  };
const row = (rating: Rating | undefined, name: string, from: string, to: string): DeclarationEdit => ({
  ...{ rating, name, edit: replace(from, to) },
});

export const declarationEdits: readonly DeclarationEdit[] = [
  row('major', 'a narrower type parameter', 'handle<T extends App>', 'handle<T extends App & { extra: string }>'),
  row('major', 'a further type parameter', 'format(text', 'format<T>(text'),
  row('minor', 'a further type parameter with a default', 'format(text', 'format<T = string>(text'),
  row('major', 'a class that becomes abstract', 'export class Failure', 'export abstract class Failure'),
  row('major', 'a class that loses its base', 'class Failure extends Error', 'class Failure extends Object'),
  row('major', 'a constructor that becomes private', 'constructor(status', 'private constructor(status'),
  row('major', 'a method that becomes protected', 'is(status: 404 | 422)', 'protected is(status: 404 | 422)'),
  row('major', 'a field that becomes readonly', 'interface Query { provider', 'interface Query { readonly provider'),
  row(undefined, 'a field that is readonly no more', 'readonly status: number = 0', 'status: number = 0'),
  row('minor', 'a callback that gets more', '(event: Event) => void', '(event: Event, more: string) => void'),
  row('major', 'a map of other values', 'Record<string, unknown>', 'Record<string, string>'),
  row('major', 'a result that is a promise', 'width?: number): string', 'width?: number): Promise<string>'),
  row('major', 'a list of results that is readonly', 'Promise<App[]>', 'Promise<readonly App[]>'),
  row('major', 'a list of values that is any', "['stripe', 'github'] as const", "['stripe', 'github']"),
  row('major', 'a nested function of another result', '=> { key: string }', '=> { name: string }'),
  row('major', 'a removed function', 'export declare function format(text: string, width?: number): string;', ''),
  row('major', 'a renamed function', 'function format(', 'function print('),
  row('major', 'a removed constant', "export const version: string = '1';", ''),
  row('major', 'a renamed type', 'export type Level = 1 | 2;', 'export type Grade = 1 | 2;'),
  row('major', 'an export that is no longer exported', 'export interface App', 'interface App'),
  row('major', 'an argument put before another', 'format(text: string,', 'format(pad: number, text: string,'),
  row(
    'major',
    'two arguments that change places',
    'list(query?: Query, options?: Options)',
    'list(options?: Options, query?: Query)',
  ),
  row(
    'major',
    'a further required argument',
    'parse(text: string): number',
    'parse(text: string, base: number): number',
  ),
  row('major', 'an optional argument that is required', 'width?: number): string', 'width: number): string'),
  row('major', 'an argument of another type', 'width?: number): string', 'width?: string): string'),
  row(
    'major',
    'another result',
    'list(query?: Query, options?: Options): Promise<App[]>',
    'list(query?: Query, options?: Options): App[]',
  ),
  row(
    'major',
    'a result that may be missing',
    'options?: Options): Promise<App>;',
    'options?: Options): Promise<App | undefined>;',
  ),
  row('major', 'a removed argument', 'create(body: Body, options?: Options)', 'create(body: Body)'),
  row('major', 'a removed method', '  create(body: Body, options?: Options): Promise<App>;\n', ''),
  row('major', 'a method that may be missing', '  create(body', '  create?(body'),
  row('major', 'a removed option', ' limit?: number;', ''),
  row('major', 'a renamed option', ' limit?: number;', ' size?: number;'),
  row('major', 'a further required option', 'limit?: number;', 'limit?: number; token: string;'),
  row('major', 'an option of another type', 'limit?: number;', 'limit?: string;'),
  row('major', 'a removed value of an option', "mode?: 'fast' | 'safe'", "mode?: 'fast'"),
  row('major', 'a removed property of a result', ' note?: string;', ''),
  row('major', 'a property of a result that may be missing', 'id: string; note', 'id?: string; note'),
  row('major', 'another value in a result', "kind: 'old' | 'new'", "kind: 'old' | 'new' | 'odd'"),
  row('major', 'a removed value of a list', "['stripe', 'github'] as const", "['stripe'] as const"),
  row('major', 'a removed value of a type', "Provider = 'stripe' | 'github'", "Provider = 'stripe'"),
  row('major', 'a required property of a body', 'name: string; meta', 'name: string; kind: string; meta'),
  row(
    'major',
    'a removed field of an error',
    '  readonly status: number = 0;\n',
    '  private readonly status: number = 0;\n',
  ),
  row('major', 'a removed method of an error', 'is(status: 404 | 422)', 'isStatus(status: 404 | 422)'),
  row('major', 'a removed static method', '  static from(value: unknown): Failure { return value as Failure; }\n', ''),
  row(
    'major',
    'a further argument of a constructor',
    'constructor(status: number, text',
    'constructor(status: number, code: number, text',
  ),
  row('major', 'a removed field of an event', ' status?: number }', ' }'),
  row('major', 'a removed overload', 'export declare function parse(text: Uint8Array, strict: boolean): number;\n', ''),
  row(
    'major',
    'a member to implement',
    'get(id: string): App | undefined',
    'get(id: string): App | undefined; put(app: App): void',
  ),
  row(
    'major',
    'a type that is only reached',
    'interface Hidden { count: number }',
    'interface Hidden { total: number }',
  ),
  row(
    'major',
    'a callback that must return something',
    'onEvent?: (event: Event) => void',
    'onEvent?: (event: Event) => boolean',
  ),
  row('major', 'a callback that gets something else', '(app: T) => Body', '(app: T, at: number) => Body'),
  row('major', 'a property of what a function takes', 'id: string; note', 'id: string; size: number; note'),
  row('major', 'a numeric value less', 'Level = 1 | 2', 'Level = 1'),
  row(
    'minor',
    'a further function',
    'export declare function createClient',
    'export declare function more(): void;\nexport declare function createClient',
  ),
  row('minor', 'a further type', 'export type Level', 'export type More = string;\nexport type Level'),
  row(
    'minor',
    'a further optional argument',
    'format(text: string, width?: number)',
    'format(text: string, width?: number, pad?: string)',
  ),
  row('minor', 'an argument that may be left out', 'createClient(options: Options)', 'createClient(options?: Options)'),
  row('minor', 'a further option', 'limit?: number;', 'limit?: number; pause?: number;'),
  row('minor', 'an option that may be left out', 'baseUrl: string;', 'baseUrl?: string;'),
  row('minor', 'another value of an option', "mode?: 'fast' | 'safe'", "mode?: 'fast' | 'safe' | 'slow'"),
  row('minor', 'a further property of a result', '{ count: number }', '{ count: number; size: number }'),
  row(
    'minor',
    'a further method of the client',
    '  raw: Hidden;',
    '  remove(id: string, options?: Options): Promise<void>;\n  raw: Hidden;',
  ),
  row('minor', 'a further field of an error', '  #secret', '  readonly code: number = 1;\n  #secret'),
  row('minor', 'a further field of an event', ' status?: number }', ' status?: number; tries: number }'),
  row('minor', 'another value of a list', "['stripe', 'github'] as const", "['stripe', 'github', 'xero'] as const"),
  row(
    'minor',
    'another value of a type of arguments',
    "Provider = 'stripe' | 'github'",
    "Provider = 'stripe' | 'github' | 'xero'",
  ),
  row(
    'minor',
    'a further overload',
    'export declare function handle',
    'export declare function parse(text: URLLike): number;\ninterface URLLike { href: string }\nexport declare function handle',
  ),
  row(undefined, 'another name of an argument', 'format(text: string', 'format(source: string'),
  row(undefined, 'another order of options', 'baseUrl: string; limit?: number;', 'limit?: number; baseUrl: string;'),
  row(undefined, 'a private field', 'private hidden = 2;', 'private hidden = 3; private other = 1;'),
  row(undefined, 'a comment', 'export type Level', '/** The level. */\nexport type Level'),
  row(
    undefined,
    'an interface for an alias of an object',
    'export type Body = { name: string; meta?: Record<string, unknown> };',
    'export interface Body { name: string; meta?: Record<string, unknown> }',
  ),
  row('major', 'a removed member of an object without a name', ' two?: number }', ' }'),
  row('major', 'another type within objects without a name', '{ key: string }', '{ key: number }'),
  row(
    'major',
    'a further argument within an object without a name',
    '(id: string) => {',
    '(id: string, at: number) => {',
  ),
  row('minor', 'a further member of an object without a name', ' two?: number }', ' two?: number; three: string }'),
  row(
    'minor',
    'a further function in an object without a name',
    ' two?: number }',
    ' two?: number; three: (id: string) => void }',
  ),
];
