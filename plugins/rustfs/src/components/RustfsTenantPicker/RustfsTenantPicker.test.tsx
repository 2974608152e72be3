import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { FormEvent } from 'react';
import { rustfsApiRef } from '../../api';
import { FormHarness } from '../../__testUtils__/FormHarness';
import { someOptions } from '../../__testUtils__/fixtures';
import {
  accessibilityIssues,
  refusal,
  renderInPortal,
  rustfsApiMock,
} from '../../__testUtils__/renderInPortal';
import { RustfsTenantPicker } from './RustfsTenantPicker';
import { validateTenant } from './validateTenant';

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

  it.each<[string, object, boolean]>([
    [
      'brings a bucket',
      { kind: 'access-create', brings: 'bucket-create' },
      false,
    ],
    ['is to buckets that are there', { kind: 'access-create' }, true],
  ])(
    'knows whether an access that %s takes the right to ask for buckets',
    async (_, options, isFree) => {
      await renderInPortal(
        <FormHarness
          field={RustfsTenantPicker}
          name="tenant"
          // Answers about permissions are kept between tests.
          initial={{ entityRef: 'component:default/reports' }}
          options={options}
        />,
        {
          api: rustfsApiMock({ getRequestOptions: async () => someOptions() }),
          denied: ['rustfs.bucket.request'],
        },
      );
      expect(
        isFree
          ? await screen.findByRole('button', { name: /Applications.*Tenant/ })
          : await screen.findByText(/rustfs\.bucket\.request/),
      ).toBeInTheDocument();
    },
  );

  it('waits for the entity', async () => {
    await renderPicker(async () => someOptions(), {});
    expect(
      screen.getByText('Choose first what it is for.'),
    ).toBeInTheDocument();
  });
});

describe('in a form', () => {
  it('does not hold back what is right now because it was wrong before', async () => {
    const onSubmit = jest.fn((event: FormEvent) => event.preventDefault());
    await renderInPortal(
      <form onSubmit={onSubmit}>
        <FormHarness
          field={RustfsTenantPicker}
          name="tenant"
          initial={ENTITY}
          // What the form said when it was last sent.
          rawErrors={['Choose a tenant.']}
        />
        <button type="submit">Next</button>
      </form>,
      { api: rustfsApiMock({ getRequestOptions: async () => someOptions() }) },
    );
    await screen.findByRole('button', { name: /Applications.*Tenant/ });
    await userEvent.click(screen.getByRole('button', { name: 'Next' }));
    expect(onSubmit).toHaveBeenCalled();
  });
});

describe('validateTenant', () => {
  it.each([
    ['a tenant that is chosen', 'atlas/storage/apps', someOptions(), []],
    ['none, where there are some', '', someOptions(), ['Choose a tenant.']],
    [
      'none, where there is none',
      '',
      someOptions({ tenants: [] }),
      [expect.stringContaining('There is no tenant on which you may ask')],
    ],
  ])('says of %s: what is wrong', async (_, tenant, options, messages) => {
    expect(await validate(tenant, async () => options)).toEqual(messages);
  });

  it('tells a person without the right why, before anything else is filled in', async () => {
    expect(
      await validate('', () =>
        Promise.reject(
          refusal({
            name: 'NotAllowedError',
            statusCode: 403,
            message: 'You need the permission rustfs.bucket.request',
          }),
        ),
      ),
    ).toEqual(['You need the permission rustfs.bucket.request']);
  });

  async function validate(
    tenant: string,
    getRequestOptions: () => Promise<ReturnType<typeof someOptions>>,
  ) {
    const api = rustfsApiMock({ getRequestOptions });
    const addError = jest.fn();
    await validateTenant(
      tenant,
      { addError } as unknown as Parameters<typeof validateTenant>[1],
      {
        apiHolder: {
          get: (ref: { id: string }) =>
            ref.id === rustfsApiRef.id ? api : undefined,
        } as Parameters<typeof validateTenant>[2]['apiHolder'],
        formData: ENTITY,
        schema: {},
      },
    );
    return addError.mock.calls.flat();
  }
});
