import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OAuthApp } from '../../generated/types.ts';

const folder = join(import.meta.dirname, 'published');
/** The one host of the published commands. */
const publishedOrigin = 'https://api.sequin.io';

/** A curl command, taken apart. */
export interface PublishedRequest {
  method: string;
  url: string;
  headers: [string, string][];
  body: string;
}

/** What a page shows, and its text as it is kept. */
export interface PublishedExample {
  text: string;
  request: PublishedRequest;
  response: unknown;
}

function parseCurl(command: string): PublishedRequest {
  const words = command.replaceAll('\\\n', ' ').matchAll(/'([^']*)'|\S+/g);
  const [curl, ...options] = Array.from(words, ([word, quoted]) => quoted ?? word);
  if (curl !== 'curl') throw new Error(`${curl} is not curl`);
  const request: PublishedRequest = { method: '', url: '', headers: [], body: '' };
  for (let at = 0; at < options.length; at += 2) {
    const [option, value = ''] = options.slice(at);
    if (option === '--request') request.method = value;
    else if (option === '--url') request.url = value;
    else if (option === '--header') request.headers.push(value.split(': ', 2) as [string, string]);
    else if (option === '--data') request.body = value;
    else throw new Error(`no published command has ${option}`);
  }
  return request;
}

/** JSON as the pages show it: a comment on a line of its own, and `{ ... }` for further items of a list. */
function parseShownJson(text: string): unknown {
  const comments = /^\s*\/\/.*\n/gm;
  const furtherItems = /,\s*\{ \.\.\. \}/g;
  return JSON.parse(text.replace(comments, '').replace(furtherItems, ''));
}

/** The request example and the response example of a page, kept word for word in contract/published/. */
export async function readPublishedExample(page: string): Promise<PublishedExample> {
  const text = await readFile(join(folder, page), 'utf8');
  const [command = ''] = /^ *curl .*?\}'$/ms.exec(text) ?? [];
  const [shown = ''] = /^( *)\{\n.*?\n\1\}$/ms.exec(text.slice(text.indexOf(command) + command.length)) ?? [];
  return { text, request: parseCurl(command.trimStart()), response: parseShownJson(shown) };
}

/** The one app of a response. The update page shows the list's envelope; the API answers one bare object. */
export function unwrapApp(response: unknown): OAuthApp {
  const { data = [response] } = response as { data?: unknown[] };
  return data[0] as OAuthApp;
}

/** Sends a published command as it is but for its host, and for its `id` where another one is given. */
export function sendPublishedRequest(
  { method, url, headers, body }: PublishedRequest,
  origin: string,
  id?: string,
): Promise<Response> {
  if (!url.startsWith(publishedOrigin)) throw new Error(`${url} has another host`);
  const target = url.replace(publishedOrigin, origin);
  return fetch(id === undefined ? target : target.replace(/[^/]+$/, id), { method, headers, body });
}
