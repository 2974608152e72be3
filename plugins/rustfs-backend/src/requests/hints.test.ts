import { hintFor } from './hints';

describe('hintFor', () => {
  // The operator puts whatever the server says behind this reason.
  it.each(['BucketCreateFailed', 'PolicyApplyFailed'])(
    'says what to do about %s whatever its message is',
    reason => {
      const hint = hintFor({ source: 'operator', reason });
      expect(hint).toMatch(/^The operator could not .* for the reason in the/);
      expect(hint).toContain('once that is mended');
      expect(hint).toContain('sets any annotation on the Tenant');
    },
  );

  it('sends whoever reads of an unknown reason to the part that gave it', () => {
    expect(hintFor({ source: 'flux', reason: 'New' })).toContain(
      'the Kustomization',
    );
    expect(hintFor({ source: 'operator', reason: 'New' })).toContain(
      'the Tenant',
    );
  });
});
