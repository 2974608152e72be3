import { remedyFor } from './hints';

const tenant = 'atlas/storage/apps';

describe('remedyFor', () => {
  // The operator puts whatever the server says behind this reason.
  it.each(['BucketCreateFailed', 'PolicyApplyFailed'])(
    'says what to do about %s whatever its message is, with the command',
    reason => {
      const { hint, command, remedy } = remedyFor({
        source: 'operator',
        reason,
        tenant,
      });
      expect(hint).toMatch(/^The operator could not .* for the reason in the/);
      expect(hint).toContain('once that is mended');
      expect(command).toBe(
        'kubectl annotate tenant.rustfs.com apps --namespace storage --overwrite rustfs-portal/retry="$(date +%s)"',
      );
      // The drives may be read-only: another name would meet the same.
      expect(remedy).toBeUndefined();
    },
  );

  it('offers another name only where the name is the cause', () => {
    expect(
      remedyFor({
        source: 'operator',
        reason: 'BucketObjectLockConflict',
        tenant,
      }),
    ).toMatchObject({ remedy: 'another-name' });
    expect(
      remedyFor({ source: 'operator', reason: 'PolicyApplyFailed', tenant }),
    ).not.toHaveProperty('remedy');
  });

  it('sends whoever reads of an unknown reason to the part that gave it', () => {
    expect(
      remedyFor({ source: 'engine', reason: 'New', tenant }).hint,
    ).toContain('what applies the folder');
    expect(
      remedyFor({ source: 'operator', reason: 'New', tenant }).hint,
    ).toContain('the Tenant');
  });
});
