import type { Contract, Operation } from '../contract.ts';
import { pointerOf, type Schema } from '../contract.ts';
import type { CheckName, Exchange } from '../exchange.ts';
import { type Sending, type Session, toQuery } from '../session.ts';
import { invalidValues } from '../values.ts';
import { type Case, exampleBody, makeApp } from './case.ts';

/** Requests as such: credentials, methods, media types, sizes, queries, conditions that no body is needed for. */

const isWriting = ({ method }: Operation) => method !== 'get';

/** What an operation needs to be called rightly: an app where its path has an id, and the example of its body. */
async function rightly(session: Session, operation: Operation): Promise<Sending> {
  const made = operation.path.includes('{') ? await makeApp(session) : undefined;
  const body = operation.requestBody ? { body: exampleBody(session, operation) } : {};
  return { ...(made && { id: made.app.id }), ...body };
}

interface Attempt {
  readonly name: string;
  readonly check: CheckName;
  /** The answers that keep the contract. */
  readonly statuses: number | readonly number[];
  readonly sending: Sending;
  readonly pointer?: string;
}

function attempt(operation: Operation, { name, check, statuses, sending, pointer }: Attempt): Case {
  return {
    name: `${operation.operationId} ${name}`,
    operationId: operation.operationId,
    check,
    changesThings: isWriting(operation) || operation.path.includes('{'),
    async run(session) {
      const exchange = await session.send(operation, { ...(await rightly(session, operation)), ...sending });
      session.expectStatus(exchange, operation, statuses, {
        check,
        message: `${exchange.response.status} where ${[statuses].flat().join(' or ')} was expected: ${name}`,
        pointer: pointer ?? `${operation.pointer}/responses`,
      });
    },
  };
}

function credentials(contract: Contract, operation: Operation): Case[] {
  const pointer = pointerOf('components', 'securitySchemes');
  const without = { check: 'missing_required_header' as const, statuses: 401, pointer };
  const wrong = { check: 'ignored_auth' as const, statuses: 401, pointer };
  const cases: Attempt[] = [
    { name: 'refuses a request without a token', ...without, sending: { authorization: null } },
    { name: 'refuses a wrong token', ...wrong, sending: { authorization: 'Bearer wrong' } },
    { name: 'refuses a token of another scheme', ...wrong, sending: { authorization: 'Basic d3Jvbmc6d3Jvbmc=' } },
    { name: 'refuses a scheme without a token', ...wrong, sending: { authorization: 'Bearer' } },
  ];
  const isChallenged = contract.level === 'extension';
  return [...cases.map((item) => attempt(operation, item)), ...(isChallenged ? [typo(operation)] : [])];
}

/** A token with one more character is another token. */
function typo(operation: Operation): Case {
  const { operationId } = operation;
  return {
    name: `${operationId} refuses a token with a typo`,
    operationId,
    check: 'ignored_auth',
    changesThings: true,
    async run(session) {
      const sending = { ...(await rightly(session, operation)), authorization: `Bearer ${session.target.token}x` };
      const exchange = await session.send(operation, sending);
      const message = `a token with a typo is answered with ${exchange.response.status}, not 401`;
      const pointer = pointerOf('components', 'securitySchemes');
      session.expectStatus(exchange, operation, 401, { check: 'ignored_auth', message, pointer });
    },
  };
}

const knownMethods = ['GET', 'PUT', 'POST', 'PATCH', 'DELETE'];

function expectAllow(session: Session, exchange: Exchange, operation: Operation, methods: readonly string[]) {
  const allow = (exchange.response.headers.get('allow') ?? '').split(',').map((name) => name.trim());
  const missing = methods.filter((method) => !allow.includes(method));
  if (missing.length === 0) return;
  const message = `Allow lacks ${missing.join(', ')}`;
  session.report(exchange, operation, { check: 'allow_header_conformance', message, pointer: operation.pointer });
}

/** Methods that a path does not have, and OPTIONS and HEAD, which every path has. */
function methodCases(contract: Contract): Case[] {
  const paths = Map.groupBy(contract.operations, ({ path }) => path);
  return [...paths.values()].flatMap((operations) => {
    const [first] = operations as [Operation, ...Operation[]];
    const own = operations.map(({ method }) => method.toUpperCase());
    const common = { operationId: first.operationId, changesThings: first.path.includes('{') };
    const others = knownMethods.filter(
      (method) => !own.includes(method) && !(contract.level !== 'extension' && method === 'DELETE'),
    );
    const refused = others.map(
      (method): Case => ({
        ...common,
        name: `${first.path} refuses ${method}`,
        check: 'unsupported_method',
        async run(session) {
          const { id } = await rightly(session, first);
          const exchange = await session.send(first, { id, method });
          const isLenient = contract.level !== 'extension';
          const { status } = exchange.response;
          const message = `${method} is answered with ${status}, not ${isLenient ? '4xx' : '405'}`;
          const isRefused = isLenient ? status >= 400 && status < 500 : status === 405;
          if (!isRefused)
            session.report(exchange, first, { check: 'unsupported_method', message, pointer: first.pointer });
          else if (!isLenient) expectAllow(session, exchange, first, own);
        },
      }),
    );
    if (contract.level !== 'extension') return refused;
    const options: Case = {
      ...common,
      name: `${first.path} answers OPTIONS`,
      check: 'allow_header_conformance',
      async run(session) {
        const exchange = await session.send(first, {
          ...(await rightly(session, first)),
          body: undefined,
          method: 'OPTIONS',
        });
        expectAllow(session, exchange, first, [...own, ...(own.includes('GET') ? ['HEAD'] : [])]);
      },
    };
    return [...refused, options, ...operations.filter(({ method }) => method === 'get').map(headCase)];
  });
}

function headCase(operation: Operation): Case {
  const { operationId } = operation;
  return {
    name: `${operationId} answers HEAD as GET without a body`,
    operationId,
    check: 'unsupported_method',
    changesThings: operation.path.includes('{'),
    async run(session) {
      const sending = await rightly(session, operation);
      const get = await session.send(operation, sending);
      const head = await session.send(operation, { ...sending, method: 'HEAD' });
      const message = `HEAD is answered with ${head.response.status}, GET with ${get.response.status}`;
      const breach = { check: 'unsupported_method' as const, message, pointer: operation.pointer };
      session.expectStatus(head, operation, get.response.status, breach);
    },
  };
}

/** Bodies that cannot be read: not JSON, not UTF-8, another media type, too large. */
function unreadable(contract: Contract, operation: Operation): Case[] {
  if (!operation.requestBody) return [];
  const malformed = { check: 'negative_data_rejection' as const, statuses: 400 };
  const cases: Attempt[] = [
    { name: 'refuses a body that is not JSON', ...malformed, sending: { text: '{"name":' } },
    { name: 'refuses an empty body', ...malformed, sending: { text: '' } },
  ];
  const extensions: Attempt[] = [
    {
      name: 'refuses another media type',
      check: 'negative_data_rejection',
      statuses: 415,
      sending: { headers: { 'Content-Type': 'text/plain' } },
    },
    {
      name: 'refuses a body that is too large',
      check: 'negative_data_rejection',
      statuses: 413,
      sending: { text: ' '.repeat(Number(contract.bundle['x-max-body-bytes']) + 1) },
    },
    {
      name: 'refuses a name that is given twice',
      check: 'negative_data_rejection',
      statuses: [400, 422],
      sending: { text: '{"name":"a","name":"b"}' },
    },
  ];
  const isFull = contract.level === 'extension';
  return [...cases.filter((item) => isFull || item.sending.text !== ''), ...(isFull ? extensions : [])].map((item) =>
    attempt(operation, item),
  );
}

/** Odd spellings that a lenient reader would take for a number or a boolean. */
const oddSpellings: Readonly<Record<string, readonly string[]>> = {
  integer: ['Infinity', '1e400', 'NaN', '0x10', ' 5 ', '1e1', '05', '5.0', '٥', '9007199254740993', ''],
  boolean: ['0', '1', 'False', 'no', ''],
};

function queryCases(contract: Contract, operation: Operation): Case[] {
  const inQuery = operation.parameters.filter((parameter) => parameter.in === 'query' && contract.demands(parameter));
  const refuse = (name: string, value: string, what: string, pointer = `${operation.pointer}/parameters`) =>
    attempt(operation, {
      name: `refuses ${what}`,
      check: 'negative_data_rejection',
      statuses: 422,
      sending: { query: toQuery({ [name]: value }) },
      pointer,
    });
  const values = inQuery.flatMap(({ name, schema }) => {
    const resolved = contract.deref<Schema>(schema);
    const outside = invalidValues(resolved)
      // In a query everything is text: what is no text there has no other spelling.
      .filter(({ keyword }) => keyword !== 'type' && contract.enforces(keyword))
      .map(({ label, value }) => refuse(name, String(value), `${label} in ${name}`));
    const type = resolved.type as unknown as string;
    const isStrict = contract.level === 'extension';
    const odd = (isStrict ? (oddSpellings[type] ?? []) : []).map((value) => refuse(name, value, `${name}=${value}`));
    const isJson = resolved.contentMediaType === 'application/json' && contract.enforces('additionalProperties');
    const json = isJson ? ['{', '[]', '42'].map((value) => refuse(name, value, `${name}=${value}`)) : [];
    return [...outside, ...odd, ...json];
  });
  if (contract.level !== 'extension') return values;
  const undecodable = attempt(operation, {
    name: 'refuses a query that is not UTF-8',
    check: 'negative_data_rejection',
    statuses: 400,
    sending: { query: '?provider=%E0%A4' },
  });
  return [...values, refuse('no_such_parameter', '1', 'an unknown query parameter'), undecodable];
}

function unknownIds(operation: Operation): Case[] {
  if (!operation.path.includes('{')) return [];
  const ids = ['00000000-0000-4000-8000-000000000000', 'no-such-id', '😀'];
  return ids.map((id) =>
    attempt(operation, {
      name: `has nothing at the unknown id ${id}`,
      check: 'status_code_conformance',
      statuses: 404,
      sending: { id },
    }),
  );
}

/** Every case about requests as such. */
export function requestCases(contract: Contract): Case[] {
  return [
    ...methodCases(contract),
    ...contract.operations.flatMap((operation) => [
      ...credentials(contract, operation),
      ...unreadable(contract, operation),
      ...queryCases(contract, operation),
      ...unknownIds(operation),
    ]),
  ];
}
