// @databases none
import { describe, expect, test } from 'vitest';
import {
  escapeControls,
  formatRequest,
  formatResponse,
  formsOf,
  formsOfToken,
  isSecretName,
  maskSecrets,
  toSafeText,
} from '../conformance/masking.ts';

describe('a name of a secret', () => {
  test.each(
    'client_secret Password passwd access_token apiKey api-key api_key PRIVATE_KEY privatekey credentials Authorization Set-Cookie'.split(
      ' ',
    ),
  )('is %s', (name) => expect(isSecretName(name)).toBe(true));

  test.each('name client_id key api pass provider'.split(' '))('is not %s', (name) =>
    expect(isSecretName(name)).toBe(false),
  );
});

describe('a secret that is known', () => {
  test('is masked as text, in JSON, in a URL and in Base64', () => {
    const secret = 'q"ä/&+?';
    const forms = formsOf(secret);
    expect(forms).toEqual([secret, 'q\\"ä/&+?', 'q%22%C3%A4%2F%26%2B%3F', 'cSLDpC8mKz8']);
    for (const form of forms) expect(maskSecrets(`a ${form} b ${form}`, forms)).toBe('a ***** b *****');
  });

  test('has no padding in Base64', () => {
    expect([formsOf('abcdefg'), formsOf('abcdefgh')].map((forms) => forms.at(-1))).toEqual([
      'YWJjZGVmZw',
      'YWJjZGVmZ2g',
    ]);
    expect(formsOf('=====>?').at(-1)).toBe('PT09PT0+Pw');
  });

  test('is masked in any case when it is a token', () => {
    expect(formsOfToken('aBcdef')).toEqual(['aBcdef', 'abcdef', 'ABCDEF'].flatMap(formsOf));
    expect(formsOfToken('aB')).toEqual([]);
  });

  test('of fewer than six characters is not searched', () => {
    expect([formsOf('12345').length, formsOf('123456').length]).toEqual([0, 4]);
  });

  test('may have a lone surrogate', () => {
    expect(formsOf('abc\ud800def')).toContain('abc\\ud800def');
  });

  test('may be the whole text or longer', () => {
    expect(maskSecrets('abcdef', ['abcdef'])).toBe('*****');
    expect(maskSecrets('abcde', ['abcdef'])).toBe('abcde');
  });
});

describe('the value of a secret name is masked', () => {
  test.each([
    ['{"client_secret":"a","name":"b"}', '{"client_secret":"*****","name":"b"}'],
    ['{"client_secret" : "a\\"b"}', '{"client_secret" : "*****"}'],
    ['{"client_secret":\n "a"}', '{"client_secret":\n "*****"}'],
    ['{"a\\"password":"b"}', '{"a\\"password":"*****"}'],
    ['{"client_secret":"cut off', '{"client_secret":"*****'],
    ['{"client_secret":""}', '{"client_secret":""}'],
    ['{"client_secret":"**********"}', '{"client_secret":"**********"}'],
    ['{"client_secret":" "}', '{"client_secret":" "}'],
    ['{"client_secret":"*a"}', '{"client_secret":"*****"}'],
    ['{"client_secret":"a*"}', '{"client_secret":"*****"}'],
    ['{"truncate_secrets":"false"}', '{"truncate_secrets":"false"}'],
    ['{"truncate_secrets":"TRUE"}', '{"truncate_secrets":"TRUE"}'],
    ['{"client_secret":"null"}', '{"client_secret":"null"}'],
    ['{"client_secret":"nullx"}', '{"client_secret":"*****"}'],
    [`{"${'x'.repeat(94)}secret":"a"}`, `{"${'x'.repeat(94)}secret":"*****"}`],
    ['/apps?token=abc&name=b', '/apps?token=*****&name=b'],
    ['/apps?name=b&api_key=abc d', '/apps?name=b&api_key=***** d'],
    ['/apps?truncate_secrets=false', '/apps?truncate_secrets=false'],
    ['/apps?token=&name=b', '/apps?token=&name=b'],
    ['name=a token=b', 'name=a token=b'],
  ])('%s', (text, shown) => {
    expect(maskSecrets(text, [])).toBe(shown);
  });
});

describe('a text that looks like a secret is masked', () => {
  test.each([
    ['Bearer abcdefg1', '*****'],
    ['bearer  a.b~c+d/e=f-1', '*****'],
    ['Bearer abcdefgh', 'Bearer abcdefgh'],
    ['Bearer abcde1', 'Bearer abcde1'],
    ['xBearer abcdefg1', 'xBearer abcdefg1'],
    ['a eyJhbGciOiJ.eyJzdWIi.c2ln b', 'a ***** b'],
    ['eyJhbGciOiJ.eyJzdWIi.', '*****'],
    ['eyJhbGci.eyJzdWIi.c2ln', 'eyJhbGci.eyJzdWIi.c2ln'],
    ['aeyJhbGciOiJ.eyJzdWIi.c2ln', 'aeyJhbGciOiJ.eyJzdWIi.c2ln'],
    ['sk_live_abcdefg', '*****'],
    ['whsec-abcdefghijkl', '*****'],
    ['sk_live_abcdefg sk_live_abcdefg', '***** *****'],
    ['eyJhbGciOiJ.eyJzdWIi.c2ln EYJHBGCIOIJ.a.b', '***** *****'],
    ['AKIAabcdefghijkl', '*****'],
    ['xoxb-abcdefghijkl', '*****'],
    ['xoxc-abcdefghijkl', 'xoxc-abcdefghijkl'],
    ['sk_abcdefghij', 'sk_abcdefghij'],
    ['sk.abcdefghijkl', 'sk.abcdefghijkl'],
    ['task_abcdefghijkl', 'task_abcdefghijkl'],
    ['-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY----- b', '***** b'],
    ['-----BEGIN PRIVATE KEY-----\nMII\nAB', '*****'],
    ['-----BEGIN PUBLIC KEY-----', '-----BEGIN PUBLIC KEY-----'],
    ['https://user:pw@example.com/a', 'https:*****example.com/a'],
    ['https://user@example.com:80/a', 'https://user@example.com:80/a'],
    ['https://example.com/a:b@c', 'https://example.com/a:b@c'],
    ['key aB3dE5gH7jK9mN1pQ3sT end', 'key ***** end'],
    ['aB3dE5gH7jK9mN1pQ3s', 'aB3dE5gH7jK9mN1pQ3s'],
    ['aBcdEfgHijKlmNopQrs1T2', 'aBcdEfgHijKlmNopQrs1T2'],
    ['aBcdEfgHijKlmNopQrs1T23', '*****'],
    ['ab3de5gh7jk9mn1pq3st', 'ab3de5gh7jk9mn1pq3st'],
    ['AB3DE5GH7JK9MN1PQ3ST', 'AB3DE5GH7JK9MN1PQ3ST'],
    ['aB3+E5/H7-K9_N1=Q3sT', '*****'],
  ])('%s', (text, shown) => {
    expect(maskSecrets(text, [])).toBe(shown);
  });
});

test('text is searched up to 20000 characters', () => {
  const text = 'a '.repeat(10_000);
  expect(maskSecrets(text, [])).toBe(text);
  expect(maskSecrets(`${text}secret`, ['secret'])).toBe(`${text}…`);
});

test('controls, formats and lone surrogates are escaped', () => {
  expect(escapeControls('a\u001b[31m\r\n\u202e\u2028\u2029\u{e0001}\ud800z😀é')).toBe(
    'a\\u001b[31m\\u000d\\u000a\\u202e\\u2028\\u2029\\udb40\\udc01\\ud800z😀é',
  );
});

test('safe text is cut after 600 characters', () => {
  expect(toSafeText('a '.repeat(300), [])).toBe('a '.repeat(300));
  expect(toSafeText('a '.repeat(301), [])).toBe(`${'a '.repeat(300)}… (602 characters)`);
  expect(toSafeText('a secret\n', ['secret'], 9)).toBe('a *****\\u000a');
});

describe('a request in one line', () => {
  const request = { method: 'POST', url: 'https://user@example.com/v1/apps?token=abc&limit=1' };
  const authorization = 'Bearer t';

  test('leaves out origin, token of the run and JSON type', () => {
    const headers = { authorization, 'content-type': 'application/json', 'if-match': '"v1"' };
    const line = 'POST /v1/apps?token=*****&limit=1 [if-match: "v1"]';
    expect(formatRequest({ ...request, headers }, 't', [])).toBe(line);
    expect(formatRequest({ ...request, headers, body: '{"a":"hidden"}' }, 't', ['hidden'])).toBe(
      `${line} {"a":"*****"}`,
    );
  });

  test('shows another authorization, or that there is none', () => {
    const url = 'https://example.com/';
    const show = (headers: Record<string, string>) => formatRequest({ ...request, url, headers }, 't', []);
    expect(show({})).toBe('POST / [authorization: (none)]');
    expect(show({ authorization: 'Basic x', 'content-type': 'text/plain' })).toBe(
      'POST / [authorization: Basic x] [content-type: text/plain]',
    );
    expect(show({ authorization, accept: 'application/json' })).toBe('POST / [accept: application/json]');
  });
});

test('a response in one line has status and type', () => {
  const response = {
    status: 200,
    headers: new Headers({ 'Content-Type': 'text/plain' }),
    text: 'hidden b',
    json: undefined,
  };
  expect(formatResponse(response, ['hidden'])).toBe('200 text/plain ***** b');
  expect(formatResponse({ ...response, headers: new Headers() }, [])).toBe('200  hidden b');
});
