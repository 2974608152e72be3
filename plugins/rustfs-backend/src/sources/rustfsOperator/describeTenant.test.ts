import { describeProvisioner } from '../../requests/describeProvisioner';
import { describeTenant } from './describeTenant';
import { TenantObject } from './TenantObject';

function tenant(status?: TenantObject['status']): TenantObject {
  return {
    metadata: { name: 'apps', namespace: 'storage', generation: 4 },
    spec: { buckets: [{ name: 'invoices', objectLock: false }] },
    status,
  };
}

function item(state: string, reason?: string, message?: string) {
  return tenant({
    observedGeneration: 4,
    conditions: [],
    provisioning: {
      observedGeneration: 4,
      buckets: [{ name: 'invoices', state, reason, message }],
    },
  });
}

describe('what a request waits for of the RustFS operator', () => {
  it.each<[string, TenantObject, object]>([
    [
      'no status',
      tenant(),
      {
        state: 'waiting',
        waitingFor: 'The operator has not looked at the Tenant yet',
      },
    ],
    [
      'an older generation, although the bucket was Ready in it',
      tenant({
        observedGeneration: 3,
        conditions: [],
        provisioning: {
          observedGeneration: 3,
          buckets: [{ name: 'invoices', state: 'Ready' }],
        },
      }),
      {
        state: 'waiting',
        waitingFor: 'The operator has not seen this version of the Tenant yet',
      },
    ],
    [
      'Pods that are not ready',
      tenant({
        observedGeneration: 4,
        conditions: [
          {
            type: 'Ready',
            status: 'False',
            reason: 'PoolDegraded',
            message: 'One or more pools are degraded',
          },
          { type: 'ProvisioningReady', status: 'True' },
        ],
      }),
      {
        state: 'waiting',
        waitingFor: expect.stringContaining(
          'PoolDegraded: One or more pools are degraded',
        ),
      },
    ],
    ['Ready', item('Ready', 'ProvisioningConfigured'), { state: 'ready' }],
    [
      'Failed',
      item(
        'Failed',
        'BucketObjectLockConflict',
        'Bucket was created but object lock is not enabled',
      ),
      {
        state: 'failed',
        reason: 'BucketObjectLockConflict',
        message: 'Bucket was created but object lock is not enabled',
      },
    ],
    ['Pending', item('Pending'), { state: 'waiting' }],
    [
      'taken out again',
      { ...item('Retained'), spec: { buckets: [] } },
      { state: 'waiting', waitingFor: expect.stringContaining('taken it out') },
    ],
  ])('%s', (_, object, expected) => {
    expect(
      describeProvisioner(describeTenant(object), [
        { type: 'bucket', name: 'invoices' },
      ]),
    ).toMatchObject(expected);
  });
});
