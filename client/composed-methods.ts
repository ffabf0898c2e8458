/** The requests of the methods that send more than one. */
import type { RequestOptions } from '../generated/client.ts';
import type { ChangeRequests, Composer } from '../generated/composed.ts';
import type { ApiResponse } from '../generated/requests.ts';
import { ConnectionError, ProblemError, TimeoutError } from './errors.ts';
import { readSignal, type Settings, toRecord } from './options.ts';
import { chooseDelay, isStrong } from './retry.ts';
import { sleep, startTimeout } from './timeout.ts';

const maxChangeAttempts = 10;

/** Returns an error for a successful response that the method cannot go on with. */
const unusable = ({ status, headers }: ApiResponse<unknown>, operation: string, message: string) =>
  new ProblemError(new Response(null, { status, headers }), undefined, operation, message);

const listAll: Composer['listAll'] = async function* (operation, list) {
  const seen = new Set<string>();
  for (let cursor: string | undefined; ; ) {
    const page = await list(cursor).withResponse();
    yield* page.data.data;
    cursor = page.data.next_cursor;
    if (cursor === undefined) return;
    if (seen.has(cursor)) throw unusable(page, operation, 'the server sent the same next_cursor again');
    seen.add(cursor);
  }
};

/** Creates the composer. `apply` completes the options of a request. */
export function createComposer(apply: (options: RequestOptions) => Settings): Composer {
  return {
    listAll,
    async change<Data, Body, Result>(
      operation: string,
      { read, write }: ChangeRequests<Data, Body, Result>,
      change: (current: Data) => Body | undefined | Promise<Body | undefined>,
      options: RequestOptions = {},
    ) {
      const { totalTimeout, retry } = apply(options);
      const total = startTimeout(totalTimeout, [readSignal(options.signal)]);
      const { signal } = total;
      let [attempt, isWriting] = [0, false];
      try {
        for (;;) {
          attempt += 1;
          isWriting = false;
          const current = await read({ ...options, signal }).withResponse();
          const { data, etag } = current;
          if (!isStrong(etag)) throw unusable(current, operation, 'no strong ETag, so that a change is not safe');
          const body = await change(data);
          if (body === undefined) return data;
          isWriting = true;
          try {
            const headers = { ...toRecord(options.headers ?? {}), 'If-Match': etag };
            return await write(body, { ...options, signal, headers });
          } catch (error) {
            if (!(error instanceof ProblemError) || error.status !== 412 || attempt >= maxChangeAttempts) throw error;
            isWriting = false;
            await sleep(chooseDelay(attempt, error.retryAfter, retry), signal);
          }
        }
      } catch (error) {
        if (!total.hasExpired() || error instanceof ConnectionError || error !== signal.reason) throw error;
        throw new TimeoutError({ attempts: attempt, mayHaveArrived: isWriting }, totalTimeout);
      } finally {
        total.clear();
      }
    },
  };
}
