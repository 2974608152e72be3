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
