import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OAuthApp } from '../../generated/types.ts';

const folder = join(import.meta.dirname, 'published');
/** The one host of the published commands. */
const publishedOrigin = 'https://api.sequin.io';

/** The request of a curl command. */
export interface PublishedRequest {
  method: string;
  url: string;
  headers: [string, string][];
  body: string;
}

/** The examples of a page, and its text. */
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
    else throw new Error(`unknown option ${option}`);
  }
  return request;
}

/** Parses JSON of the pages. It may have comment lines, and `{ ... }` for further items of a list. */
function parseShownJson(text: string): unknown {
  const comments = /^\s*\/\/.*\n/gm;
  const furtherItems = /,\s*\{ \.\.\. \}/g;
  return JSON.parse(text.replace(comments, '').replace(furtherItems, ''));
}

/** Reads the examples of a page. test/contract/published/ holds the pages word for word. */
export async function readPublishedExample(page: string): Promise<PublishedExample> {
  const text = await readFile(join(folder, page), 'utf8');
  const [command = ''] = /^ *curl .*?\}'$/ms.exec(text) ?? [];
  const [shown = ''] = /^( *)\{\n.*?\n\1\}$/ms.exec(text.slice(text.indexOf(command) + command.length)) ?? [];
  return { text, request: parseCurl(command.trimStart()), response: parseShownJson(shown) };
}

/** Returns the app of a response. The update page shows it in the envelope of the list; the API sends it alone. */
export function unwrapApp(response: unknown): OAuthApp {
  const { data = [response] } = response as { data?: unknown[] };
  return data[0] as OAuthApp;
}

/** Sends a published request to another origin, and with another id if given. */
export function sendPublishedRequest(
  { method, url, headers, body }: PublishedRequest,
  origin: string,
  id?: string,
): Promise<Response> {
  if (!url.startsWith(publishedOrigin)) throw new Error(`${url} has another host`);
  const target = url.replace(publishedOrigin, origin);
  return fetch(id === undefined ? target : target.replace(/[^/]+$/, id), { method, headers, body });
}
