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

const failing = (name: string) => ({
  name,
  state: 'failing' as const,
  description: '2 errors',
  url: 'https://ci.acme.org/1',
});
const pending = (name: string) => ({ name, state: 'pending' as const });

describe('describePull', () => {
  it.each<[Partial<Pull>, object]>([
    [
      {},
      {
        waitingFor: 'A review by carla',
        isStale: false,
        shown: { note: undefined, turn: 'reviewers', reviewers: ['carla'] },
      },
    ],
    [
      {
        reviewers: ['carla', 'platform'],
        teams: ['platform'],
        fullNames: { carla: 'Carla Moreno' },
      },
      {
        waitingFor: 'A review by Carla Moreno or team platform',
        shown: { teams: ['platform'], fullNames: { carla: 'Carla Moreno' } },
      },
    ],
    [{ reviewers: [] }, { waitingFor: 'A review, and to be merged' }],
    [
      { reviews: { approvedBy: ['carla'], changesRequestedBy: [] } },
      {
        waitingFor: 'To be merged, approved by carla',
        shown: { turn: 'merge', approvedBy: ['carla'] },
      },
    ],
    [
      { checks: [] },
      { waitingFor: 'A review by carla', shown: { checks: undefined } },
    ],
    [
      { checks: [{ name: 'lint', state: 'passing' }] },
      { waitingFor: 'A review by carla', shown: { checks: undefined } },
    ],
    [
      { checks: [failing('lint'), { name: 'render', state: 'passing' }] },
      {
        waitingFor: 'A failing check to pass: lint; a review by carla',
        shown: { checks: [failing('lint')], turn: 'checks' },
      },
    ],
    [
      {
        checks: [failing('lint'), failing('render'), pending('policy')],
        reviews: { approvedBy: ['carla'], changesRequestedBy: [] },
      },
      {
        waitingFor:
          '2 failing checks to pass: lint, render; the result of policy; to be merged, approved by carla',
        shown: {
          checks: [failing('lint'), failing('render'), pending('policy')],
          turn: 'checks',
        },
      },
    ],
    [
      { checks: [pending('lint')], reviewers: [] },
      { waitingFor: 'The result of lint; a review, and to be merged' },
    ],
    [
      { checks: Array.from({ length: 14 }, (_, n) => failing(`c${n}`)) },
      {
        waitingFor:
          '14 failing checks to pass: c0, c1, c2 and 11 more; a review by carla',
        shown: {
          checks: Array.from({ length: 10 }, (_, n) => failing(`c${n}`)),
        },
      },
    ],
    [
      { reviews: { approvedBy: ['eve'], changesRequestedBy: ['carla'] } },
      {
        waitingFor: 'Changes that carla asked for',
        shown: { turn: 'author', changesRequestedBy: ['carla'] },
      },
    ],
    [
      { mergeable: false },
      {
        isStale: true,
        shown: { note: expect.stringContaining('main has moved') },
      },
    ],
    [
      { held: 'queued' },
      {
        isStale: false,
        shown: { note: expect.stringContaining('queue of main') },
      },
    ],
    [
      { held: 'behind' },
      {
        isStale: false,
        shown: { note: expect.stringContaining('as the last step') },
      },
    ],
    // A commit of somebody else would be in the portal's way.
    [
      { held: 'behind', mergeable: false },
      {
        isStale: true,
        shown: { note: expect.stringContaining('by itself') },
      },
    ],
    [
      { held: 'unsigned' },
      { shown: { note: expect.stringContaining('signed commits only') } },
    ],
    [
      { held: 'blocked' },
      { shown: { note: expect.stringContaining('A rule of main holds it') } },
    ],
    [
      { held: 'approvals', heldBy: ['Platform', 'Security'] },
      {
        shown: {
          note: expect.stringContaining('approvals (Platform, Security):'),
        },
      },
    ],
    [
      { held: 'discussions' },
      { shown: { note: expect.stringContaining('discussion on it resolved') } },
    ],
    [
      { held: 'pipeline' },
      { shown: { note: expect.stringContaining('a pipeline to pass') } },
    ],
    [
      { held: 'blocked', heldBy: ['locked paths'] },
      { shown: { note: expect.stringContaining('back (locked paths);') } },
    ],
    [
      { mergeable: false, draft: true },
      { isStale: false, shown: { note: 'It is a draft' } },
    ],
    [
      { state: 'merged', mergeCommit: 'b', mergedBy: 'carla' },
      { state: 'merged', mergeCommit: 'b', mergedBy: 'carla', isStale: false },
    ],
  ])('%j', (changes, expected) => {
    expect(describePull({ ...pull, ...changes })).toMatchObject(expected);
  });

  it('does not take away what reviewers said when it is closed', () => {
    const { shown } = describePull({ ...pull, state: 'closed' });
    expect(shown).not.toHaveProperty('remarks');
    expect(shown).not.toHaveProperty('changesRequestedBy');
    expect(shown.turn).toBeUndefined();
  });
});
