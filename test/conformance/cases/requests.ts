import {
  type Contract,
  type Level,
  laterOf,
  levelOfKeyword,
  type Operation,
  pointerOf,
  provenanceOf,
  type Schema,
} from '../contract.ts';
import type { CheckName } from '../exchange.ts';
import { type Sending, toQuery } from '../sender.ts';
import type { Session } from '../session.ts';
import { invalidValues } from '../values.ts';
import { type Case, exampleBody, makeApp } from './case.ts';

/** Requests as such: credentials, unreadable bodies, queries, ids that are unknown. */

const isWriting = ({ method }: Operation) => method !== 'get';

/** What an operation needs to be called rightly: an app where its path has an id, and the example of its body. */
async function rightly(session: Session, operation: Operation): Promise<Sending> {
  const made = operation.path.includes('{') ? await makeApp(session) : undefined;
  const body = operation.requestBody ? { body: exampleBody(session, operation) } : {};
  return { ...(made && { id: made.app.id }), ...body };
}

interface Attempt {
  /** What is sent, in a few words. */
  readonly what: string;
  readonly check: CheckName;
  /** The answers that keep the contract. */
  readonly statuses: number | readonly number[];
  /** How the request differs from a right one. */
  readonly sending: Sending | ((session: Session) => Sending);
  readonly pointer?: string;
  readonly level?: Level;
}

/** A case that changes one thing of a right request, which has to be refused for it. */
function attempt(operation: Operation, { what, check, statuses, sending, pointer, level }: Attempt): Case {
  return {
    name: `${operation.operationId} refuses ${what}`,
    operationId: operation.operationId,
    check,
    level,
    changesThings: isWriting(operation) || operation.path.includes('{'),
    async run(session) {
      const change = typeof sending === 'function' ? sending(session) : sending;
      const exchange = await session.send(operation, { ...(await rightly(session, operation)), ...change });
      session.expectStatus(exchange, operation, statuses, {
        check,
        message: `${what} is answered with ${exchange.response.status}, not ${[statuses].flat().join(' or ')}`,
        pointer: pointer ?? `${operation.pointer}/responses`,
      });
    },
  };
}

function credentials(operation: Operation): Case[] {
  const pointer = pointerOf('components', 'securitySchemes');
  const wrong = { check: 'ignored_auth' as const, statuses: 401, pointer };
  const attempts: Attempt[] = [
    { ...wrong, what: 'a request without a token', check: 'missing_required_header', sending: { authorization: null } },
    { ...wrong, what: 'a wrong token', sending: { authorization: 'Bearer wrong' } },
    { ...wrong, what: 'a token of another scheme', sending: { authorization: 'Basic d3Jvbmc6d3Jvbmc=' } },
    { ...wrong, what: 'a scheme without a token', sending: { authorization: 'Bearer' } },
    {
      ...wrong,
      what: 'a token with one more character',
      sending: ({ target }) => ({ authorization: `Bearer ${target.token}x` }),
    },
  ];
  return attempts.map((item) => attempt(operation, item));
}

/** Bodies that cannot be read: not JSON, another media type, too large. */
function unreadable(contract: Contract, operation: Operation): Case[] {
  if (!operation.requestBody) return [];
  const check = 'negative_data_rejection' as const;
  const level = 'extension' as const;
  // No page says when it is 400 and when 422.
  const malformed = contract.includes('inferred') ? 400 : [400, 422];
  const most = Number(contract.bundle['x-max-body-bytes']);
  const plain = { 'Content-Type': 'text/plain' };
  const encoded = { 'Content-Encoding': 'gzip' };
  const attempts: Attempt[] = [
    { check, what: 'a body that is not JSON', statuses: malformed, sending: { text: '{"name":' } },
    { check, level, what: 'an empty body', statuses: 400, sending: { text: '' } },
    { check, level, what: 'a body that is no object', statuses: [400, 422], sending: { text: '[]' } },
    { check, level, what: 'another media type', statuses: 415, sending: { headers: plain } },
    { check, level, what: 'a compressed body', statuses: 415, sending: { headers: encoded } },
    { check, level, what: 'a body that is too large', statuses: 413, sending: { text: ' '.repeat(most + 1) } },
    {
      check,
      level,
      what: 'a name that is given twice',
      statuses: [400, 422],
      sending: { text: '{"name":"a","name":"b"}' },
    },
  ];
  return attempts.map((item) => attempt(operation, item));
}

/** Odd spellings that a lenient reader would take for a number or a boolean. */
const oddSpellings: Readonly<Record<string, readonly string[]>> = {
  integer: ['Infinity', '1e400', 'NaN', '0x10', ' 5 ', '1e1', '05', '5.0', '٥', '9007199254740993', ''],
  boolean: ['0', '1', 'True', 'False', 'no', ''],
};

function queryCases(contract: Contract, operation: Operation): Case[] {
  const refusal = { check: 'negative_data_rejection' as const, statuses: 422, level: 'extension' as const };
  const pointer = `${operation.pointer}/parameters`;
  const refuse = (name: string, value: string, level: Level, what = `${name}=${value}`) =>
    attempt(operation, { ...refusal, what, level, sending: { query: toQuery({ [name]: value }) }, pointer });
  const inQuery = operation.parameters.filter((parameter) => parameter.in === 'query' && contract.demands(parameter));
  const values = inQuery.flatMap((parameter) => {
    const { name } = parameter;
    const resolved = contract.deref<Schema>(parameter.schema);
    const outside = invalidValues(resolved)
      // In a query everything is text: what is no text there has no other spelling.
      .filter(({ keyword }) => keyword !== 'type' && keyword !== 'null')
      .map(({ keyword, label, value }) => {
        const level = laterOf(levelOfKeyword(keyword), provenanceOf(parameter));
        return refuse(name, String(value), level, `${label} in ${name}`);
      });
    const odd = (oddSpellings[resolved.type as string] ?? []).map((value) => refuse(name, value, 'extension'));
    const isJson = resolved.contentMediaType === 'application/json';
    const json = isJson ? ['{', '[]', '42'].map((value) => refuse(name, value, 'inferred')) : [];
    return [...outside, ...odd, ...json];
  });
  const undecodable = { query: '?provider=%E0%A4' };
  return [
    ...values,
    refuse('no_such_parameter', '1', 'extension', 'an unknown query parameter'),
    attempt(operation, { ...refusal, what: 'a query that is not UTF-8', statuses: 400, sending: undecodable, pointer }),
  ];
}

function unknownIds(operation: Operation): Case[] {
  if (!operation.path.includes('{')) return [];
  const ids = ['00000000-0000-4000-8000-000000000000', 'no-such-id', '😀'];
  return ids.map((id) =>
    attempt(operation, {
      what: `the unknown id ${id}`,
      check: 'status_code_conformance',
      statuses: 404,
      sending: { id },
    }),
  );
}

/** Every case about requests as such. */
export function requestCases(contract: Contract): Case[] {
  return contract.operations.flatMap((operation) => [
    ...credentials(operation),
    ...unreadable(contract, operation),
    ...queryCases(contract, operation),
    ...unknownIds(operation),
  ]);
}
