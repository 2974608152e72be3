import fc from 'fast-check';
import { checkBucketName, suggestBucketName } from './naming';

describe('checkBucketName', () => {
  it.each(['abc', 'checkout-invoices', 'a1.b2-c3', '0-9', 'a'.repeat(63)])(
    'accepts %s',
    name => {
      expect(checkBucketName(name)).toEqual([]);
    },
  );

  it.each([
    ['ab', ['length']],
    ['a'.repeat(64), ['length']],
    ['', ['length']],
    ['Invoices', ['characters']],
    ['invoices-', ['characters']],
    ['in voices', ['characters']],
    ['10.0.0.1', ['address']],
    ['in..voices', ['dots']],
    ['in.-voices', ['dots']],
    ['rustfs', ['reserved']],
    ['health', ['reserved']],
    ['A.', ['length', 'characters']],
  ])('refuses "%s": %j', (name, codes) => {
    expect(checkBucketName(name).map(({ code }) => code)).toEqual(codes);
  });
});

describe('suggestBucketName', () => {
  it('makes a name of free text', () => {
    expect(suggestBucketName('Crème Brûlée (2026)')).toBe('creme-brulee-2026');
    expect(suggestBucketName('ab')).toBe('');
    expect(suggestBucketName('Health!')).toBe('');
  });

  it('answers a name that keeps the rules, or nothing', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 100 }), text => {
        const name = suggestBucketName(text);
        expect(name === '' ? [] : checkBucketName(name)).toEqual([]);
      }),
    );
  });
});
