import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { FormHarness } from '../../__testUtils__/FormHarness';
import { someOptions } from '../../__testUtils__/fixtures';
import {
  accessibilityIssues,
  renderInPortal,
  rustfsApiMock,
} from '../../__testUtils__/renderInPortal';
import { RustfsAccessMode } from './RustfsAccessMode';

const FORM = {
  entityRef: 'component:default/invoices',
  tenant: 'atlas/storage/apps',
  scope: { type: 'buckets', buckets: ['checkout-exports'] },
};

async function renderMode(
  initial: Record<string, unknown> = FORM,
  accessModes?: string[],
) {
  const onForm = jest.fn();
  const [offer] = someOptions().tenants;
  const ownRule = {
    id: 'restore',
    title: 'Restore',
    description: 'read objects and their versions',
    actions: { bucket: [], object: ['s3:GetObjectVersion'] },
  };
  const { container } = await renderInPortal(
    <FormHarness
      field={RustfsAccessMode}
      name="mode"
      initial={initial}
      onForm={onForm}
    />,
    {
      api: rustfsApiMock({
        getRequestOptions: async () =>
          someOptions({
            accessModes: [...someOptions().accessModes, ownRule],
            tenants: [{ ...offer, ...(accessModes && { accessModes }) }],
          }),
      }),
    },
  );
  return { container, mode: () => onForm.mock.lastCall?.[0].mode };
}

describe('RustfsAccessMode', () => {
  it('begins with reading and writing, and says in words and as a policy what each mode allows', async () => {
    const user = userEvent.setup();
    const { container, mode } = await renderMode();
    await waitFor(() => expect(mode()).toBe('read-write'));
    await user.click(screen.getByRole('button', { name: /May/ }));
    await user.click(screen.getByRole('option', { name: 'Read' }));
    expect(
      screen.getByText('May read and list checkout-exports; nothing else.'),
    ).toBeInTheDocument();
    await user.click(
      screen.getByRole('button', { name: 'The policy on the server' }),
    );
    const policy = screen.getByRole('region', {
      name: 'The policy on the server',
    });
    expect(policy).toHaveTextContent('arn:aws:s3:::checkout-exports/*');
    expect(policy).not.toHaveTextContent('s3:PutObject');
    expect(await accessibilityIssues(container)).toEqual([]);
  });

  it('offers what the guardrails allow, rules of the platform team among it', async () => {
    const { mode } = await renderMode(FORM, ['restore']);
    await waitFor(() => expect(mode()).toBe('restore'));
    expect(
      screen.getByText(
        'On checkout-exports: read objects and their versions; nothing else.',
      ),
    ).toBeInTheDocument();
  });

  it('speaks of the bucket that is asked for with it', async () => {
    await renderMode({ ...FORM, scope: undefined, bucket: 'checkout-new' });
    expect(
      await screen.findByText(/in checkout-new; nothing else/),
    ).toBeInTheDocument();
  });
});
