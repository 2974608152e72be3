import fc from 'fast-check';
import { matchesPattern } from './patterns';

describe('matchesPattern', () => {
  it.each([
    ['*', '', true],
    ['orders-*', 'orders-data', true],
    ['orders-*', 'order-data', false],
    ['a/*/c', 'a/b/x/c', true],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
  ])('%s on %s: %s', (pattern, text, expected) => {
    expect(matchesPattern(pattern, text)).toBe(expected);
  });

  it('agrees with the regular expression of the same meaning', () => {
    const word = fc.string({
      unit: fc.constantFrom('a', 'b', '/'),
      maxLength: 12,
    });
    const pattern = fc.string({
      unit: fc.constantFrom('a', 'b', '/', '*', '?'),
      maxLength: 8,
    });
    fc.assert(
      fc.property(pattern, word, (glob, text) => {
        const expression = glob.replace(/\*+/g, '.*').replace(/\?/g, '.');
        expect(matchesPattern(glob, text)).toBe(
          new RegExp(`^${expression}$`).test(text),
        );
      }),
    );
  });
});
