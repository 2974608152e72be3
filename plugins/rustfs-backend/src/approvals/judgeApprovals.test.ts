import { Approval, ApprovalCase, judgeApprovals } from './judgeApprovals';

const checkout = 'group:default/checkout';
const media = 'group:default/media';
const ada = 'user:default/ada';

const by = (
  login: string,
  groups: string[] = [],
  person: string | undefined = `user:default/${login}`,
): Approval => ({ login, person, groups });

const nobody = (login: string): Approval => ({
  login,
  person: undefined,
  groups: [],
});

const base: ApprovalCase = {
  requestedBy: ada,
  owner: checkout,
  foreign: [],
  approvals: [],
  broken: [],
  trusted: false,
};
const mediaToo = [{ owner: media, buckets: ['media-raw'] }];

describe('judgeApprovals', () => {
  it.each<[string, Partial<ApprovalCase>]>([
    ['somebody else has approved', { approvals: [by('carla')] }],
    [
      'a member of the same team has approved',
      { approvals: [by('alan', [checkout])] },
    ],
    ['the team is trusted with it', { trusted: true }],
    [
      'a member of the team of the other bucket has approved',
      { foreign: mediaToo, approvals: [by('mina', [media])] },
    ],
    [
      'the owner of the other bucket is a person, who has approved',
      {
        foreign: [{ owner: 'user:default/mina', buckets: ['x'] }],
        approvals: [by('mina')],
      },
    ],
    [
      'the portal asked and a member of the owner has approved',
      { requestedBy: undefined, approvals: [by('ada', [checkout])] },
    ],
    [
      'the owner of the other bucket has approved, who may only read the repository',
      {
        foreign: mediaToo,
        approvals: [by('carla'), { ...by('mina', [media]), isUncounted: true }],
      },
    ],
    [
      'the team of the other bucket is written in another way',
      {
        foreign: [{ owner: 'Group:default/Media', buckets: ['media-raw'] }],
        approvals: [by('mina', [media])],
      },
    ],
  ])('is content when %s', (_, change) => {
    expect(judgeApprovals({ ...base, ...change })).toEqual([]);
  });

  it.each<[string, Partial<ApprovalCase>, unknown[]]>([
    ['nobody has approved', {}, [{ type: 'anybody', ignored: [] }]],
    [
      'only the one who asked has approved',
      { approvals: [by('ada', [checkout])] },
      [{ type: 'anybody', ignored: [{ login: 'ada', reason: 'asked' }] }],
    ],
    [
      'only an account that is nobody’s has approved',
      { approvals: [nobody('robot')] },
      [{ type: 'anybody', ignored: [{ login: 'robot', reason: 'unmatched' }] }],
    ],
    [
      'the team of the other bucket has not approved',
      { foreign: mediaToo, approvals: [by('carla')] },
      [
        {
          type: 'owner',
          owner: media,
          buckets: ['media-raw'],
          ignored: [{ login: 'carla', reason: 'not-a-member' }],
        },
      ],
    ],
    [
      'the one who asked is in the team of the other bucket, and alone',
      { foreign: mediaToo, approvals: [by('ada', [media]), by('carla')] },
      [
        {
          type: 'owner',
          owner: media,
          buckets: ['media-raw'],
          ignored: [
            { login: 'ada', reason: 'asked' },
            { login: 'carla', reason: 'not-a-member' },
          ],
        },
      ],
    ],
    [
      'the team is trusted, but not with buckets of others',
      { trusted: true, foreign: mediaToo },
      [{ type: 'owner', owner: media, buckets: ['media-raw'], ignored: [] }],
    ],
    [
      'only somebody has approved whom the forge does not count',
      { approvals: [{ ...by('guest'), isUncounted: true }] },
      [
        {
          type: 'anybody',
          ignored: [{ login: 'guest', reason: 'read-only' }],
        },
      ],
    ],
    [
      'the one who asked is written in another way',
      { requestedBy: 'User:default/Ada', approvals: [by('ada')] },
      [{ type: 'anybody', ignored: [{ login: 'ada', reason: 'asked' }] }],
    ],
    [
      'the branch has a commit of somebody else, whoever approved and whomever the guardrails trust',
      {
        foreignCommit: 'c0ffee',
        approvals: [by('carla')],
        trusted: true,
      },
      [{ type: 'commit', commit: 'c0ffee' }],
    ],
    [
      'the guardrails trusted the team until they changed',
      { trusted: true, broken: ['At most 10 GiB'] },
      [
        { type: 'guardrails', reasons: ['At most 10 GiB'] },
        { type: 'anybody', ignored: [] },
      ],
    ],
    [
      'the guardrails have changed',
      { approvals: [by('carla')], broken: ['At most 10 GiB'] },
      [{ type: 'guardrails', reasons: ['At most 10 GiB'] }],
    ],
    [
      'the portal asked and somebody outside the team has approved',
      { requestedBy: undefined, approvals: [by('carla')] },
      [
        {
          type: 'owner',
          owner: checkout,
          buckets: [],
          ignored: [{ login: 'carla', reason: 'not-a-member' }],
        },
      ],
    ],
    [
      'one of two teams has not approved',
      {
        foreign: [...mediaToo, { owner: 'group:default/data', buckets: ['d'] }],
        approvals: [by('mina', [media])],
      },
      [
        {
          type: 'owner',
          owner: 'group:default/data',
          buckets: ['d'],
          ignored: [{ login: 'mina', reason: 'not-a-member' }],
        },
      ],
    ],
  ])('is not content when %s', (_, change, missing) => {
    expect(judgeApprovals({ ...base, ...change })).toEqual(missing);
  });
});
