import type { ServerOptions } from 'node:http';
import type { Express } from 'express';
import { http } from './node-http.ts';

type Messages = Required<Pick<ServerOptions, 'IncomingMessage' | 'ServerResponse'>>;

/** A constructor of what `Base` makes, with another prototype that inherits from the base's own. */
function constructorOf<Base extends Messages[keyof Messages]>(base: Base, prototype: object): Base {
  function Message(...values: unknown[]): object {
    return Reflect.construct(base, values, Message);
  }
  Message.prototype = prototype;
  return Message as unknown as Base;
}

/**
 * Requests and responses as an Express app wants them, for `http.createServer`. Otherwise Express changes the prototype
 * of both with every request, which makes all that follows slower.
 */
export const messagesOf = ({ request, response }: Express): Messages => ({
  IncomingMessage: constructorOf(http.IncomingMessage, request),
  ServerResponse: constructorOf(http.ServerResponse, response),
});
