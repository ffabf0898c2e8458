// @databases none
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { scopes } from '../../generated/lists.ts';
import {
  allScopes,
  defaultAccount,
  findTokenFault,
  hashToken,
  isMistyped,
  mintToken,
  placeholderToken,
  tokenPrefix,
} from '../../server/keys/tokens.ts';

describe('a minted token', () => {
  test('is prefixed, random and well typed', () => {
    const tokens = Array.from({ length: 1000 }, mintToken);
    expect(new Set(tokens).size).toBe(1000);
    for (const token of tokens) {
      expect(token).toMatch(/^oar_[\w-]{49}$/);
      expect(isMistyped(token)).toBe(false);
      expect(findTokenFault(token)).toBeUndefined();
    }
  });

  test('shows a typo anywhere', () => {
    const token = mintToken();
    for (let index = 4; index < token.length; index += 1) {
      const typo = token[index] === 'a' ? 'b' : 'a';
      expect(isMistyped(token.slice(0, index) + typo + token.slice(index + 1))).toBe(true);
    }
    for (const typo of [token.slice(0, -1), `${token}a`, `oar_${token}`, 'oar_', 'oar_x'])
      expect(isMistyped(typo), typo).toBe(true);
  });

  test('is recognised by its first ten characters', () => {
    const token = mintToken();
    expect(tokenPrefix(token)).toBe(token.slice(0, 10));
  });
});

describe("an operator's own token", () => {
  test.each([placeholderToken, 'token_oar_', 'OAR_x', ''])('%j is never mistyped', (token) => {
    expect(isMistyped(token)).toBe(false);
  });

  test('shows no part of itself', () => {
    const token = mintToken();
    for (const own of [placeholderToken, 'k'.repeat(53), `x${token}`, `${token}x`, `${token}\n`])
      expect(tokenPrefix(own), own).toBeUndefined();
  });
});

test('tokens without an account or scopes have the published defaults', () => {
  expect([placeholderToken, defaultAccount, allScopes]).toEqual(['YOUR_API_TOKEN', 'default', scopes]);
});

test('the hash of a token is its SHA-256', () => {
  // The first test vector of NIST (FIPS 180-4).
  expect(hashToken('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

describe('a token that a person chose', () => {
  // 32 different characters of 5 bits each, of which 16 continue a run.
  const enough = 'ABCDGHIJMNOPSTUVabcdghijmnop0123';
  const oneLess = enough.replace('GHIJ', 'EFGJ');
  const reverse = (token: string) => [...token].reverse().join('');
  const guessable = /^can be guessed: it needs 32 random characters, letters and digits, such as `openssl/;

  test.each([
    ['80 bits', enough],
    ['runs that go down', reverse(enough)],
    ['the same bits with a sign', enough.replace('3', '~')],
    ['the padding of Base64', `${enough}==`],
    ['all signs of a bearer token', `${enough.replaceAll(/[123]/g, 'k')}kD-W.y_S~H+p/`],
    ['the form of a minted token', `oar_${'a'.repeat(43)}fl-d9c`],
    ['a UUID', '3f2b8c1d-9a47-4e60-b5d8-71c0e2f6a394'],
    ['hexadecimal digits', '5f0c8a2e9d1b7364c05a9e7f3d18b26c'],
    ['hexadecimal digits that look like words', '33ebf2ec8311e4d7533a17df9e2c1daa'],
    ['letters alone', 'kXqmBZxwLpGVtYRbTNcDWdFHfQJgPSyUaEhKrM'],
  ])('is taken with %s', (_name, token) => {
    expect(findTokenFault(token)).toBeUndefined();
  });

  test.each([
    ['one character more that continues a run', oneLess],
    ['one that continues a run downwards', reverse(oneLess)],
    ['one that stands twice', enough.replace('3', '2')],
    ['fewer characters than 32', 'k7Qm2Zx9Lp4Vt8Rb3Nc6Wd1Hf5Jg0Sy'],
    ['digits alone', '97318264059137482605958203714629403716258394'],
    ['a part that is repeated', 'k7Qm2Zx9Lp4Vt8Rb'.repeat(2)],
    ['a short part that is repeated often', 'k7Q'.repeat(20)],
  ])('is refused with %s', (_name, token) => {
    expect(findTokenFault(token)).toMatch(guessable);
  });

  // Random enough by itself, without letters or digits that stand for letters.
  const random = '2.6_8~9+2/6-8_2+9.8~6/2~';

  test.each(['theirones', 'THEIRONES', 'th0rnerea', '1esthenin', 'th3irones', 'int4nesth', 'the5esine', 'the7ersin'])(
    'is refused with the words %s, which have eight pairs of letters',
    (words) => {
      expect(findTokenFault(random + words)).toMatch(guessable);
      expect(findTokenFault(random + words.slice(0, -1))).toBeUndefined();
    },
  );

  test('is refused with more than six of ten common pairs', () => {
    expect(findTokenFault(`${random}therezvjkqw`)).toBeUndefined();
    expect(findTokenFault(`${random}therenvjkqw`)).toMatch(guessable);
  });

  test.each([`${enough} `, ` ${enough}`, `${enough}=a`, '', '=', `${enough}é`, `${enough}"`, `${enough}\n`])(
    'is refused as %j, which no header carries',
    (token) => {
      expect(findTokenFault(token)).toBe('may have letters, digits and - . _ ~ + / only, with = at the end');
    },
  );

  test('is refused as a minted one with a typo', () => {
    expect(findTokenFault(`${mintToken()}x`)).toBe('begins with oar_ and has a typo');
  });

  test('is taken when a usual program made it', () => {
    const makers = (['base64', 'hex', 'base64url'] as const).map((form) => () => randomBytes(32).toString(form));
    const tokens = makers.flatMap((make) => Array.from({ length: 200 }, make));
    // One in some ten thousands looks like words by chance.
    expect(tokens.filter((token) => findTokenFault(token) !== undefined).length).toBeLessThan(3);
  });
});
