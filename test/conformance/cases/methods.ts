import { type Contract, generalPointer, type Operation, responsePointer } from '../contract.ts';
import type { Exchange } from '../exchange.ts';
import { followsFromForeign } from '../response-checks.ts';
import type { Session } from '../session.ts';
import type { Violation } from '../violation.ts';
import { createTestApp } from './apps.ts';
import type { Case } from './case.ts';
import { expectTrue } from './expectations.ts';

/** Methods that a path does not have, and OPTIONS and HEAD, which every path has. All of them are extensions. */

/** Returns the methods to try on a path. DELETE of the collection is left out: it could delete every app. */
const methodsFor = ({ needsRecord }: Operation) => ['GET', 'PUT', 'POST', 'PATCH', ...(needsRecord ? ['DELETE'] : [])];
const level = 'extension' as const;
/** Statement about HEAD and OPTIONS. */
const everyResponse = { pointer: generalPointer, topic: 'Every response' };

/** Creates an app where a path has an id. Returns its id. */
async function createIdFor(session: Session, { needsRecord }: Operation): Promise<string | undefined> {
  return needsRecord ? (await createTestApp(session))?.app.id : undefined;
}

/** Reports an Allow header that lacks a method of the path, or has one besides HEAD and OPTIONS. */
function expectAllow(
  session: Session,
  exchange: Exchange,
  operation: Operation,
  methods: readonly string[],
  statement: Pick<Violation, 'pointer' | 'topic'>,
) {
  const value = exchange.response.headers.get('allow') ?? '';
  const allowed = value.split(',').map((name) => name.trim());
  const missing = methods.filter((method) => !allowed.includes(method));
  const unsupported = allowed.filter((name) => ![...methods, 'HEAD', 'OPTIONS', ''].includes(name));
  const followsFrom = followsFromForeign(exchange.response);
  const violation = { check: 'allow_header_conformance' as const, followsFrom, ...statement };
  const cause = value === '' ? 'the header Allow is missing' : 'Allow lacks a method of the path';
  const lacks = { ...violation, message: `Allow lacks ${missing.join(', ')}`, cause };
  expectTrue(session, exchange, operation, missing.length === 0, lacks);
  const more = 'Allow has a method that the path does not have';
  const hasMore = {
    ...violation,
    message: `Allow has ${unsupported.join(', ')}, which the path does not have`,
    cause: more,
  };
  expectTrue(session, exchange, operation, unsupported.length === 0, hasMore);
}

function rejectedMethodCase(operation: Operation, method: string, pathMethods: readonly string[]): Case {
  return {
    name: `${operation.path} rejects ${method}`,
    kind: 'rejects a method',
    operationId: operation.operationId,
    check: 'unsupported_method',
    alsoChecks: ['allow_header_conformance'],
    level,
    // A server that does not reject the method may change something.
    isMutating: true,
    needsNoRecord: !operation.needsRecord,
    async run(session) {
      const exchange = await session.send(operation, { id: await createIdFor(session, operation), method });
      const { status } = exchange.response;
      const message = `${method} got ${status} instead of 405`;
      const cause = status < 400 ? `${method} is accepted` : `an unsupported method gets ${status} instead of 405`;
      const pointer = responsePointer(operation, 405);
      const violation = { check: 'unsupported_method' as const, message, cause, pointer };
      const isRejected = session.expectStatus(exchange, operation, 405, violation);
      const statement = { pointer: `${pointer}/headers/Allow` };
      if (isRejected) expectAllow(session, exchange, operation, pathMethods, statement);
    },
  };
}

function optionsCase(operation: Operation, pathMethods: readonly string[]): Case {
  return {
    name: `${operation.path} supports OPTIONS`,
    operationId: operation.operationId,
    check: 'allow_header_conformance',
    alsoChecks: ['unsupported_method'],
    level,
    isMutating: operation.needsRecord || Object.keys(operation.parents).length > 0,
    async run(session) {
      const exchange = await session.send(operation, { id: await createIdFor(session, operation), method: 'OPTIONS' });
      const message = `OPTIONS got ${exchange.response.status} instead of 204`;
      const cause = 'OPTIONS does not get 204';
      const violation = { check: 'unsupported_method' as const, message, cause, ...everyResponse };
      if (!session.expectStatus(exchange, operation, 204, violation)) return;
      const methods = [...pathMethods, ...(pathMethods.includes('GET') ? ['HEAD'] : [])];
      expectAllow(session, exchange, operation, methods, everyResponse);
    },
  };
}

function headCase(operation: Operation): Case {
  const { operationId } = operation;
  return {
    name: `${operationId} supports HEAD, with the status of GET and no body`,
    operationId,
    check: 'unsupported_method',
    level,
    isMutating: operation.needsRecord || Object.keys(operation.parents).length > 0,
    async run(session) {
      const id = await createIdFor(session, operation);
      const get = await session.send(operation, { id });
      const head = await session.send(operation, { id, method: 'HEAD' });
      const message = `HEAD got ${head.response.status}, GET got ${get.response.status}`;
      const cause = 'HEAD gets another status than GET';
      const violation = { check: 'unsupported_method' as const, message, cause, ...everyResponse };
      // The headers of a response with another status say nothing.
      if (!session.expectStatus(head, operation, get.response.status, violation)) return;
      const isSame = (name: string) =>
        head.response.headers.get(name) === (get.response.headers.get(name) ?? head.response.headers.get(name));
      const different = ['etag'].filter((name) => head.response.headers.has(name) && !isSame(name));
      const others = `HEAD and GET have different values of ${different.join(', ')}`;
      const otherCause = 'HEAD has other headers than GET';
      const ofETag = [
        'conditional_requests: the ETag changes without an update',
        'conditional_requests: create and get*',
      ];
      const followsFrom = different.join() === 'etag' ? ofETag : [];
      expectTrue(session, head, operation, different.length === 0, {
        ...violation,
        message: others,
        cause: otherCause,
        followsFrom,
      });
    },
  };
}

/** Returns the cases about methods. */
export function methodCases(contract: Contract): Case[] {
  const paths = new Set(contract.operations.map(({ path }) => path));
  return [...paths].flatMap((path) => {
    const operations = contract.operations.filter((operation) => operation.path === path);
    const [first] = operations as [Operation, ...Operation[]];
    const pathMethods = operations.map(({ method }) => method.toUpperCase());
    return [
      ...methodsFor(first)
        .filter((method) => !pathMethods.includes(method))
        .map((method) => rejectedMethodCase(first, method, pathMethods)),
      optionsCase(first, pathMethods),
      ...operations.filter(({ method }) => method === 'get').map(headCase),
    ];
  });
}
