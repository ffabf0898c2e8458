import { type Contract, generalPointer, type Operation, responsePointer } from '../contract.ts';
import type { Session } from '../session.ts';
import type { WireOptions } from '../wire.ts';
import { listApps, type ReceivedApp } from './apps.ts';
import type { Case } from './case.ts';
import { expectSuccess, expectTrue, followsFromUnread, isSuccess } from './expectations.ts';
import { makeUnique, validBody } from './fields.ts';

/** Requests that no HTTP client sends (RFC 9112). A case that needs a connection of its own is left out without one. */

type Body = Record<string, unknown>;

const level = 'extension' as const;
const garbage = 'GARBAGE \u0000\r\n\r\n';

/** Returns the case about a request of HTTP/1.0, whose response must not come in chunks. */
function oldVersionCase(list: Operation): Case {
  const check = 'status_code_conformance' as const;
  const name = 'a request of HTTP/1.0';
  return {
    name: `${list.operationId} responds to ${name}`,
    operationId: list.operationId,
    check: 'positive_data_acceptance',
    alsoChecks: [check],
    level,
    needsConnection: true,
    async run(session) {
      const sent = await session.sendOnWire(list, {}, { httpVersion: '1.0' });
      if (sent === undefined || !expectSuccess(session, sent.exchange, list, name, name)) return;
      const message = 'the response to a request of HTTP/1.0 comes in chunks';
      const pointer = `${list.pointer}/responses`;
      expectTrue(session, sent.exchange, list, !sent.isChunked, { check, message, pointer });
    },
  };
}

/** Returns a valid body, and the names of the fields whose values no other app has. */
async function uniqueBody(session: Session, create: Operation): Promise<{ body: Body; names: string[] }> {
  const example: Body = await validBody(session, create);
  const body: Body = makeUnique(session, create, example);
  return { body, names: Object.keys(body).filter((name) => body[name] !== example[name]) };
}

/** Finds the app that a request created, though its response does not show it. */
async function findCreated(session: Session, { body, names }: { body: Body; names: readonly string[] }) {
  const isIt = (app: ReceivedApp) => names.some((name) => app[name] === body[name]);
  return (await listApps(session, {}))?.apps.find(isIt);
}

/**
 * Returns the case about a create request with bytes behind it. They belong to no request, and a server may reject them.
 * The first response is that of the create request (RFC 9112, 9.3.2): a client that reads an error sends it again.
 */
function trailingBytesCase(create: Operation, connection?: string): Case {
  const closing = connection === undefined ? '' : ' that closes the connection';
  return {
    name: `${create.operationId} responds to a request${closing} with bytes behind it`,
    operationId: create.operationId,
    check: 'positive_data_acceptance',
    level,
    isMutating: true,
    needsConnection: true,
    async run(session) {
      const unique = await uniqueBody(session, create);
      const sent = await session.sendOnWire(create, { body: unique.body }, { trailing: garbage, connection });
      if (sent === undefined || isSuccess(sent.exchange)) return;
      const app = await findCreated(session, unique);
      if (app === undefined) return;
      const { status } = sent.exchange.response;
      session.expectStatus(sent.exchange, create, 200, {
        check: 'positive_data_acceptance',
        message: `a create request with bytes behind it got ${status}, and the app was created`,
        cause: 'a create request with bytes behind it is carried out and gets an error',
        pointer: responsePointer(create, status),
      });
      const remove = session.contract.findOperation('delete');
      if (remove !== undefined) await session.send(remove, { id: app.id });
    },
  };
}

interface RejectedWire extends WireOptions {
  readonly label: string;
  /** Returns the body. @default none */
  readonly textOf?: (session: Session) => Promise<string>;
  readonly pointer: string;
  /** First words of the paragraph at the pointer. */
  readonly topic?: string;
}

/** Returns a case about bytes that an operation has to reject. */
function rejectedCase(operation: Operation, { label, textOf, pointer, topic, ...wire }: RejectedWire): Case {
  const check = 'negative_data_rejection' as const;
  return {
    name: `${operation.operationId} rejects ${label}`,
    operationId: operation.operationId,
    check,
    level,
    isMutating: operation.method !== 'get',
    needsConnection: true,
    needsNoRecord: true,
    async run(session) {
      const headers = { 'Content-Type': 'application/json' };
      const options = textOf === undefined ? {} : { text: await textOf(session), headers };
      const sent = await session.sendOnWire(operation, options, wire);
      if (sent === undefined) return;
      const { status } = sent.exchange.response;
      const message = `${label} got ${status} instead of 400`;
      const followsFrom = textOf === undefined ? [] : followsFromUnread;
      const violation = { check, message, cause: `${label} is accepted`, expected: '400', got: String(status) };
      expectTrue(session, sent.exchange, operation, status >= 400, { ...violation, pointer, topic, followsFrom });
    },
  };
}

/** Returns a valid body but for a byte that UTF-8 does not have, in ISO 8859-1. */
async function invalidUtf8(session: Session, create: Operation): Promise<string> {
  const { body, names } = await uniqueBody(session, create);
  const [name = ''] = names;
  const toEscape = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  const text = JSON.stringify({ ...body, [name]: `${String(body[name]).slice(0, -1)}?` });
  return text.replaceAll(/[^\u0020-\u007e]/g, toEscape).replace('?"', '\u00ff"');
}

/** Returns the cases about requests that are written byte by byte. */
export function wireCases(contract: Contract): Case[] {
  const [list, create] = (['list', 'create'] as const).map(contract.findOperation);
  const everyUrl = { pointer: generalPointer, topic: 'Every URL' };
  return [
    ...(list
      ? [oldVersionCase(list), rejectedCase(list, { label: 'a URL with a fragment', fragment: '#x', ...everyUrl })]
      : []),
    ...(create
      ? [
          trailingBytesCase(create),
          trailingBytesCase(create, 'close'),
          rejectedCase(create, {
            label: 'a body that is not UTF-8',
            textOf: (session) => invalidUtf8(session, create),
            bodyEncoding: 'latin1',
            pointer: responsePointer(create, 400),
          }),
        ]
      : []),
  ];
}
