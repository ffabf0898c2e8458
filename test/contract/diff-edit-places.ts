/** Places of the bundle that edits change, and the forms of edits. */
import type { Rating } from '../../openapi/diff/finding.ts';

/** Sets the value at a JSON pointer, removes it when `value` is undefined, appends it to a list at `-`. */
export type Edit = [pointer: string, value?: unknown];

/** An edit, and those that make the older bundle out of the present one. */
export interface RatedEdit {
  readonly name: string;
  readonly rating: Rating;
  readonly base: readonly Edit[];
  readonly edits: readonly Edit[];
}

export const apps = '/paths/~1v1~1oauth-apps';
export const app = '/paths/~1v1~1oauth-apps~1{id}';
export const schemas = '/components/schemas';
export const parameters = '/components/parameters';
export const headers = '/components/headers';
export const created = `${schemas}/CreateOAuthApp/properties`;
export const shown = `${schemas}/OAuthApp/properties`;
export const body = `${apps}/post/requestBody`;
export const list = `${apps}/get/responses/200`;
export const listContent = `${list}/content/application~1json`;
export const ref = (kind: string, name: string) => ({ $ref: `#/components/${kind}/${name}` });
export const text = { type: 'string' };
export const json = (schema: object) => ({ 'application/json': { schema } });
export const response = (content?: object) => ({ description: 'New.', ...(content && { content }) });
export const parameter = (name: string, place: string, more: object = {}) => ({
  name,
  in: place,
  schema: text,
  ...more,
});
export const link = { operationId: 'getOAuthApp', parameters: { id: '$response.body#/id' } };

/** The name of an edit, the edit, and the edits that make the older bundle. */
export type Row = [name: string, edit: Edit | Edit[], base?: Edit | Edit[]];
export const toList = (edits: Edit | Edit[] | undefined): Edit[] =>
  edits === undefined ? [] : Array.isArray(edits[0]) ? (edits as Edit[]) : [edits as Edit];

/** A property of the request and of the response with a schema, before and after. */
export const inRequest = (schema: unknown): Edit => [`${created}/extra`, schema];
export const inResponse = (schema: unknown): Edit => [`${shown}/extra`, schema];

/** Rows for a changed schema, in a request and in a response. */
export const both = (name: string, before: unknown, after: unknown): { request: Row; response: Row } => ({
  request: [`${name} in a request`, inRequest(after), inRequest(before)],
  response: [`${name} in a response`, inResponse(after), inResponse(before)],
});

export const string = (more: object) => ({ type: 'string', ...more });
export const array = (more: object) => ({ type: 'array', items: text, ...more });
export const object = (more: object) => ({ type: 'object', ...more });
