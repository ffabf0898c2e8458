// @databases none
import { describe, expect, test } from 'vitest';
import { bufferBytes, LineBuffer, type Sink } from '../../server/process/log-destination.ts';

describe('the buffer of the log', () => {
  /** Makes a sink that takes so many bytes of each write, or fails. */
  function makeSink(outcomes: readonly (number | Error)[]) {
    let text = '';
    const left = [...outcomes];
    const sink: Sink = {
      writeBytes: 16,
      write(bytes, done) {
        const outcome = left.shift() ?? bytes.length;
        if (outcome instanceof Error) return void setImmediate(done, outcome, 0);
        text += bytes.toString('utf8', 0, outcome);
        setImmediate(done, null, Math.min(outcome, bytes.length));
      },
      writeLast(bytes) {
        text += bytes;
      },
    };
    return { sink, written: () => text };
  }

  test('continues a line that was written in part', async () => {
    const { sink, written } = makeSink([3, new Error('ENOSPC'), 0, 1, 7]);
    const output = new LineBuffer(sink);
    for (const line of ['one\n', 'two and more\n', 'a line longer than a write\n']) output.write(line);
    await output.flush(5_000);
    expect(written()).toBe('one\ntwo and more\na line longer than a write\n');
  });

  test('tells the loss where the lines would be', async () => {
    const { sink, written } = makeSink([new Error('EAGAIN')]);
    const output = new LineBuffer(sink);
    const line = `${'x'.repeat(bufferBytes / 4 - 1)}\n`;
    for (let count = 0; count < 7; count += 1) output.write(line);
    await output.flush(5_000);
    output.write('next\n');
    await output.flush(5_000);
    const after = written().slice(4 * line.length);
    expect(after).toMatch(/^\{"level":40,"time":"[^"]+","lost":3,"msg":"log lines lost"\}\nnext\n$/);
  });

  test('writes the rest once at the exit', () => {
    const { sink, written } = makeSink([]);
    const output = new LineBuffer(sink);
    for (const line of ['one\n', 'two\n', 'three\n']) output.write(line);
    output.writeLast();
    expect(written()).toBe('one\ntwo\nthree\n');
  });

  test('a flush ends in time without a writer', async () => {
    const output = new LineBuffer({ writeBytes: 1, write() {}, writeLast() {} });
    output.write('line\n');
    await output.flush(10);
  });

  test('a line longer than the buffer is lost alone', async () => {
    const { sink, written } = makeSink([]);
    const output = new LineBuffer(sink);
    output.write(`${'x'.repeat(bufferBytes)}\n`);
    output.write('next\n');
    await output.flush(5_000);
    expect(written()).toMatch(/^\{[^\n]+"lost":1,"msg":"log lines lost"\}\nnext\n$/);
  });
});
