import { anAccess, aBucket, aTenant } from '../__testUtils__/fixtures';
import {
  nextStepForAccess,
  nextStepForBucket,
  nextStepForTenant,
} from './nextSteps';

describe('the next step', () => {
  it.each([
    [{ state: 'failed', reason: 'BucketCreateFailed' }, 'bucketFailed'],
    [{ state: 'failed', reason: 'SomethingNew' }, 'bucketFailed'],
    [
      { state: 'failed', reason: 'BucketObjectLockConflict' },
      'bucketLockConflict',
    ],
    [{ state: 'missing', reason: 'BucketAbsent' }, 'bucketMissing'],
    [{ state: 'unknown', reason: 'ServerUnreachable' }, 'serverAway'],
    [{ state: 'unknown', reason: 'ClusterUnknown' }, 'clusterAway'],
    [{ state: 'undeclared' }, 'bucketUndeclared'],
    [{ state: 'pending', reason: 'TenantEntryAbsent' }, 'bucketNotListed'],
    [{ state: 'pending', reason: 'WaitingForOperator' }, 'bucketPending'],
    [{ state: 'failed', reason: 'Denied' }, 'setupFailed'],
    [{ state: 'pending', reason: 'NotMeasured' }, 'bucketNotMeasured'],
    [{ state: 'ready', reason: 'NotMeasured' }, 'bucketNotMeasured'],
    [{ state: 'ready', reason: 'Drift' }, 'bucketDrifted'],
    [{ state: 'ready' }, undefined],
  ] as const)('for a bucket that is %j is %s', (overrides, words) => {
    expect(nextStepForBucket(aBucket(overrides))?.words).toBe(words);
  });

  it.each([
    [{ state: 'failed', reason: 'PolicyNotOurs' }, 'policyNotOurs'],
    [{ state: 'ready', reason: 'Drift' }, 'accessDrifted'],
    [{ state: 'failed', reason: 'UserNotOurs' }, 'setupFailed'],
    [{ state: 'ready' }, undefined],
  ] as const)('for an access that is %j is %s', (overrides, words) => {
    expect(nextStepForAccess(anAccess(overrides))?.words).toBe(words);
  });

  it.each([
    [{ state: 'blocked', reason: 'BucketCreateFailed' }, 'tenantItem'],
    [{ state: 'blocked', reason: 'CredentialSecretNotFound' }, 'tenantBlocked'],
    [{ state: 'degraded', reason: 'PoolDegraded' }, 'tenantDrives'],
    [{ state: 'unreachable', reason: 'ServerUnreachable' }, 'tenantAway'],
    [{ state: 'unknown', reason: 'TenantNotFound' }, 'tenantNotFound'],
    [{ state: 'unknown', reason: 'ClusterUnreachable' }, 'clusterAway'],
    [{ state: 'ready' }, undefined],
  ] as const)('for a tenant that is %j is %s', (overrides, words) => {
    expect(nextStepForTenant(aTenant(overrides))?.words).toBe(words);
  });

  it('comes with a command only where one helps', () => {
    expect(
      nextStepForTenant(
        aTenant({ state: 'blocked', reason: 'BucketCreateFailed' }),
      )?.command,
    ).toContain('kubectl annotate tenant apps --namespace storage');
    expect(
      nextStepForTenant(aTenant({ state: 'degraded' }))?.command,
    ).toBeUndefined();
  });
});
