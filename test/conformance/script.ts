import { type ShellVariable, toCurl } from './curl.ts';
import type { Exchange, SentRequest } from './exchange.ts';

/** Shell scripts that repeat the requests of a case: those that make the records, and then the one of a finding. */

/** Number of requests before the last one. A longer script is of little use to a reader. */
const maxSteps = 12;

/** Value of a response that later requests may contain. */
interface Provided {
  readonly kind: 'id' | 'etag' | 'cursor';
  readonly value: string;
}

/** Commands that print the value from a response on standard input, headers included. */
const extractors: Readonly<Record<Provided['kind'], string>> = {
  id: `grep -o '"id" *: *"[^"]*"' | head -n 1 | cut -d '"' -f 4`,
  etag: `tr -d '\\r' | sed -n 's/^[Ee][Tt][Aa][Gg]: *//p' | tail -n 1`,
  cursor: `grep -o '"next_cursor" *: *"[^"]*"' | head -n 1 | cut -d '"' -f 4`,
};
const places: Readonly<Record<Provided['kind'], readonly ShellVariable['place'][]>> = {
  id: ['url', 'body'],
  etag: ['header'],
  cursor: ['url'],
};

const isSuccess = ({ response: { status } }: Exchange) => status >= 200 && status < 300;
const isShellSafe = (value: string) => /^[\w.~-]{4,}$/.test(value);

function valuesOf({ request, response }: Exchange): Provided[] {
  const { id, next_cursor: cursor } = (response.json ?? {}) as { id?: unknown; next_cursor?: unknown };
  const etag = response.headers.get('etag');
  return [
    // The id of a read is that of the request.
    ...(request.method === 'POST' && typeof id === 'string' && isShellSafe(id)
      ? [{ kind: 'id' as const, value: id }]
      : []),
    ...(etag !== null && /^(W\/)?"[!#-~]*"$/.test(etag) ? [{ kind: 'etag' as const, value: etag }] : []),
    ...(typeof cursor === 'string' && isShellSafe(cursor) ? [{ kind: 'cursor' as const, value: cursor }] : []),
  ];
}

const conditionOf = ({ headers }: SentRequest) => `${headers['if-match'] ?? ''} ${headers['if-none-match'] ?? ''}`;

/** Returns whether a request contains a value where it can stand for the value. */
const contains = (request: SentRequest, { kind, value }: Provided) =>
  kind === 'etag'
    ? conditionOf(request).includes(value)
    : request.url.includes(value) || (kind === 'id' && (request.body ?? '').includes(value));

const isList = ({ request }: Exchange) => request.method === 'GET' && request.url.includes('?');

/** Returns the earlier exchanges that a request needs, oldest first. */
function findSteps(earlier: readonly Exchange[], last: Exchange): Exchange[] {
  const needing: SentRequest[] = [last.request];
  const steps: Exchange[] = [];
  const needsEveryRecord = isList(last) || last.request.method === 'POST';
  for (const exchange of [...earlier].reverse()) {
    if (steps.length === maxSteps) break;
    const { method, url } = exchange.request;
    const provides = valuesOf(exchange).some((value) => needing.some((request) => contains(request, value)));
    const isWrite = method !== 'GET' && method !== 'HEAD';
    const isOnSameRecord = isWrite && needing.some((request) => request.url === url && request.method !== 'POST');
    const isRecord = needsEveryRecord && method === 'POST';
    if (!isSuccess(exchange) || !(provides || isOnSameRecord || isRecord)) continue;
    steps.unshift(exchange);
    needing.push(exchange.request);
  }
  return steps;
}

const uuid = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/;

/** Returns variables for idempotency keys. A key that was used would repeat a response of the run. */
function keyVariables(requests: readonly SentRequest[]): ShellVariable[] {
  const keys = new Set(requests.flatMap(({ headers }) => uuid.exec(headers['idempotency-key'] ?? '')?.[0] ?? []));
  return [...keys].map((value, index) => ({ name: `key${index + 1}`, value, place: 'header' as const }));
}

/**
 * Returns a script for `sh` that makes the records that the last request needs, and sends it again.
 *
 * @param earlier - The exchanges of the case before the last one.
 * @param tokens - The tokens by the names of their variables.
 */
export function toScript(
  earlier: readonly Exchange[],
  last: Exchange,
  tokens: Readonly<Record<string, string>>,
): string {
  const steps = findSteps(earlier, last);
  const requests = [...steps, last].map(({ request }) => request);
  const variables = keyVariables(requests);
  const lines = variables.map(({ name }) => `${name}=$(cat /proc/sys/kernel/random/uuid 2>/dev/null || uuidgen)`);
  for (const [index, step] of steps.entries()) {
    const later = requests.slice(index + 1);
    const needed = valuesOf(step).filter((value) => later.some((request) => contains(request, value)));
    const command = toCurl(step.request, tokens, variables, true);
    if (needed.length === 0) {
      lines.push(`${command} --output /dev/null`);
      continue;
    }
    lines.push(`r=$(${command})`);
    for (const { kind, value } of needed) {
      const name = `${kind}${index + 1}`;
      lines.push(`${name}=$(printf '%s\\n' "$r" | ${extractors[kind]})`);
      variables.unshift(...places[kind].map((place) => ({ name, value, place })));
    }
  }
  return [...lines, toCurl(last.request, tokens, variables)].join('\n');
}
