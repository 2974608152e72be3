import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { rustfsApiRef } from '../../api';
import { FormHarness } from '../../__testUtils__/FormHarness';
import { someOptions } from '../../__testUtils__/fixtures';
import {
  accessibilityIssues,
  renderInPortal,
  rustfsApiMock,
} from '../../__testUtils__/renderInPortal';
import { RustfsQuota } from './RustfsQuota';
import { validateQuota } from './validateQuota';

const FORM = {
  entityRef: 'component:default/invoices',
  tenant: 'atlas/storage/apps',
};

describe('RustfsQuota', () => {
  async function renderQuota(
    initial: Record<string, unknown> = FORM,
    options = someOptions(),
  ) {
    const onForm = jest.fn();
    const api = rustfsApiMock({ getRequestOptions: async () => options });
    const { container, unmount } = await renderInPortal(
      <FormHarness
        field={RustfsQuota}
        name="quota"
        initial={initial}
        onForm={onForm}
      />,
      { api },
    );
    return { onForm, container, unmount };
  }

  it('begins with what is usual and says what is allowed', async () => {
    const { onForm, container } = await renderQuota();
    await waitFor(() =>
      expect(onForm).toHaveBeenLastCalledWith({ ...FORM, quota: '10Gi' }),
    );
    await waitFor(() =>
      expect(screen.getByRole('textbox', { name: /Quota/ })).toHaveValue('10'),
    );
    expect(
      screen.getByText('Usual here: 10 GiB. At most 100 GiB.'),
    ).toBeInTheDocument();
    expect(await accessibilityIssues(container)).toEqual([]);
  });

  it('begins with what is usual where a request without quota is asked for again and needs one now', async () => {
    const { onForm } = await renderQuota({ ...FORM, quota: '' });
    await waitFor(() =>
      expect(onForm).toHaveBeenLastCalledWith({ ...FORM, quota: '10Gi' }),
    );
  });

  it('keeps what a person asked for', async () => {
    const { onForm } = await renderQuota({ ...FORM, quota: '25Gi' });
    await screen.findByText(/At most 100 GiB/);
    expect(screen.getByRole('textbox', { name: /Quota/ })).toHaveValue('25');
    expect(onForm).not.toHaveBeenCalled();
  });

  it('leaves empty what a person has emptied, also when the step is shown again', async () => {
    const user = userEvent.setup();
    const options = someOptions({
      tenants: [{ ...someOptions().tenants[0], quotaRequired: false }],
    });
    const { onForm, unmount } = await renderQuota(
      { ...FORM, quota: '25Gi' },
      options,
    );
    await screen.findByText(/At most 100 GiB/);
    await user.clear(screen.getByRole('textbox', { name: /Quota/ }));
    await user.tab();
    const [emptied] = onForm.mock.lastCall!;
    unmount();

    const again = await renderQuota(emptied, options);
    await screen.findByText(/At most 100 GiB/);
    expect(screen.getByRole('textbox', { name: /Quota/ })).toHaveValue('');
    expect(again.onForm).not.toHaveBeenCalled();
  });

  it.each([
    ['0', true, 'A quota is more than 0. Write how much the bucket may hold.'],
    ['-1', false, /For no quota, leave the field empty/],
  ])(
    'keeps an amount of %s and says that it is none (required: %s)',
    async (typed, quotaRequired, words) => {
      const user = userEvent.setup();
      await renderQuota(
        { ...FORM, quota: '25Gi' },
        someOptions({
          tenants: [{ ...someOptions().tenants[0], quotaRequired }],
        }),
      );
      await screen.findByText(/At most 100 GiB/);
      const amount = screen.getByRole('textbox', { name: /Quota/ });
      await user.clear(amount);
      await user.type(amount, typed);
      await user.tab();
      expect(await screen.findByText(words)).toBeInTheDocument();
      expect(amount).toHaveValue(typed);
      expect(amount).toBeInvalid();
    },
  );

  it('says at once that an amount is too much', async () => {
    const user = userEvent.setup();
    const { onForm } = await renderQuota({ ...FORM, quota: '25Gi' });
    await screen.findByText(/At most 100 GiB/);
    const amount = screen.getByRole('textbox', { name: /Quota/ });
    await user.clear(amount);
    await user.type(amount, '200');
    await user.tab();
    expect(onForm).toHaveBeenLastCalledWith({ ...FORM, quota: '200Gi' });
    expect(
      await screen.findByText(/200 GiB is more than the 100 GiB/),
    ).toBeInTheDocument();
    expect(amount).toBeInvalid();
  });
});

describe('validateQuota', () => {
  it.each([
    ['50Gi', []],
    ['', ['A quota is required here, for example 10 GiB.']],
    ['0Gi', ['A quota is more than 0, for example 10 GiB.']],
    ['-1Gi', ['A quota is more than 0, for example 10 GiB.']],
    ['1Ti', ['1 TiB is more than the 100 GiB that may be asked for here.']],
    ['much', [expect.stringContaining('"much" is not an amount of bytes')]],
  ])('says of "%s": %j', async (quota, messages) => {
    const api = rustfsApiMock({ getRequestOptions: async () => someOptions() });
    const addError = jest.fn();
    await validateQuota(
      quota,
      { addError } as unknown as Parameters<typeof validateQuota>[1],
      {
        apiHolder: {
          get: (ref: { id: string }) =>
            ref.id === rustfsApiRef.id ? api : undefined,
        } as Parameters<typeof validateQuota>[2]['apiHolder'],
        formData: FORM,
        schema: {},
      },
    );
    expect(addError.mock.calls.flat()).toEqual(messages);
  });
});
