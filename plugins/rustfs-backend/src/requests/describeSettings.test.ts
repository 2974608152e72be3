import { AccountBucket } from '@rustfs-portal/plugin-rustfs-client';
import { BucketRecord, SettledItem } from '@rustfs-portal/plugin-rustfs-common';
import { declaredSettings, recordVersion } from '../settings';
import { DeclaredBucket, describeSettings } from './describeSettings';

const GIB = 2 ** 30;
const AT = '2026-11-29T10:00:00.000Z';

function declaredAs(
  about: BucketRecord,
  item?: { objectLock?: boolean; versioning?: boolean },
): DeclaredBucket {
  return { ...declaredSettings(item, about), record: about };
}

const record: BucketRecord = {
  bucket: 'invoices',
  quotaBytes: 50 * GIB,
  versioning: true,
};
const declared = declaredAs(record);

function bucketsWith(live: Partial<AccountBucket>): AccountBucket[] {
  return [{ name: 'invoices', versioning: 'off', objectLock: false, ...live }];
}

function said(
  result: SettledItem['result'],
  reason: string,
  message: string,
  about: BucketRecord = record,
): SettledItem {
  return {
    uid: 'invoices',
    resourceVersion: recordVersion(about),
    result,
    reason,
    message,
    at: AT,
    checkedAt: AT,
  };
}

describe('what a request waits for of the server', () => {
  it('is nothing where the bucket is as its record says', () => {
    const buckets = bucketsWith({
      versioning: 'enabled',
      quotaBytes: 50 * GIB,
    });
    expect(describeSettings({ buckets, declared })).toEqual({
      state: 'agrees',
    });
  });

  it('is the settings task, which is asked to come soon', () => {
    const buckets = bucketsWith({});
    expect(describeSettings({ buckets, declared })).toEqual({
      state: 'waiting',
      waitingFor: 'The portal to turn versioning on',
      toSettle: 'invoices',
    });
    expect(
      describeSettings({
        buckets: bucketsWith({ versioning: 'enabled' }),
        declared,
        // What it said was about the record before.
        said: said('failed', 'Denied', 'x', { ...record, quotaBytes: GIB }),
      }),
    ).toEqual({
      state: 'waiting',
      waitingFor: 'The portal to set the quota 50 GiB',
      toSettle: 'invoices',
    });
  });

  it.each([
    ['waiting', 'NotMeasured', 'The server has not measured it yet', false],
    ['waiting', 'BucketMissing', 'The server does not have it yet', true],
  ] as const)(
    'is what the settings task says of it: %s, %s',
    (result, reason, message, isAsked) => {
      expect(
        describeSettings({
          buckets: bucketsWith({}),
          declared,
          said: said(result, reason, message),
        }),
      ).toEqual({
        state: 'waiting',
        waitingFor: `${reason}: ${message}`,
        ...(isAsked && { toSettle: 'invoices' }),
      });
    },
  );

  it('is the settings task where that has only compared the record', () => {
    const compared: SettledItem[] = [
      said('drift', 'Drift', 'It is not as the record says: quota'),
      { ...said('failed', 'Denied', 'No right'), reportOnly: true },
      { ...said('waiting', 'NotSupported', 'MinIO'), reportOnly: true },
    ];
    for (const item of compared) {
      expect(
        describeSettings({ buckets: bucketsWith({}), declared, said: item }),
      ).toEqual({
        state: 'waiting',
        waitingFor: 'The portal to turn versioning on',
        toSettle: 'invoices',
      });
    }
  });

  it('is nothing where the lists agree, and the settings task is still asked for what they do not show', () => {
    const tagged = { bucket: 'invoices', tags: { team: 'a' } };
    const look = (item?: SettledItem, settledBy?: string) =>
      describeSettings({
        buckets: bucketsWith({}),
        declared: declaredAs(tagged),
        said: item,
        settledBy,
      });
    const asked = { state: 'agrees', toSettle: 'invoices' };
    expect(look()).toEqual(asked);
    expect(look(said('drift', 'Drift', 'tags', tagged))).toEqual(asked);
    const agrees = { state: 'agrees' };
    expect(look(said('done', 'Settled', 'all', tagged))).toEqual(agrees);
    expect(look(said('failed', 'Denied', 'no', tagged))).toEqual(agrees);
    expect(look(undefined, 'The setup program')).toEqual(agrees);
  });

  it('does not tell a team of addresses and rights', () => {
    const seen = describeSettings({
      buckets: bucketsWith({}),
      declared,
      said: said('failed', 'Denied', 'admin:SetBucketQuota on http://10.0.0.1'),
    });
    expect(seen).toEqual({
      state: 'waiting',
      waitingFor: expect.stringMatching(/^Denied: .* platform team sees why/),
    });
    expect(JSON.stringify(seen)).not.toContain('10.0.0.1');
  });

  it('is who sets it where that is not the portal', () => {
    const look = (live: Partial<AccountBucket>) =>
      describeSettings({
        buckets: bucketsWith(live),
        declared,
        settledBy: 'The setup program',
      });
    expect(look({})).toEqual({
      state: 'waiting',
      waitingFor: 'The setup program to turn versioning on',
    });
    expect(look({ versioning: 'enabled' })).toEqual({
      state: 'waiting',
      waitingFor: 'The setup program to set the quota 50 GiB',
    });
  });

  it('is the bucket itself where that is not there', () => {
    expect(describeSettings({ buckets: [], declared })).toEqual({
      state: 'waiting',
      waitingFor: 'The server does not have the bucket yet',
    });
  });

  it('is the operator where the entry of the Tenant says versioning, whatever the record says', () => {
    const look = (live: Partial<AccountBucket>, versioning: boolean) =>
      describeSettings({
        buckets: bucketsWith(live),
        declared: declaredAs(
          { ...record, versioning: !versioning },
          { versioning },
        ),
      });
    const set = { quotaBytes: 50 * GIB };
    expect(look(set, true)).toEqual({
      state: 'waiting',
      waitingFor: 'The operator to turn versioning on',
    });
    // The portal does its part meanwhile.
    expect(look({}, true)).toMatchObject({ toSettle: 'invoices' });
    expect(look(set, false)).toEqual({ state: 'agrees' });
    expect(look({ ...set, versioning: 'enabled' }, false)).toMatchObject({
      waitingFor: expect.stringContaining('has versioning'),
    });
  });

  it('is the object lock that the bucket should have', () => {
    expect(
      describeSettings({
        buckets: bucketsWith({}),
        declared: declaredAs(record, { objectLock: true }),
      }),
    ).toMatchObject({ waitingFor: expect.stringContaining('object lock') });
  });

  it('is nothing where the record asks for nothing', () => {
    expect(
      describeSettings({
        buckets: bucketsWith({ versioning: 'enabled' }),
        declared: declaredAs({ bucket: 'invoices' }),
      }),
    ).toEqual({ state: 'agrees' });
  });

  it.each([
    [{ quotaBytes: GIB }, /a quota of 1 GiB/],
    [{ versioning: 'enabled' as const }, /versioning/],
    [{ objectLock: true }, /object lock/],
  ])(
    'is that somebody declares what the bucket has beside: %j',
    (live, message) => {
      expect(
        describeSettings({
          buckets: bucketsWith(live),
          declared: declaredAs({ bucket: 'invoices', versioning: false }),
        }),
      ).toEqual({
        state: 'waiting',
        waitingFor: expect.stringMatching(message),
      });
    },
  );
});
