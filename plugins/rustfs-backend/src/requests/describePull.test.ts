import { Pull } from '@rustfs-portal/plugin-rustfs-gitops-node';
import { describePull } from './describePull';

const pull: Pull = {
  number: 12,
  url: 'https://git.acme.org/acme/atlas/pulls/12',
  state: 'open',
  title: 'Add bucket invoices',
  branch: 'rustfs/a1',
  baseBranch: 'main',
  head: 'a'.repeat(40),
  mergeable: true,
  draft: false,
  reviewers: ['carla'],
  reviews: { approvedBy: [], changesRequestedBy: [] },
};

describe('describePull', () => {
  it.each<[Partial<Pull>, object]>([
    [{}, { waitingFor: 'A review by carla', note: undefined, isStale: false }],
    [{ reviewers: [] }, { waitingFor: 'A review, and to be merged' }],
    [
      { reviews: { approvedBy: ['carla'], changesRequestedBy: [] } },
      { waitingFor: 'To be merged; approved by carla' },
    ],
    [
      { reviews: { approvedBy: ['eve'], changesRequestedBy: ['carla'] } },
      { waitingFor: 'Changes that carla asked for' },
    ],
    [
      { mergeable: false },
      { isStale: true, note: expect.stringContaining('main has moved') },
    ],
    [
      { mergeable: false, draft: true },
      { isStale: false, note: 'It is a draft' },
    ],
    [
      { state: 'merged', mergeCommit: 'b', mergedBy: 'carla' },
      { state: 'merged', mergeCommit: 'b', mergedBy: 'carla', isStale: false },
    ],
  ])('%j', (changes, expected) => {
    expect(describePull({ ...pull, ...changes })).toMatchObject(expected);
  });
});
