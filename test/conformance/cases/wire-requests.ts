import type { Contract, Operation } from '../contract.ts';
import type { Session } from '../session.ts';
import type { WireOptions } from '../wire.ts';
import { createTestApp } from './apps.ts';
import type { Case } from './case.ts';
import { expectSuccess, expectTrue } from './expectations.ts';
import { validBody } from './fields.ts';

/** Requests as old or careless clients write them (RFC 9112). A case that needs a connection of its own is left out. */

const check = 'status_code_conformance' as const;
const garbage = 'GARBAGE \u0000\r\n\r\n';

interface WireCase extends WireOptions {
  readonly name: string;
}

const variants: readonly WireCase[] = [
  { name: 'a request of HTTP/1.0', httpVersion: '1.0' },
  { name: 'a request that closes the connection, with bytes behind it', connection: 'close', trailing: garbage },
];

async function checkWire(session: Session, operation: Operation, { name, ...options }: WireCase) {
  const created = operation.needsRecord ? await createTestApp(session) : undefined;
  if (operation.needsRecord && created === undefined) return;
  const body = operation.requestBody ? { body: await validBody(session, operation) } : {};
  const sent = await session.sendOnWire(operation, { id: created?.app.id, ...body }, options);
  if (sent === undefined) return;
  const kind = options.trailing === undefined ? name : 'a request with bytes behind it';
  if (!expectSuccess(session, sent.exchange, operation, name, kind)) return;
  const isReadable = options.httpVersion !== '1.0' || !sent.isChunked;
  const message = 'the response to a request of HTTP/1.0 comes in chunks';
  expectTrue(session, sent.exchange, operation, isReadable, {
    check,
    message,
    pointer: `${operation.pointer}/responses`,
  });
}

/** Returns the cases about requests that are written byte by byte. */
export function wireCases(contract: Contract): Case[] {
  const [list, create] = (['list', 'create'] as const).map(contract.findOperation);
  const caseOf = (operation: Operation, variant: WireCase): Case => ({
    name: `${operation.operationId} responds to ${variant.name}`,
    operationId: operation.operationId,
    check: 'positive_data_acceptance',
    alsoChecks: [check],
    level: 'extension',
    isMutating: operation.method !== 'get',
    needsConnection: true,
    run: (session) => checkWire(session, operation, variant),
  });
  return [
    ...(list ? variants.map((variant) => caseOf(list, variant)) : []),
    ...(create ? [caseOf(create, { name: 'a request with garbage behind it', trailing: garbage })] : []),
  ];
}
