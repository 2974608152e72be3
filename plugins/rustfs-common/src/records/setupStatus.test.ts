import {
  readSetupStatusData,
  setupItemKey,
  SetupStatus,
  toSetupStatusData,
} from './setupStatus';

const status: SetupStatus = {
  run: {
    startedAt: '2026-11-29T10:00:00.000Z',
    endedAt: '2026-11-29T10:00:02.000Z',
    exitCode: 2,
    server: { version: '1.0.1' },
    counts: { done: 1, waiting: 0, failed: 1, drift: 0 },
  },
  items: {
    [setupItemKey('bucket', 'logs.2026')]: {
      uid: 'a',
      resourceVersion: '7',
      reportOnly: true,
      result: 'done',
      reason: 'Settled',
      message: 'The bucket is as the record says',
      at: '2026-11-29T09:00:00.000Z',
      checkedAt: '2026-11-29T10:00:01.000Z',
    },
    [setupItemKey('bucket', 'lacking')]: {
      uid: 'c',
      resourceVersion: '8',
      settledParts: ['quota', 'versioning'],
      result: 'failed',
      reason: 'Denied',
      message: 'Not yours',
      at: '2026-11-29T09:00:00.000Z',
      checkedAt: '2026-11-29T10:00:01.000Z',
    },
    [setupItemKey('access', 'logs-writer')]: {
      uid: 'b',
      resourceVersion: '9',
      secretVersion: '4',
      secretPending: true,
      result: 'failed',
      // A newer program may have words of its own.
      reason: 'MoonInTheWrongPhase',
      message: 'Not today',
      at: '2026-11-29T10:00:01.000Z',
      checkedAt: '2026-11-29T10:00:01.000Z',
    },
  },
  made: { buckets: ['logs.2026'], users: ['logs-writer'], policies: [] },
};

describe('the status of a setup', () => {
  it('is read as it was written', () => {
    expect(readSetupStatusData(toSetupStatusData(status))).toEqual(status);
  });

  it('says nothing before the first run', () => {
    expect(readSetupStatusData(undefined)).toEqual({ items: {} });
  });

  it('leaves out what cannot be understood', () => {
    expect(
      readSetupStatusData({
        ...toSetupStatusData(status),
        run: '{',
        'bucket.logs.2026': '{"result": "perhaps"}',
        made: '{"buckets": 7}',
        note: 'of somebody',
      }),
    ).toEqual({
      items: {
        'access.logs-writer': status.items['access.logs-writer'],
        'bucket.lacking': status.items['bucket.lacking'],
      },
      // Nothing made would be another thing.
      isMadeUnreadable: true,
    });
  });
});
