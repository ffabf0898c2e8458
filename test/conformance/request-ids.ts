import { type Contract, type Operation, pointerOf, provenanceOf, responsePointer } from './contract.ts';
import type { ReceivedResponse } from './exchange.ts';
import { hashOf } from './findings.ts';
import type { Violation } from './violation.ts';

/** Ids of requests: the header that the description has for them has another value in every response. */

const name = 'X-Request-Id';

/** Notes the request ids of a run, each as text of a few bytes. */
export function trackRequestIds() {
  const seen = new Map<string, string>();
  return {
    /** Returns the violation of a response whose request id an earlier one had. */
    check(contract: Contract, operation: Operation, { status, headers, text }: ReceivedResponse): Violation[] {
      const node = operation.responses[status];
      const documented = node && contract.deref<{ headers?: Record<string, object> }>(node).headers?.[name];
      const value = headers.get(name);
      if (!documented || !contract.requires(contract.deref<object>(documented)) || !value) return [];
      // A response that is sent again as a whole, as caches do, says nothing about ids.
      const content = `${status} ${hashOf(text)}`;
      const earlier = seen.get(value) ?? content;
      seen.set(value, earlier);
      if (earlier === content) return [];
      const message = `the header ${name} is that of an earlier response`;
      const pointer = `${responsePointer(operation, status)}${pointerOf('headers', name)}`;
      const followsFrom = [`response_headers_conformance: the header ${name}: *`];
      const provenance = provenanceOf(contract.deref<object>(documented));
      return [{ check: 'response_headers_conformance', message, followsFrom, pointer, provenance }];
    },
  };
}

export type RequestIds = ReturnType<typeof trackRequestIds>;
