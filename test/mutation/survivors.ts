// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are source code.
import { inFile, type Row, type Survivor } from './survivor.ts';
import { survivorsOfDiff } from './survivors-of-diff.ts';

const [text, list] = ['"Stryker was here!"', '["Stryker was here"]'];
const noGroup = 'The default is for the compiler: a text of this form has the group.';
const noMatch = 'The rest does not depend on the groups of a text without the form.';
const column = 'The default is for the compiler: a table has the columns of its secrets.';
const defined = 'The `?.` is for the compiler: the value is there.';

/** The mutants that survive. Each is equivalent, makes a difference that is no promise, or shows that a fact is missing. */
export const survivors: readonly Survivor[] = [
  ...inFile(
    'server/keys/key-ring.ts',
    ["const [, keyId = '', key] = keyLine.exec(line) ?? [];", '[]', list, noMatch],
    ["const [, keyId = '', key] = keyLine.exec(line) ?? [];", "''", text, noGroup],
    ["const [form, keyId = '', ...encoded] = envelope.split('.');", "''", text, noGroup],
    ["const [currentKeyId = '', ...others] = keys.keys();", "''", text, 'There is at least one key.'],
    ["const [keyId = '', stored = ''] = fingerprint.split('.');", "''", text, 'It is no digest either.'],
    [
      'const decipher = createDecipheriv(algorithm, key, iv, { authTagLength });',
      ...(['{ authTagLength }', '{}', 'The form of an envelope demands a tag of 16 bytes as well.'] as const),
    ],
    [
      'const cipher = createCipheriv(algorithm, key, iv, { authTagLength });',
      ...(['{ authTagLength }', '{}', '16 bytes are the default of Node.'] as const),
    ],
    [
      "const ciphertext = cipher.update(secret, 'utf8');",
      ...(["'utf8'", '""', 'UTF-8 is the default of Node.'] as const),
    ],
    [
      "fingerprint: (text) => `${currentKeyId}.${digest(currentKeyId, text)?.toString('base64url')}`,",
      ...(['digest(currentKeyId, text)?.toString', 'digest(currentKeyId, text).toString', defined] as const),
    ],
    [
      'if (used + count > drawn.length) {',
      ...(['used + count > drawn.length', 'true', 'It draws anew each time, which is slower.'] as const),
    ],
    [
      'if (used + count > drawn.length) {',
      'used + count > drawn.length',
      'used + count >= drawn.length',
      'It draws anew a little earlier.',
    ],
    [
      'export function loadKeyRing(text: string, loadedAt: Date, isComing = (_keyId: string) => false): KeyRing {',
      ...(['(_keyId: string) => false', '() => undefined', 'Both are falsy.'] as const),
    ],
  ),
  ...inFile(
    'server/keys/tokens.ts',
    [
      "const letters = token.toLowerCase().replaceAll(/[013457]/g, (digit) => lettersOfDigits[digit] ?? '');",
      ...(["''", text, 'The default is for the compiler: each of these digits has a letter.'] as const),
    ],
    ...['/[a-z]{2}$/', '/^[a-z]{2}/'].map((form): Row => {
      const line = 'const ofLetters = pairs.filter((pair) => /^[a-z]{2}$/.test(pair));';
      return [line, '/^[a-z]{2}$/', form, 'A pair has two characters at most.'];
    }),
    [
      'rt ty yu sd df fg gh hj jk kl zx xc cv vb bn nm`.split(/\\s+/),',
      ...(['/\\s+/', '/\\s/', 'No pair of letters is empty.'] as const),
    ],
    ["const [, random = '', sum] = minted.exec(token) ?? [];", "''", text, 'Without the form there is no checksum.'],
    ["const [, random = '', sum] = minted.exec(token) ?? [];", '[]', list, 'Without the form there is no checksum.'],
  ),
  ...inFile(
    'server/resource/etag.ts',
    ["return tags.flatMap(([, weak, tag = '']) => {", "''", text, noGroup],
    ['const [, digits] = /^v([1-9]\\d{0,14})(?:-(?:warn|error)\\.[\\da-z]+)?$/.exec(tag) ?? [];', '[]', list, noMatch],
  ),
  ...inFile('server/resource/cursor.ts', [
    'const firstPage = description.components.examples.FirstPage?.value;',
    'description.components.examples.FirstPage?.value',
    'description.components.examples.FirstPage.value',
    defined,
  ]),
  ...inFile('server/resource/pages.ts', [
    'if (!isLast) await nextTurn();',
    ...(['!isLast', 'true', 'It waits a turn after the last slice as well.'] as const),
  ]),
  ...inFile('client/composed-methods.ts', [
    'let [attempt, isWriting] = [0, false];',
    ...(['false', 'true', 'Each attempt sets it before it sends.'] as const),
  ]),
  ...inFile('server/resource/metadata.ts', [
    'const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));',
    'a < b',
    'a <= b',
    'An object has each name once.',
  ]),
  ...inFile(
    'server/resource/secrets.ts',
    ...["''", "{ keyId: '', version: '' }"].map(
      (original): Row => [
        "const { keyId, version } = columns[column] ?? { keyId: '', version: '' };",
        ...([original, original === "''" ? text : '{}', column] as const),
      ],
    ),
    [
      "return { table, column, account_id, id, envelope, key_id: row[keyId] ?? '', version: row[version] ?? '' };",
      ...(["''", text, column] as const),
    ],
  ),
  ...inFile(
    'test/conformance/masking.ts',
    [
      'const isRandom = (word: string) => /[a-z]/.test(word) && /[A-Z]/.test(word) && (word.match(/\\d/g) ?? []).length >= 3;',
      ...(['[]', list, 'One item is fewer than three as well.'] as const),
    ],
    [
      "Buffer.from(secret).toString('base64').replace(/=+$/, ''),",
      ...(['/=+$/', '/=+/', 'In Base64, `=` stands at the end alone.'] as const),
    ],
  ),
  ...inFile(
    'generated/strict-json.ts',
    ["const [, sign = '', whole = '', fraction = '', exponent = '0'] =", "''", text, noGroup],
    ["const [, sign = '', whole = '', fraction = '', exponent = '0'] =", "'0'", '""', 'Both are the number 0.'],
    ['/^(-?)(\\d+)(?:\\.(\\d+))?(?:[eE]([-+]?\\d+))?$/.exec(decimal) ?? [];', '[]', list, noMatch],
    ...[/^\^/, /\$$/].map((anchor): Row => {
      const form = '^(-?)(\\d+)(?:\\.(\\d+))?(?:[eE]([-+]?\\d+))?$';
      const reason = 'Numbers of JSON and of JavaScript have this form from end to end.';
      return [`/${form}/.exec(decimal) ?? [];`, `/${form}/`, `/${form.replace(anchor, '')}/`, reason];
    }),
    ["if (digits === '') return '0';", "'0'", '""', 'Only whether two texts are the same counts.'],
    [
      'return `${sign}${digits.slice(0, end)}e${Number(exponent) - fraction.length + digits.length - end}`;',
      'Number(exponent) - fraction.length + digits.length - end',
      'Number(exponent) - fraction.length + digits.length + end',
      'Only whether two texts are the same counts: they have the same `end` where they have the same digits.',
    ],
    [
      "const decode = (token: string): string => (token.includes('\\\\') ? JSON.parse(token) : token.slice(1, -1));",
      ...(["'\\\\'", '""', 'It parses every string, which is slower.'] as const),
    ],
    ['const isDuplicate = level.names?.has(name);', 'level.names?.has', 'level.names.has', defined],
    ['level.names?.add(name);', 'level.names?.add', 'level.names.add', defined],
    ['let expectsName = false;', 'false', 'true', 'It is read inside of an object alone, whose brace sets it.'],
    ['expectsName = level?.names !== undefined;', 'level?.names', 'level.names', defined],
    ...['true', 'level || !level.names'].map((replacement): Row => {
      const reason = 'In an object, the next name replaces the index.';
      return [
        'if (level && !level.names) level.at = String(++level.index);',
        'level && !level.names',
        replacement,
        reason,
      ];
    }),
  ),
  ...inFile('server/http/parse-json.ts', [
    'try {',
    '{ const value: unknown = JSON.parse(text); if (isPlain(text, value, maxDepth)) return { value }; }',
    '{}',
    'It looks at every token of every text, which is slower.',
  ]),
  ...inFile(
    'openapi/diff/messages.ts',
    [
      "const defaultStyle = (member: Member) => (['query', 'cookie'].includes(nodeOf(member).in ?? '') ? 'form' : 'simple');",
      ...(["''", text, 'Neither is a place of parameters.'] as const),
    ],
    [
      "compareNodes(comparison, was, now, key.startsWith('path') ? { ...others, name: () => {} } : parameterRules);",
      "key.startsWith('path')",
      "key.endsWith('path')",
      'The name in the path of the test has another position; the edits of the whole bundle notice it.',
    ],
    ['else if (now) {', 'now', 'true', 'One of both is there.'],
    [
      "const bodyRules: Rules = { content: contentRule('request'), required: flag('major', 'minor', rejects) };",
      ...(["'major'", '""', 'The edits of the whole bundle notice it.'] as const),
    ],
    [
      'export const componentRules: Readonly<Record<string, Rules>> = {',
      '{ parameters: parameterRules, responses: responseRules, headers: headerRules, requestBodies: bodyRules, links: {}, callbacks: {}, pathItems: {}, }',
      '{}',
      'The path uses no shared component; the edits of the whole bundle notice it.',
    ],
  ),
  ...inFile(
    'client/retry.ts',
    [
      '} catch {',
      '{ return request.clone(); }',
      '{}',
      'The test of signals of another realm in errors.test.ts notices it.',
    ],
    [
      'export const isStrong = (etag: string | null | undefined): etag is string => /^"[^"]*"$/.test(etag ?? \'\');',
      ...(["''", text, 'It is no entity tag either.'] as const),
    ],
    ['signal.throwIfAborted();', 'signal.throwIfAborted();', ';', 'The attempt ends before it sends as well.'],
    [
      'return { response: await Promise.race([exchange(), aborted]), mayHaveArrived: true, hasExpired: false };',
      ...(['false', 'true', 'It is read of an attempt without a response alone.'] as const),
    ],
    ['await onEvent?.(event);', 'onEvent?.(event)', 'onEvent(event)', 'Its error is caught.'],
    [
      'if (total.hasExpired()) throw new TimeoutError({ attempts: attempt, mayHaveArrived }, totalTimeout);',
      ...(['total.hasExpired()', 'false', 'The same error follows from the reason of the signal.'] as const),
    ],
    [
      'const isExpired = total.hasExpired() && error === total.signal.reason;',
      ...(['error === total.signal.reason', 'true', 'Every other error after that time is the same one.'] as const),
    ],
  ),
  ...inFile(
    'client/retry-after.ts',
    ['if (!text) return undefined;', '!text', 'false', 'No text is no number and no date.'],
    ...['/\\d+$/', '/^\\d+/'].map(
      (form): Row => [
        'const milliseconds = /^\\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();',
        ...(['/^\\d+$/', form, 'Any other text is no number.'] as const),
      ],
    ),
  ),
  ...survivorsOfDiff,
];
