import {
  MissingApproval,
  StorageRequest,
} from '@rustfs-portal/plugin-rustfs-common';
import { screen, within } from '@testing-library/react';
import { aRequest } from '../../__testUtils__/fixtures';
import {
  accessibilityIssues,
  renderInPortal,
  rustfsApiMock,
} from '../../__testUtils__/renderInPortal';
import { RequestApprovals } from './RequestApprovals';

const ME = 'user:default/test';

async function show(
  missing: MissingApproval[],
  change: Partial<StorageRequest> = {},
) {
  const { container } = await renderInPortal(
    <RequestApprovals
      request={aRequest('proposed', {
        policy: { state: 'waiting', missing },
        ...change,
      })}
    />,
    { api: rustfsApiMock() },
  );
  return container;
}

const foreign = (owner: string): MissingApproval => ({
  type: 'owner',
  owner,
  buckets: ['media-raw', 'media-cuts'],
  ignored: [{ login: 'alan', reason: 'not-a-member' }],
});

describe('RequestApprovals', () => {
  it('says whose approval is missing, and which do not count', async () => {
    const container = await show([
      {
        type: 'anybody',
        ignored: [
          { login: 'robot', reason: 'unmatched' },
          { login: 'ada', reason: 'asked' },
        ],
      },
      foreign('group:default/media'),
    ]);
    const items = within(
      await screen.findByRole('list', { name: 'What is still needed' }),
    ).getAllByRole('listitem');
    expect(items.map(({ textContent }) => textContent)).toEqual([
      'Waiting for approval by somebody other than the one who asked',
      'Waiting for approval by media, for media-raw, media-cuts',
      expect.stringContaining('robot has approved, but the portal does not'),
      expect.stringContaining('ada has approved and has asked'),
    ]);
    expect(await accessibilityIssues(container)).toEqual([]);
  });

  it('tells the owner of the bucket that it is their turn', async () => {
    await show([foreign(ME)]);
    expect(
      await screen.findByText(/^Your approval is needed for media-raw/),
    ).toBeInTheDocument();
  });

  it('asks nothing of the one who asked, in whichever team', async () => {
    await show([foreign(ME)], { requestedBy: ME });
    expect(
      await screen.findByText(/^Waiting for approval by/),
    ).toBeInTheDocument();
    expect(screen.queryByText(/Your approval/)).not.toBeInTheDocument();
  });

  it('says what no approval helps against', async () => {
    await show([
      { type: 'guardrails', reasons: ['At most 10 GiB'] },
      { type: 'commit', commit: 'c0ffee'.repeat(7) },
    ]);
    expect(
      await screen.findByText(/guardrails do not allow it .*At most 10 GiB/),
    ).toBeInTheDocument();
    expect(screen.getByText(/Commit c0ffeec/)).toBeInTheDocument();
  });

  it('has nothing to say of one that is approved or merged', async () => {
    const container = await show([]);
    expect(container).not.toHaveTextContent(/approval/i);
    await show([foreign(ME)], { state: 'merged' });
    expect(screen.queryByText(/approval/i)).not.toBeInTheDocument();
  });
});
