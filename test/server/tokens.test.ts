// @databases none
import { expect, test } from 'vitest';
import { hashToken, isMistyped, mintToken } from '../../server/keys/tokens.ts';

test('minted tokens are prefixed, random and well typed', () => {
  const tokens = Array.from({ length: 1000 }, mintToken);
  expect(new Set(tokens).size).toBe(1000);
  for (const token of tokens) {
    expect(token).toMatch(/^oar_[\w-]{49}$/);
    expect(isMistyped(token)).toBe(false);
  }
});

test('a typo anywhere in a minted token is detected', () => {
  const token = mintToken();
  for (let index = 4; index < token.length; index += 1) {
    const typo = token[index] === 'a' ? 'b' : 'a';
    expect(isMistyped(token.slice(0, index) + typo + token.slice(index + 1))).toBe(true);
  }
  expect(isMistyped(token.slice(0, -1))).toBe(true);
});

test("an operator's own token is never mistyped", () => {
  expect(isMistyped('YOUR_API_TOKEN')).toBe(false);
});

test('the hash of a token is not the token', () => {
  const token = mintToken();
  expect(hashToken(token)).toMatch(/^[0-9a-f]{64}$/);
  expect(hashToken(token)).toBe(hashToken(token));
});
