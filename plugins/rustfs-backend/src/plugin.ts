import {
  coreServices,
  createBackendPlugin,
  LoggerService,
} from '@backstage/backend-plugin-api';
import { ConflictError } from '@backstage/errors';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { eventsServiceRef } from '@backstage/plugin-events-node';
import { notificationService } from '@backstage/plugin-notifications-node';
import { signalsServiceRef } from '@backstage/plugin-signals-node';
import {
  bucketReadPermission,
  bucketRequestPermission,
  PortalLinks,
  requestReadPermission,
  requestUpdatePermission,
  storageReadPermission,
  tenantReadPermission,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  bucketResourceRef,
  bucketRules,
  requestResourceRef,
  requestRules,
  TenantSource,
  tenantSourcesExtensionPoint,
} from '@rustfs-portal/plugin-rustfs-node';
import { Access, DatabaseRateLimiter } from './access';
import {
  checkSections,
  readForgesConfig,
  readGuardrailsConfig,
  readRatesConfig,
  readRequestsConfig,
  readTenantsConfig,
  TenantConfig,
} from './config';
import { ForgeDirectory } from './forges';
import { findGaps, GuardrailRule } from './guardrails';
import { createInventory, MisplacedRecords } from './inventory';
import {
  DatabaseLocks,
  DatabaseRequestStore,
  getMigratedClient,
} from './ledger';
import { inOwnWords } from './portalServices';
import {
  RequestDecisions,
  RequestFollower,
  RequestNotifier,
  RequestService,
  RequestSubmitter,
  RequestTargets,
} from './requests';
import { createRouter } from './routes';

/**
 * The RustFS backend: what storage there is, and requests for more of it.
 *
 * @public
 */
export const rustfsPlugin = createBackendPlugin({
  pluginId: 'rustfs',
  register(env) {
    const sources: TenantSource[] = [];
    env.registerExtensionPoint({
      extensionPoint: tenantSourcesExtensionPoint,
      factory: context => ({
        addTenantSource(source) {
          if (sources.some(({ cluster }) => cluster === source.cluster)) {
            context.reportModuleStartupFailure({
              error: new ConflictError(
                `A tenant source for cluster ${source.cluster} was added twice`,
              ),
            });
          } else {
            sources.push(source);
          }
        },
      }),
    });

    env.registerInit({
      deps: {
        auditor: coreServices.auditor,
        auth: coreServices.auth,
        cache: coreServices.cache,
        catalog: catalogServiceRef,
        config: coreServices.rootConfig,
        database: coreServices.database,
        events: eventsServiceRef,
        httpAuth: coreServices.httpAuth,
        httpRouter: coreServices.httpRouter,
        logger: coreServices.logger,
        notifications: notificationService,
        permissions: coreServices.permissions,
        permissionsRegistry: coreServices.permissionsRegistry,
        scheduler: coreServices.scheduler,
        signals: signalsServiceRef,
      },
      async init({ catalog, permissions, ...others }) {
        const services = {
          ...others,
          catalog: inOwnWords(catalog, 'the catalog'),
          permissions: inOwnWords(permissions, 'the permission backend'),
        };
        const { config, httpRouter, logger, permissionsRegistry, scheduler } =
          services;
        checkSections(config);
        const links = PortalLinks.fromConfig(config);
        const forges = ForgeDirectory.create(readForgesConfig(config));
        const guardrails = readGuardrailsConfig(config);
        const requestsConfig = readRequestsConfig(config);
        const tenantsConfig = readTenantsConfig(config);
        warnAboutGaps(logger, guardrails, tenantsConfig);
        const inventory = createInventory({ ...services, sources });

        const client = await getMigratedClient(services.database);
        const store = new DatabaseRequestStore(client);
        const targets = new RequestTargets({ inventory, forges });
        const notifier = new RequestNotifier({ ...services, links });
        const submitter = new RequestSubmitter({
          links,
          locks: new DatabaseLocks(client),
          notifier,
          store,
          targets,
        });
        const requests = new RequestService({
          guardrails,
          inventory,
          store,
          submitter,
          targets,
          titles: new Map(
            tenantsConfig.map(({ ref, title }) => [ref, title ?? ref]),
          ),
        });
        const decisions = new RequestDecisions({
          notifier,
          store,
          submitter,
          targets,
        });
        const follower = new RequestFollower({
          config: requestsConfig,
          inventory,
          logger,
          notifier,
          store,
          submitter,
          targets,
        });

        permissionsRegistry.addPermissions([
          storageReadPermission,
          bucketRequestPermission,
          tenantReadPermission,
        ]);
        permissionsRegistry.addResourceType({
          resourceRef: bucketResourceRef,
          permissions: [bucketReadPermission],
          rules: Object.values(bucketRules),
          getResources: async refs => {
            const { items } = await inventory.listBuckets();
            return refs.map(ref => items.find(({ id }) => id === ref));
          },
        });
        permissionsRegistry.addResourceType({
          resourceRef: requestResourceRef,
          permissions: [requestReadPermission, requestUpdatePermission],
          rules: Object.values(requestRules),
          getResources: async ids =>
            Promise.all(ids.map(async id => (await store.get(id))?.request)),
        });

        httpRouter.use(
          createRouter({
            ...services,
            access: new Access(services),
            decisions,
            inventory,
            limiter: new DatabaseRateLimiter(client, {
              logger,
              rates: readRatesConfig(config),
            }),
            misplacedRecords: new MisplacedRecords({ ...services, inventory }),
            requests,
            targets,
          }),
        );
        await scheduler.scheduleTask({
          id: 'rustfs-follow-requests',
          frequency: { milliseconds: requestsConfig.followInterval },
          // When a replica dies in a round, the others wait for this long: what a round does not get to, the next one does.
          timeout: { minutes: 1 },
          initialDelay: { seconds: 3 },
          scope: 'global',
          fn: signal => follower.follow(signal),
        });
        await scheduler.scheduleTask({
          id: 'rustfs-follow-ended-requests',
          frequency: { minutes: 5 },
          timeout: { minutes: 5 },
          initialDelay: { seconds: 30 },
          scope: 'global',
          fn: signal => follower.followEnded(signal),
        });
      },
    });
  },
});

/** Refusing whom no rule names is safe, and may still not be what was meant. */
function warnAboutGaps(
  logger: LoggerService,
  guardrails: GuardrailRule[],
  tenants: TenantConfig[],
): void {
  const gaps = findGaps(guardrails, [
    ...tenants.map(({ ref }) => ref),
    ...guardrails.flatMap(rule => rule.tenants ?? []),
  ]);
  if (gaps.length > 0) {
    logger.warn(
      `rustfs.guardrails says nothing about owners that no rule names, so they can ask for nothing on ${gaps.join(
        ', ',
      )}: end with a rule that has owners: ['*']`,
    );
  }
}
