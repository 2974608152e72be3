import {
  readSchedulerServiceTaskScheduleDefinitionFromConfig,
  SchedulerServiceTaskScheduleDefinition,
} from '@backstage/backend-plugin-api';
import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';

const PATH = 'catalog.providers.rustfs';
const KEYS = ['buckets', 'defaultOwner', 'linkEntities', 'schedule'];

/** Settings of the provider. */
export interface ProviderConfig {
  buckets: boolean;
  defaultOwner: string;
  linkEntities: boolean;
  schedule: SchedulerServiceTaskScheduleDefinition;
}

/** @throws InputError with the path of what is wrong */
export function readProviderConfig(config: Config): ProviderConfig {
  const section = config.getOptionalConfig(PATH);
  const unknown = section?.keys().find(key => !KEYS.includes(key));
  if (unknown) {
    throw new InputError(
      `Configuration ${PATH}.${unknown} is not known: expected one of ${KEYS.join(
        ', ',
      )}`,
    );
  }
  return {
    buckets: section?.getOptionalBoolean('buckets') ?? false,
    defaultOwner: readOwner(section?.getOptionalString('defaultOwner')),
    linkEntities: section?.getOptionalBoolean('linkEntities') ?? false,
    schedule: section?.has('schedule')
      ? readSchedulerServiceTaskScheduleDefinitionFromConfig(
          section.getConfig('schedule'),
        )
      : {
          frequency: { minutes: 1 },
          timeout: { minutes: 1 },
          initialDelay: { seconds: 10 },
        },
  };
}

function readOwner(owner: string | undefined): string {
  if (owner === undefined) {
    return 'unknown';
  }
  try {
    return stringifyEntityRef(
      parseEntityRef(owner, {
        defaultKind: 'group',
        defaultNamespace: 'default',
      }),
    );
  } catch {
    throw new InputError(
      `Configuration ${PATH}.defaultOwner is wrong: expected an entity reference, for example group:default/platform`,
    );
  }
}
