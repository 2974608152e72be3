import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { FormHarness } from '../../__testUtils__/FormHarness';
import { someOptions } from '../../__testUtils__/fixtures';
import {
  accessibilityIssues,
  refusal,
  renderInPortal,
  rustfsApiMock,
} from '../../__testUtils__/renderInPortal';
import { RustfsTenantPicker } from './RustfsTenantPicker';

const ENTITY = { entityRef: 'component:default/invoices' };

async function renderPicker(
  getRequestOptions: () => Promise<ReturnType<typeof someOptions>>,
  initial: Record<string, unknown> = ENTITY,
) {
  const onForm = jest.fn();
  const api = rustfsApiMock({ getRequestOptions });
  const { container } = await renderInPortal(
    <FormHarness
      field={RustfsTenantPicker}
      name="tenant"
      initial={initial}
      onForm={onForm}
    />,
    { api },
  );
  return { onForm, container };
}

describe('RustfsTenantPicker', () => {
  it('takes the tenant that is offered and says why another is not', async () => {
    const { onForm, container } = await renderPicker(async () => someOptions());
    await waitFor(() =>
      expect(onForm).toHaveBeenLastCalledWith({
        ...ENTITY,
        tenant: 'atlas/storage/apps',
      }),
    );
    expect(
      screen.getByRole('button', { name: /Applications.*Tenant/ }),
    ).toBeInTheDocument();
    expect(
      screen.getByText('Archive: its server does not answer'),
    ).toBeInTheDocument();
    expect(await accessibilityIssues(container)).toEqual([]);
  });

  it('replaces a tenant that this entity may not use', async () => {
    const { onForm } = await renderPicker(async () => someOptions(), {
      ...ENTITY,
      tenant: 'borealis/storage/ml',
    });
    await waitFor(() =>
      expect(onForm).toHaveBeenLastCalledWith({
        ...ENTITY,
        tenant: 'atlas/storage/apps',
      }),
    );
  });

  it('says what to do where nothing is offered', async () => {
    await renderPicker(async () => someOptions({ tenants: [] }));
    expect(
      await screen.findByText(/no tenant on which you may ask/),
    ).toBeInTheDocument();
  });

  it('says why the offer could not be loaded', async () => {
    await renderPicker(() =>
      Promise.reject(
        refusal({
          name: 'NotAllowedError',
          statusCode: 403,
          message: 'It takes rustfs.bucket.request on this entity',
        }),
      ),
    );
    expect(
      await screen.findByText(/It takes rustfs\.bucket\.request/),
    ).toBeInTheDocument();
  });

  it('asks again after an outage', async () => {
    const user = userEvent.setup();
    const getRequestOptions = jest
      .fn()
      .mockRejectedValueOnce(
        refusal({
          name: 'ServiceUnavailableError',
          statusCode: 503,
          message: 'The cluster does not answer',
        }),
      )
      .mockResolvedValue(someOptions());
    await renderPicker(getRequestOptions);
    expect(
      await screen.findByText(/could not be loaded: The cluster does not/),
    ).toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: 'Try again' }));
    expect(
      await screen.findByRole('button', { name: /Applications.*Tenant/ }),
    ).toBeInTheDocument();
  });

  it('waits for the entity', async () => {
    await renderPicker(async () => someOptions(), {});
    expect(
      screen.getByText('Choose first what the bucket is for.'),
    ).toBeInTheDocument();
  });
});
