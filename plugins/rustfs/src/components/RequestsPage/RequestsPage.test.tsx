import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { aRequest } from '../../__testUtils__/fixtures';
import {
  accessibilityIssues,
  FakeSignals,
  refusal,
  renderInPortal,
  rustfsApiMock,
} from '../../__testUtils__/renderInPortal';
import { RequestsPage } from './RequestsPage';

describe('RequestsPage', () => {
  it('lists requests, where each stands, and narrows them', async () => {
    const user = userEvent.setup();
    const api = rustfsApiMock({
      listRequests: async () => ({
        items: [
          aRequest('proposed'),
          aRequest('failed', {
            id: 'r-2',
            input: { ...aRequest('failed').input, bucket: 'checkout-audit' },
          }),
        ],
        total: 30,
      }),
    });
    const { container } = await renderInPortal(<RequestsPage />, { api });
    const first = await screen.findByRole('row', { name: /checkout-receipts/ });
    const second = screen.getByRole('row', { name: /checkout-audit/ });
    expect(within(first).getByText('In review')).toBeInTheDocument();
    expect(first).toHaveAttribute('data-href', '/rustfs/requests/r-7k2m9');
    expect(
      within(second).getByText('BucketProvisioningFailed'),
    ).toBeInTheDocument();
    expect(screen.getByText('2 of 30')).toBeInTheDocument();
    expect(await accessibilityIssues(container)).toEqual([]);

    await user.click(screen.getByRole('switch', { name: 'Only mine' }));
    expect(api.listRequests).toHaveBeenLastCalledWith(
      expect.objectContaining({ mine: true }),
      expect.anything(),
    );
    await user.click(screen.getByRole('button', { name: /Show(?! more)/ }));
    await user.click(await screen.findByRole('option', { name: 'Failed' }));
    expect(api.listRequests).toHaveBeenLastCalledWith(
      expect.objectContaining({ mine: true, state: ['failed'] }),
      expect.anything(),
    );
  });

  it('shows one request and follows it', async () => {
    const signals = new FakeSignals();
    const getRequest = jest
      .fn()
      .mockResolvedValueOnce(
        aRequest('applied', { stalled: 'Nothing for 20 minutes.' }),
      )
      .mockResolvedValue(aRequest('ready'));
    const { container } = await renderInPortal(<RequestsPage />, {
      api: rustfsApiMock({ getRequest }),
      signals,
      at: '/r-7k2m9',
    });
    expect(
      await screen.findByRole('heading', { name: 'checkout-receipts' }),
    ).toBeInTheDocument();
    expect(screen.getByText(/Nothing for 20 minutes\./)).toBeInTheDocument();
    expect(screen.getByText('Receipts as PDF')).toBeInTheDocument();
    expect(screen.getByText('10 GiB')).toBeInTheDocument();
    expect(await accessibilityIssues(container)).toEqual([]);

    signals.send({
      id: 'r-7k2m9',
      entityRef: 'component:default/invoices',
      state: 'ready',
    });
    expect(
      await screen.findByText('checkout-receipts: Ready'),
    ).toBeInTheDocument();
    expect(
      screen.getByRole('link', { name: 'Connect to checkout-receipts' }),
    ).toHaveAttribute(
      'href',
      '/rustfs/buckets?bucket=atlas%2Fstorage%2Fapps%3Acheckout-receipts',
    );
  });

  it('names the checks that keep a pull request, with a link to each that has one', async () => {
    const { pullRequest } = aRequest('proposed');
    const { container } = await renderInPortal(<RequestsPage />, {
      api: rustfsApiMock({
        getRequest: async () =>
          aRequest('proposed', {
            waitingFor: 'A failing check to pass: lint; a review by carla',
            pullRequest: {
              ...pullRequest!,
              checks: [
                {
                  name: 'lint',
                  state: 'failing',
                  description: '2 errors <b>',
                  url: 'https://ci.acme.org/1',
                },
                { name: 'render', state: 'pending' },
              ],
            },
          }),
      }),
      at: '/r-7k2m9',
    });
    const checks = await screen.findByRole('list', {
      name: 'Checks that have not passed',
    });
    const [lint, render] = within(checks).getAllByRole('listitem');
    expect(lint).toHaveTextContent(/^lint .*is failing: 2 errors <b>$/);
    expect(within(lint).getByRole('link', { name: /lint/ })).toHaveAttribute(
      'href',
      'https://ci.acme.org/1',
    );
    expect(render).toHaveTextContent(/^render is not over$/);
    expect(within(render).queryByRole('link')).not.toBeInTheDocument();
    expect(screen.getByText(/A failing check to pass: lint/)).toBeVisible();
    expect(await accessibilityIssues(container)).toEqual([]);
  });

  it('shows what the reviewer wrote and lets the author withdraw, after a question', async () => {
    const user = userEvent.setup();
    const { pullRequest } = aRequest('proposed');
    const mine = {
      requestedBy: 'user:default/test',
      waitingFor: 'Changes that Carla Moreno asked for',
      pullRequest: {
        ...pullRequest!,
        turn: 'author' as const,
        changesRequestedBy: ['carla'],
        fullNames: { carla: 'Carla Moreno' },
        remarks: [
          {
            by: 'carla',
            verdict: 'changes-requested' as const,
            text: 'Half of it <b>is</b> enough',
            isOutdated: true,
          },
        ],
      },
    };
    const api = rustfsApiMock({
      getRequest: jest
        .fn()
        .mockResolvedValueOnce(aRequest('proposed', mine))
        .mockResolvedValue(aRequest('withdrawn', mine)),
      withdrawRequest: jest.fn(async () => aRequest('withdrawn', mine)),
    });
    const { container } = await renderInPortal(<RequestsPage />, {
      api,
      at: '/r-7k2m9',
    });
    const remarks = await screen.findByRole('list', {
      name: 'What reviewers say',
    });
    expect(remarks).toHaveTextContent(
      'Carla Moreno asked for changes (about an earlier state)',
    );
    expect(remarks).toHaveTextContent('Half of it <b>is</b> enough');
    expect(await screen.findByText(/It is your turn/)).toBeVisible();
    expect(await accessibilityIssues(container)).toEqual([]);

    await user.click(screen.getByRole('button', { name: 'Withdraw request' }));
    expect(api.withdrawRequest).not.toHaveBeenCalled();
    await user.click(screen.getByRole('button', { name: 'Withdraw request' }));
    expect(api.withdrawRequest).toHaveBeenCalledWith('r-7k2m9');
    expect(
      await screen.findByRole('button', { name: 'Take up again' }),
    ).toBeVisible();
  });

  it('offers nothing of that to anybody else', async () => {
    await renderInPortal(<RequestsPage />, {
      api: rustfsApiMock({ getRequest: async () => aRequest('proposed') }),
      at: '/r-7k2m9',
    });
    await screen.findByRole('heading', { name: 'checkout-receipts' });
    expect(
      screen.queryByRole('button', { name: 'Withdraw request' }),
    ).not.toBeInTheDocument();
  });

  it('shows both pull requests of a request that takes two', async () => {
    const request = aRequest('proposed', {
      stage: 2,
      stages: 2,
      waitingFor: 'A review, and to be merged',
      earlier: [
        {
          number: 7,
          url: 'https://forge.example/acme/atlas/pulls/7',
          repository: 'acme/atlas',
        },
      ],
      source: {
        repository: 'acme/borealis',
        branch: 'main',
        path: 'clusters/borealis',
      },
      trail: [
        ...aRequest('applied').trail,
        {
          state: 'submitting',
          at: '2026-03-02T12:10:00.000Z',
          source: 'server',
          message: 'The key works; the Secret of the workload is next',
          link: { title: 'Tenant atlas/storage/apps' },
        },
        ...aRequest('proposed').trail.slice(1),
      ],
    });
    const { container } = await renderInPortal(<RequestsPage />, {
      api: rustfsApiMock({ getRequest: async () => request }),
      at: '/r-7k2m9',
    });
    const trail = await screen.findByRole('list', { name: /^Steps of/ });
    expect(trail).toHaveTextContent(
      /Pull request #7.*\(1 of 2 · acme\/atlas · merged\).*In effect.*the Secret of the workload is next.*Pull request #12.*\(2 of 2 · acme\/borealis · open\).*Next: A review/,
    );
    expect(
      within(trail)
        .getAllByRole('link', { name: /Pull request/ })
        .map(link => link.getAttribute('href')),
    ).toEqual([
      'https://forge.example/acme/atlas/pulls/7',
      'https://forge.example/acme/atlas/pulls/12',
    ]);
    expect(screen.getByText('Pull request 2 of 2')).toBeVisible();
    expect(await accessibilityIssues(container)).toEqual([]);
  });

  it('says that a request is not there', async () => {
    await renderInPortal(<RequestsPage />, {
      api: rustfsApiMock({
        getRequest: () =>
          Promise.reject(
            refusal({
              name: 'NotFoundError',
              statusCode: 404,
              message: 'There is no request nope',
            }),
          ),
      }),
      at: '/nope',
    });
    expect(await screen.findByRole('alert')).toHaveTextContent(
      /Not found.*There is no request nope/,
    );
    expect(
      screen.getByRole('link', { name: 'All requests' }),
    ).toBeInTheDocument();
  });
});
