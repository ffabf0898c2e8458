import type { Contract, Operation } from '../contract.ts';
import type { Exchange } from '../exchange.ts';
import type { Session } from '../session.ts';
import { type Case, expectTrue, makeApp } from './case.ts';

/** Methods that a path does not have, and OPTIONS and HEAD, which every path has. All of them are extensions. */

/** Those to try on a path. Whoever takes DELETE for the whole list would empty the account: that is not tried. */
const methodsFor = (path: string) => ['GET', 'PUT', 'POST', 'PATCH', ...(path.includes('{') ? ['DELETE'] : [])];
const level = 'extension' as const;

/** An id for a path that has one, of an app that is there. */
async function idFor(session: Session, { path }: Operation): Promise<string | undefined> {
  return path.includes('{') ? (await makeApp(session))?.app.id : undefined;
}

/** Demands that Allow names the methods of the path, and no other but HEAD and OPTIONS. */
function expectAllow(session: Session, exchange: Exchange, operation: Operation, methods: readonly string[]) {
  const value = exchange.response.headers.get('allow') ?? '';
  const named = value.split(',').map((name) => name.trim());
  const missing = methods.filter((method) => !named.includes(method));
  const foreign = named.filter((name) => ![...methods, 'HEAD', 'OPTIONS', ''].includes(name));
  const breach = { check: 'allow_header_conformance' as const, pointer: operation.pointer };
  const lacks = { ...breach, message: `Allow lacks ${missing.join(', ')}` };
  expectTrue(session, exchange, operation, missing.length === 0, lacks);
  const hasMore = { ...breach, message: `Allow names ${foreign.join(', ')}, which the path does not have` };
  expectTrue(session, exchange, operation, foreign.length === 0, hasMore);
}

function refusedMethod(operation: Operation, method: string, own: readonly string[]): Case {
  return {
    name: `${operation.path} refuses ${method}`,
    operationId: operation.operationId,
    check: 'unsupported_method',
    alsoChecks: ['allow_header_conformance'],
    level,
    // Whoever does not refuse it does something.
    changesThings: true,
    async run(session) {
      const exchange = await session.send(operation, { id: await idFor(session, operation), method });
      const message = `${method} is answered with ${exchange.response.status}, not 405`;
      const breach = { check: 'unsupported_method' as const, message, pointer: operation.pointer };
      if (session.expectStatus(exchange, operation, 405, breach)) expectAllow(session, exchange, operation, own);
    },
  };
}

function optionsCase(operation: Operation, own: readonly string[]): Case {
  return {
    name: `${operation.path} answers OPTIONS`,
    operationId: operation.operationId,
    check: 'allow_header_conformance',
    alsoChecks: ['unsupported_method'],
    level,
    changesThings: operation.path.includes('{'),
    async run(session) {
      const exchange = await session.send(operation, { id: await idFor(session, operation), method: 'OPTIONS' });
      const message = `OPTIONS is answered with ${exchange.response.status}, not 204`;
      const breach = { check: 'unsupported_method' as const, message, pointer: operation.pointer };
      if (!session.expectStatus(exchange, operation, 204, breach)) return;
      expectAllow(session, exchange, operation, [...own, ...(own.includes('GET') ? ['HEAD'] : [])]);
    },
  };
}

function headCase(operation: Operation): Case {
  const { operationId } = operation;
  return {
    name: `${operationId} answers HEAD as GET without a body`,
    operationId,
    check: 'unsupported_method',
    level,
    changesThings: operation.path.includes('{'),
    async run(session) {
      const id = await idFor(session, operation);
      const get = await session.send(operation, { id });
      const head = await session.send(operation, { id, method: 'HEAD' });
      const message = `HEAD is answered with ${head.response.status}, GET with ${get.response.status}`;
      const breach = { check: 'unsupported_method' as const, message, pointer: operation.pointer };
      session.expectStatus(head, operation, get.response.status, breach);
    },
  };
}

/** Every case about methods. */
export function methodCases(contract: Contract): Case[] {
  const paths = new Set(contract.operations.map(({ path }) => path));
  return [...paths].flatMap((path) => {
    const operations = contract.operations.filter((operation) => operation.path === path);
    const [first] = operations as [Operation, ...Operation[]];
    const own = operations.map(({ method }) => method.toUpperCase());
    return [
      ...methodsFor(path)
        .filter((method) => !own.includes(method))
        .map((method) => refusedMethod(first, method, own)),
      optionsCase(first, own),
      ...operations.filter(({ method }) => method === 'get').map(headCase),
    ];
  });
}
