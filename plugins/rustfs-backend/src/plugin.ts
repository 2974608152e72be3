import {
  coreServices,
  createBackendPlugin,
  LoggerService,
  SchedulerService,
} from '@backstage/backend-plugin-api';
import { actionsRegistryServiceRef } from '@backstage/backend-plugin-api/alpha';
import { ConflictError } from '@backstage/errors';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { eventsServiceRef } from '@backstage/plugin-events-node';
import { notificationService } from '@backstage/plugin-notifications-node';
import { signalsServiceRef } from '@backstage/plugin-signals-node';
import {
  accessReadPermission,
  accessRequestPermission,
  bucketReadPermission,
  bucketRequestPermission,
  PortalLinks,
  requestReadPermission,
  requestUpdatePermission,
  SECRET_FORMS,
  SecretForm,
  setupRequestPermission,
  storageReadPermission,
  tenantReadPermission,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  accessResourceRef,
  accessRules,
  bucketResourceRef,
  bucketRules,
  enginesExtensionPoint,
  ForgeKind,
  forgesExtensionPoint,
  GitOpsEngine,
  layoutsExtensionPoint,
  RequestKind,
  requestKindsExtensionPoint,
  requestResourceRef,
  requestRules,
  secretFormsExtensionPoint,
  SecretWriterKind,
  secretWritersExtensionPoint,
  StorageLayout,
  TenantSource,
  tenantSourcesExtensionPoint,
} from '@rustfs-portal/plugin-rustfs-node';
import { Access, DatabaseRateLimiter } from './access';
import {
  inReadableErrors,
  registerAskingActions,
  registerReadActions,
} from './agentActions';
import { CatalogPeople } from './approvals';
import {
  checkSections,
  readAccessModesConfig,
  readClustersConfig,
  readConsumersConfig,
  readForgesConfig,
  readGuardrailsConfig,
  readRatesConfig,
  readRequestsConfig,
  readSecretFormsConfig,
  readSettingsConfig,
  readSetupConfig,
  readTenantsConfig,
  TenantConfig,
} from './config';
import { RequestDoor } from './doors';
import { FORGE_KINDS, ForgeDirectory } from './forges';
import { ENGINES, GitOpsEngines } from './gitops';
import { findGaps, GuardrailRule } from './guardrails';
import { createInventory, MisplacedRecords } from './inventory';
import { requireLayout, StorageLayouts } from './layouts';
import { HookInbox } from './hooks';
import {
  DatabaseHookStore,
  DatabaseLocks,
  DatabaseRequestStore,
  DatabaseRounds,
  DatabaseSecretStore,
  getMigratedClient,
} from './ledger';
import { inOwnWords } from './portalServices';
import {
  accessCreate,
  accessRevoke,
  bucketChange,
  bucketCreate,
  PolicyKeeper,
  RequestContexts,
  RequestDecisions,
  RequestFollower,
  RequestKinds,
  RequestNotifier,
  RequestPlanner,
  RequestService,
  RequestSubmitter,
  RequestTargets,
  RoundPlans,
  SecretSealer,
  setupEnable,
} from './requests';
import { createRouter } from './routes';
import {
  createSecretWriters,
  openSecretClusters,
  SECRET_WRITER_IDS,
  SecretVerdicts,
  SecretWriters,
} from './secrets';
import { DatabaseSettingsStore, SettingsTask } from './settings';

const SETTINGS_TASK = 'rustfs-settle-buckets';

const MINUTE_MS = 60_000;
/** What a round does not get to, the next one does. */
const FOLLOW_ROUND = { key: 'rustfs-follow-requests', timeoutMs: MINUTE_MS };
/** One over what webhooks told of; what it does not get to is kept for the next one over all. */
const HOOK_ROUND = { ...FOLLOW_ROUND, timeoutMs: 10_000, waitMs: 10_000 };
/** So long that those, one after the other, do not keep one over all out. */
const FOLLOW_WAIT_MS = 15_000;

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
      factory: () => ({
        addTenantSource: source =>
          addOnce(sources, source, {
            what: 'tenant source for cluster',
            keyOf: ({ cluster }) => cluster,
          }),
      }),
    });

    const kinds: RequestKind[] = [
      accessCreate,
      accessRevoke,
      bucketChange,
      bucketCreate,
      setupEnable,
    ];
    env.registerExtensionPoint({
      extensionPoint: requestKindsExtensionPoint,
      factory: () => ({
        addRequestKind: kind =>
          addOnce(kinds, kind, {
            what: 'request kind',
            keyOf: ({ id }) => id,
          }),
      }),
    });
    const forgeKinds: ForgeKind[] = [...FORGE_KINDS];
    env.registerExtensionPoint({
      extensionPoint: forgesExtensionPoint,
      factory: () => ({
        addForge: kind =>
          addOnce(forgeKinds, kind, {
            what: 'kind of forge',
            keyOf: ({ factory }) => factory.id,
          }),
      }),
    });
    const engines: GitOpsEngine[] = [];
    env.registerExtensionPoint({
      extensionPoint: enginesExtensionPoint,
      factory: () => ({
        addEngine: engine =>
          addOnce(engines, engine, {
            what: 'GitOps engine',
            keyOf: ({ id }) => id,
            others: ENGINES.map(({ id }) => id),
          }),
      }),
    });
    const forms: SecretForm[] = [...SECRET_FORMS];
    env.registerExtensionPoint({
      extensionPoint: secretFormsExtensionPoint,
      factory: () => ({
        addSecretForm: form =>
          addOnce(forms, form, {
            what: 'form of Secrets',
            keyOf: ({ id }) => id,
          }),
      }),
    });

    const secretWriters: SecretWriterKind[] = [];
    env.registerExtensionPoint({
      extensionPoint: secretWritersExtensionPoint,
      factory: () => ({
        addSecretWriter: kind =>
          addOnce(secretWriters, kind, {
            what: 'writer of Secrets',
            keyOf: ({ id }) => id,
            others: SECRET_WRITER_IDS,
          }),
      }),
    });

    const layouts: StorageLayout[] = [];
    env.registerExtensionPoint({
      extensionPoint: layoutsExtensionPoint,
      factory: () => ({
        addLayout: layout => {
          requireLayout(layout);
          addOnce(layouts, layout, {
            what: 'layout',
            keyOf: ({ id }) => id,
            others: new StorageLayouts().git.ids,
          });
        },
      }),
    });

    env.registerInit({
      deps: {
        actionsRegistry: actionsRegistryServiceRef,
        auditor: coreServices.auditor,
        auth: coreServices.auth,
        cache: coreServices.cache,
        catalog: catalogServiceRef,
        config: coreServices.rootConfig,
        database: coreServices.database,
        events: eventsServiceRef,
        httpAuth: coreServices.httpAuth,
        httpRouter: coreServices.httpRouter,
        lifecycle: coreServices.lifecycle,
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
        const { config, events, httpRouter, lifecycle, logger } = services;
        const { permissionsRegistry } = services;
        checkSections(config);
        const links = PortalLinks.fromConfig(config);
        const forgesConfig = readForgesConfig(
          config,
          forgeKinds.map(({ factory }) => factory),
        );
        const forges = ForgeDirectory.create(forgesConfig, {
          config,
          kinds: forgeKinds,
        });
        const guardrails = readGuardrailsConfig(config);
        const requestsConfig = readRequestsConfig(config);
        const settingsConfig = readSettingsConfig(config);
        const tenantsConfig = readTenantsConfig(config);
        warnAboutGaps(logger, guardrails, tenantsConfig);
        const client = await getMigratedClient(services.database);
        const settings = new DatabaseSettingsStore(client);
        const storageLayouts = new StorageLayouts(layouts);
        const gitops = new GitOpsEngines(engines);
        const inventory = createInventory({
          ...services,
          engines: gitops.all,
          layouts: storageLayouts,
          settings,
          sources,
        });
        const store = new DatabaseRequestStore(client);
        const targets = new RequestTargets({
          engines: gitops,
          inventory,
          forges,
          layouts: storageLayouts.git,
        });
        const notifier = new RequestNotifier({ ...services, links });
        const clusters = readClustersConfig(config);
        const consumers = readConsumersConfig(config);
        const writers = SecretWriters.create({
          kinds: [...createSecretWriters(clusters), ...secretWriters],
          clusters,
          consumers,
          apis: openSecretClusters(clusters),
        });
        const contexts = new RequestContexts({
          clusters: clusters.map(({ name }) => name),
          consumers,
          forms: readSecretFormsConfig(config, forms),
          guardrails,
          inventory,
          modes: readAccessModesConfig(config),
          setup: readSetupConfig(config),
          store,
        });
        const requestKinds = new RequestKinds(kinds);
        const secrets = new DatabaseSecretStore(client);
        const planner = new RequestPlanner({
          contexts,
          inventory,
          kinds: requestKinds,
          layouts: storageLayouts.git,
          links,
          sealer: new SecretSealer({
            forms: contexts.forms,
            store: secrets,
          }),
          secrets,
          writers,
        });
        const locks = new DatabaseLocks(client);
        const submitter = new RequestSubmitter({
          locks,
          notifier,
          planner,
          store,
          targets,
        });
        const requests = new RequestService({
          contexts,
          inventory,
          kinds: requestKinds,
          planner,
          store,
          submitter,
          targets,
          titles: new Map(
            tenantsConfig.map(({ ref, title }) => [ref, title ?? ref]),
          ),
        });
        const decisions = new RequestDecisions({
          kinds: requestKinds,
          notifier,
          store,
          submitter,
          targets,
        });
        const settingsTask = new SettingsTask({
          ...services,
          guardrails,
          inventory,
          store: settings,
        });
        const hooks = new DatabaseHookStore(client);
        const follower = new RequestFollower({
          config: requestsConfig,
          decisions,
          engines: gitops,
          inventory,
          kinds: requestKinds,
          logger,
          notifier,
          plans: new RoundPlans({
            config: requestsConfig,
            find: url => forges.find(url),
            hooks,
          }),
          policies: new PolicyKeeper({
            contexts,
            kinds: requestKinds,
            links,
            people: new CatalogPeople({
              ...services,
              settings: forgesConfig.map(
                ({ baseUrl, loginIsEntityName, logins }) => ({
                  forge: baseUrl,
                  loginIsEntityName,
                  logins,
                }),
              ),
            }),
            targets,
          }),
          secrets: new SecretVerdicts({
            readFiles: async (tenant, delivery, options) => {
              const { forge, repository } = targets.open(tenant, delivery);
              return forge.readFiles({ repository, ...options });
            },
            store: secrets,
            writers,
          }),
          settings: {
            read: tenant => settings.read(tenant),
            settleNow: (buckets, signal) =>
              settingsTask.settleNow(buckets, signal),
          },
          store,
          submitter,
          targets,
        });

        permissionsRegistry.addPermissions([
          storageReadPermission,
          accessRequestPermission,
          bucketRequestPermission,
          setupRequestPermission,
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
          resourceRef: accessResourceRef,
          permissions: [accessReadPermission],
          rules: Object.values(accessRules),
          getResources: async refs => {
            const { items } = await inventory.listAccesses();
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

        const shared = {
          ...services,
          access: new Access(services),
          actionsRegistry: inReadableErrors(services.actionsRegistry, logger),
          forms: contexts.forms,
          inventory,
          limiter: new DatabaseRateLimiter(client, {
            logger,
            rates: readRatesConfig(config),
          }),
          links,
          requests,
        };
        httpRouter.use(
          createRouter({
            ...shared,
            decisions,
            misplacedRecords: new MisplacedRecords({ ...services, inventory }),
            targets,
          }),
        );
        const door = new RequestDoor(shared);
        registerReadActions({ ...shared, door });
        registerAskingActions({ ...shared, door });
        const rounds = new DatabaseRounds(client, { locks });
        const inbox = new HookInbox({
          forges,
          logger,
          look: signal =>
            rounds.run({ ...HOOK_ROUND, signal }, () =>
              follower.followTold(
                AbortSignal.any([
                  signal,
                  AbortSignal.timeout(HOOK_ROUND.timeoutMs),
                ]),
              ),
            ),
          store: hooks,
        });
        const schedule = (task: RoundTask) =>
          scheduleRound(task, services, rounds);
        await schedule({
          ...FOLLOW_ROUND,
          everyMs: requestsConfig.followInterval,
          waitMs: FOLLOW_WAIT_MS,
          delayMs: 3_000,
          work: async signal => {
            const before = await hooks.list();
            await follower.follow(signal);
            // What came during the round, to whichever replica; what it could not read is the next one's.
            const known = new Set(before.map(({ mark }) => mark));
            if ((await hooks.list()).some(({ mark }) => !known.has(mark))) {
              inbox.wake();
            }
          },
        });
        await schedule({
          key: 'rustfs-follow-ended-requests',
          everyMs: 5 * MINUTE_MS,
          timeoutMs: 5 * MINUTE_MS,
          delayMs: 30_000,
          work: signal => follower.followEnded(signal),
        });
        await schedule({
          key: SETTINGS_TASK,
          everyMs: settingsConfig.interval,
          timeoutMs: MINUTE_MS,
          delayMs: 5_000,
          work: signal => settingsTask.run(signal),
        });
        if (forges.hookTopics.length > 0) {
          await events.subscribe({
            id: 'forge-hooks',
            topics: forges.hookTopics,
            onEvent: event => inbox.receive(event),
          });
        }
        lifecycle.addShutdownHook(() => inbox.stop());
      },
    });
  },
});

/** Work that comes round on one replica at a time. */
interface RoundTask {
  /** Also the id of the task. */
  key: string;
  everyMs: number;
  timeoutMs: number;
  delayMs: number;
  waitMs?: number;
  work: (signal: AbortSignal) => Promise<void>;
}

/** Has every replica try; which one does it is decided by a lock that is free within a minute when its holder dies. */
async function scheduleRound(
  { delayMs, work, ...round }: RoundTask,
  { scheduler }: { scheduler: SchedulerService },
  rounds: DatabaseRounds,
): Promise<void> {
  await scheduler.scheduleTask({
    id: round.key,
    frequency: { milliseconds: round.everyMs },
    // With the time that it may wait for another one.
    timeout: { milliseconds: round.timeoutMs + (round.waitMs ?? 0) },
    initialDelay: { milliseconds: delayMs },
    scope: 'local',
    fn: async signal => {
      await rounds.run({ ...round, signal }, () => work(signal));
    },
  });
}

/**
 * Adds what a module brings.
 *
 * @throws ConflictError when there is one like it: then the module fails, and not the plugin
 */
function addOnce<T>(
  known: T[],
  added: T,
  options: {
    keyOf: (item: T) => string;
    what: string;
    /** Keys that are taken beside those of what is known. */
    others?: string[];
  },
): void {
  const { keyOf, others = [], what } = options;
  if ([...others, ...known.map(keyOf)].includes(keyOf(added))) {
    throw new ConflictError(`A ${what} ${keyOf(added)} was added twice`);
  }
  known.push(added);
}

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
