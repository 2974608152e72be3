import { Entity } from '@backstage/catalog-model';
import { ApiRef } from '@backstage/frontend-plugin-api';
import {
  createApiMock,
  mockApis,
  renderInTestApp,
} from '@backstage/frontend-test-utils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { EntityProvider } from '@backstage/plugin-catalog-react';
import { signalApiRef } from '@backstage/plugin-signals-react';
import { RequestSignal } from '@rustfs-portal/plugin-rustfs-common';
import { act } from '@testing-library/react';
import axe from 'axe-core';
import { ReactElement } from 'react';
import { rustfsApiRef } from '../api';
import { rootRouteRef } from '../routes';

/** Makes a backend client whose calls are jest mocks; pass answers for those that a test needs. */
export const rustfsApiMock = createApiMock(rustfsApiRef, () => ({
  getEntityStorage: jest.fn(),
  getRequestOptions: jest.fn(),
  checkBucketName: jest.fn(),
  previewRequest: jest.fn(),
  createRequest: jest.fn(),
  listRequests: jest.fn().mockResolvedValue({ items: [], total: 0 }),
  getRequest: jest.fn(),
  withdrawRequest: jest.fn(),
  reopenRequest: jest.fn(),
  decideOnCommit: jest.fn(),
  listTenants: jest.fn(),
  getTenant: jest.fn(),
  listBuckets: jest.fn(),
  listAccesses: jest.fn(),
}));

/** Stands in for the signals of the backend. */
export class FakeSignals {
  readonly #listeners = new Set<(message: RequestSignal) => void>();

  subscribe(_channel: string, listener: (message: never) => void) {
    const added = listener as (message: RequestSignal) => void;
    this.#listeners.add(added);
    return { unsubscribe: () => void this.#listeners.delete(added) };
  }

  send(message: RequestSignal) {
    act(() => this.#listeners.forEach(listener => listener(message)));
  }
}

export const INVOICES: Entity = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: { name: 'invoices', namespace: 'default' },
  spec: { type: 'service', owner: 'checkout', lifecycle: 'production' },
};

/** Renders as in a portal: with routes, and with an entity around it where there is one. */
export async function renderInPortal(
  element: ReactElement,
  options: {
    api: ReturnType<typeof rustfsApiMock>;
    signals?: FakeSignals;
    entity?: Entity;
    at?: string;
    mountPath?: string;
    /** Names of permissions that the person lacks. */
    denied?: string[];
  },
) {
  const { api, signals, entity, at, mountPath, denied = [] } = options;
  return renderInTestApp(
    entity ? (
      <EntityProvider entity={entity}>{element}</EntityProvider>
    ) : (
      element
    ),
    {
      mountedRoutes: { '/rustfs': rootRouteRef },
      apis: [
        api,
        mockApis.permission({
          authorize: ({ permission: { name } }) =>
            denied.includes(name)
              ? AuthorizeResult.DENY
              : AuthorizeResult.ALLOW,
        }),
        mockApis.identity({ userEntityRef: 'user:default/test' }),
        ...(signals
          ? [[signalApiRef as ApiRef<FakeSignals>, signals] as const]
          : []),
      ],
      ...(at && { initialRouteEntries: [at] }),
      ...(mountPath && { mountPath }),
    },
  );
}

/** Finds what assistive technology would stumble over. Colours are judged in a browser, which draws them. */
export async function accessibilityIssues(
  container: Element,
): Promise<string[]> {
  const { violations } = await axe.run(container, {
    rules: {
      'color-contrast': { enabled: false },
      // Rules about whole pages; these are parts of one.
      region: { enabled: false },
      'heading-order': { enabled: false },
    },
  });
  return violations.map(
    ({ id, help, nodes }) =>
      `${id}: ${help} (${nodes.map(node => node.html).join(' ')})`,
  );
}

/** An error as the client throws it when the backend refuses. */
export function refusal(options: {
  name: string;
  statusCode: number;
  message: string;
  requestId?: string;
  issues?: Array<{ field: string; message: string }>;
}): Error {
  const { name, statusCode, message, requestId, issues } = options;
  return Object.assign(new Error(`Request failed with ${statusCode}`), {
    name: 'ResponseError',
    statusCode,
    cause: Object.assign(new Error(message), { name }),
    body: { error: { name, message, issues } },
    response: {
      headers: new Headers(requestId ? { 'x-request-id': requestId } : {}),
    },
  });
}
