import { CatalogApi, catalogApiRef } from '@backstage/plugin-catalog-react';
import { TestApiProvider } from '@backstage/frontend-test-utils';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { FormHarness } from '../../__testUtils__/FormHarness';
import { someOptions } from '../../__testUtils__/fixtures';
import {
  accessibilityIssues,
  INVOICES,
  renderInPortal,
  rustfsApiMock,
} from '../../__testUtils__/renderInPortal';
import { RustfsConsumer } from './RustfsConsumer';

const FORM = {
  entityRef: 'component:default/invoices',
  tenant: 'atlas/storage/apps',
  access: 'invoices',
};

async function renderConsumer(
  options: {
    annotation?: string;
    namespaces?: string[];
    initial?: Record<string, unknown>;
  } = {},
) {
  const { annotation, namespaces, initial = FORM } = options;
  const onForm = jest.fn();
  const [offer, ...others] = someOptions().tenants;
  const api = rustfsApiMock({
    getRequestOptions: async () =>
      someOptions({
        tenants: [{ ...offer, ...(namespaces && { namespaces }) }, ...others],
      }),
  });
  const catalogApi: Partial<CatalogApi> = {
    getEntityByRef: async () => ({
      ...INVOICES,
      metadata: {
        ...INVOICES.metadata,
        ...(annotation && {
          annotations: { 'backstage.io/kubernetes-namespace': annotation },
        }),
      },
    }),
  };
  const { container } = await renderInPortal(
    <TestApiProvider apis={[[catalogApiRef, catalogApi]]}>
      <FormHarness
        field={RustfsConsumer}
        name="consumer"
        initial={initial}
        onForm={onForm}
      />
    </TestApiProvider>,
    { api },
  );
  const consumer = () => onForm.mock.lastCall?.[0].consumer;
  return { consumer, container };
}

describe('RustfsConsumer', () => {
  it('begins with what is usual: the namespace of the service, a Secret after the access', async () => {
    const { consumer, container } = await renderConsumer({
      annotation: 'checkout-jobs',
    });
    await waitFor(() =>
      expect(consumer()).toEqual({
        namespace: 'checkout-jobs',
        secret: 'invoices-s3',
        form: 'aws',
      }),
    );
    expect(screen.getByText('AWS_SECRET_ACCESS_KEY')).toBeInTheDocument();
    expect(await accessibilityIssues(container)).toEqual([]);
  });

  it('does not take a namespace from the catalog that the guardrails do not give', async () => {
    const { consumer } = await renderConsumer({ annotation: 'kube-system' });
    await waitFor(() => expect(consumer()?.namespace).toBe('checkout'));
  });

  it('says at once that a namespace is not one of the team', async () => {
    const user = userEvent.setup();
    await renderConsumer({ namespaces: ['checkout-*'] });
    const field = await screen.findByRole('textbox', { name: /Namespace/ });
    await user.type(field, 'billing');
    expect(
      screen.getByText('billing is not a namespace of your team.'),
    ).toBeInTheDocument();
    await user.clear(field);
    await user.type(field, 'checkout-eu');
    expect(
      screen.queryByText(/is not a namespace of your team/),
    ).not.toBeInTheDocument();
  });

  it('takes names of their own for the keys, and forgets them with the form', async () => {
    const user = userEvent.setup();
    const { consumer } = await renderConsumer({
      initial: {
        ...FORM,
        consumer: { namespace: 'checkout', secret: 'mine', form: 'plain' },
      },
    });
    const names = await screen.findByRole('group', {
      name: 'Names of the keys',
    });
    await user.type(
      within(names).getByRole('textbox', { name: 'Key for bucket' }),
      'B',
    );
    expect(consumer()).toEqual({
      namespace: 'checkout',
      // What a person wrote stays, whatever the access is called.
      secret: 'mine',
      form: 'plain',
      names: { bucket: 'B' },
    });
    await user.click(screen.getByRole('button', { name: /For$/ }));
    await user.click(await screen.findByRole('option', { name: 'Velero' }));
    expect(consumer()).toMatchObject({ form: 'velero', names: undefined });
  });

  it('says that the team has no namespace', async () => {
    await renderConsumer({ namespaces: [] });
    expect(
      await screen.findByText(/give your team no namespace for Secrets/),
    ).toBeInTheDocument();
  });
});
