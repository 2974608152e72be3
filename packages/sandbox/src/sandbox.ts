import { ConflictError, InputError } from '@backstage/errors';
import { existsSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Control, Fault, startControl } from './faults';
import { Forge, startForge } from './forge';
import {
  CustomKind,
  KubernetesApi,
  Rule,
  startKubernetesApi,
} from './kubernetes';
import { Certificate, loadCertificate } from './kubernetes/certificate';
import { renderKubeconfig } from './kubernetes/kubeconfig';
import { Reconciler, startReconciler } from './reconciler';
import { ClusterClient, TENANTS } from './reconciler/kubernetes';
import { RustfsAdmin } from './reconciler/operator';
import { SEALED_SECRETS } from './reconciler/sealedSecrets';
import { RustfsFaults, RustfsServer, startRustfsServer } from './rustfs';
import {
  companyWorld,
  emptyWorld,
  smallWorld,
  tenantRefOf,
  WorldDefinition,
} from './world';
import { accessKeyIdOf } from './world/accesses';
import { installChart } from './world/chart';
import { seedCluster, waitForTenant } from './world/cluster';
import {
  ClusterDefinition,
  forgeUrlOf,
  NAMESPACE,
  ORGANIZATION,
  SETUP_IMAGE,
  TenantDefinition,
} from './world/definition';
import { disableUsers, fillBuckets } from './world/fill';
import { GrowthWriter } from './world/GrowthWriter';
import { rootCredentialsOf } from './world/identities';
import { portalConfig } from './world/portalConfig';
import { rootSecretData } from './world/server';
import { renderRepository } from './world/repository';
import {
  handOverKey,
  makeIdentities,
  waitForSetup,
  waitForWorkload,
} from './world/unmanaged';
import { WorldState } from './world/WorldState';

/** @public */
export interface SandboxLogger {
  info(message: string): void;
  warn(message: string): void;
}

/** Ports by part; a free one for each that is not named. @public */
export interface SandboxPorts {
  forge?: number;
  control?: number;
  /** By cluster. */
  kubernetes?: Record<string, number>;
  /** By tenant ref. */
  rustfs?: Record<string, number>;
}

/** An API server that somebody else runs. @public */
export interface RealCluster {
  url: string;
  /** Of an administrator. */
  token: string;
  /** Of the authority that vouches for it, PEM; by default one that every program here trusts anyway. */
  certificate?: string;
}

/** @public */
export interface SandboxOptions {
  /** Folder for all state; what is there is used again. */
  stateDir: string;
  ports?: SandboxPorts;
  world?: 'company' | 'small' | 'empty' | WorldDefinition;
  /** `real` takes a few seconds for each step, so that a person can watch; `fast` does not wait. */
  speed?: 'real' | 'fast';
  /**
   * Real clusters, by name, in the place of the sandbox's own. Each is empty, has the CRDs of the RustFS operator and of
   * Flux, and Flux runs there; the operator, CronJobs and what runs of workloads are still stood for. Node has to trust
   * the certificate.
   */
  realClusters?: Record<string, RealCluster>;
  /** Kinds that the sandbox's own clusters serve beside those that they have; the portal may list them. */
  customKinds?: CustomKind[];
  /** Path of the packed setup program, which stands for its image; a world with servers without operator needs it. */
  setupProgram?: string;
  /** Told as `info` what parts say of themselves, and what the setup program prints. */
  logger?: SandboxLogger;
  /** Told in a few words of each part that is up. */
  onReady?: (part: string) => void;
}

/** Addresses and credentials of all parts, as written to `connections.json`. @public */
export interface SandboxConnections {
  /** With root credentials. */
  rustfs: Array<{
    tenant: string;
    endpoint: string;
    accessKey: string;
    secretKey: string;
  }>;
  /** Paths of kubeconfig files of a person who may do everything. */
  kubernetes: Array<{ cluster: string; kubeconfig: string }>;
  forge: {
    url: string;
    users: Record<string, { token: string; password: string }>;
  };
}

/** A running sandbox. @public */
export interface Sandbox {
  connections: SandboxConnections;
  /** Path of the file with {@link SandboxConnections}. */
  connectionsPath: string;
  /** Path of the portal's configuration. */
  portalConfigPath: string;
  /** Address of the listener for faults. */
  controlUrl: string;
  /** The clusters that are not real. */
  kubernetes: Record<string, KubernetesApi>;
  rustfs: Record<string, RustfsServer>;
  forge: Forge;
  reconciler: Reconciler;
  /** Switches a fault, as `POST <controlUrl>/faults` does. */
  setFault(fault: Fault): void;
  stop(): Promise<void>;
}

const SPEEDS = {
  real: {
    intervalMs: 1_500,
    stepDelayMs: 1_500,
    scanCycleMs: 10_000,
    setupPeriodMs: 5_000,
  },
  fast: {
    intervalMs: 250,
    stepDelayMs: 0,
    scanCycleMs: 1_000,
    setupPeriodMs: 1_000,
  },
};

const SEED_TIMEOUT_MS = 60_000;
const FLUX_USER = 'flux';
const PORTAL_USER = 'portal';

/** What the portal needs of a cluster: to list what is declared, what runs and what is applied. */
const PORTAL_RULES: Rule[] = [
  { apiGroups: ['rustfs.com'], resources: ['tenants'], verbs: ['list'] },
  {
    apiGroups: ['apps'],
    resources: ['deployments', 'statefulsets'],
    verbs: ['list'],
  },
  { apiGroups: ['batch'], resources: ['cronjobs', 'jobs'], verbs: ['list'] },
  {
    apiGroups: ['helm.toolkit.fluxcd.io'],
    resources: ['helmreleases'],
    verbs: ['list'],
  },
  {
    apiGroups: ['source.toolkit.fluxcd.io'],
    resources: ['gitrepositories'],
    verbs: ['list'],
  },
  { apiGroups: ['argoproj.io'], resources: ['applications'], verbs: ['list'] },
  {
    apiGroups: ['kustomize.toolkit.fluxcd.io'],
    resources: ['kustomizations'],
    verbs: ['list'],
  },
  { apiGroups: [''], resources: ['configmaps', 'services'], verbs: ['list'] },
];

/** What it needs in addition where Secrets are sealed. */
const SEALING_RULES: Rule[] = [
  {
    apiGroups: ['bitnami.com'],
    resources: ['sealedsecrets'],
    verbs: ['list'],
  },
  {
    apiGroups: [''],
    resources: ['services/proxy'],
    resourceNames: ['http:sealed-secrets-controller:http'],
    verbs: ['get'],
  },
];

const ALL: Rule[] = [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }];

const [SEALED_GROUP, SEALED_VERSION] = SEALED_SECRETS.apiVersion.split('/');

const SEALED_SECRETS_KIND: CustomKind = {
  group: SEALED_GROUP,
  version: SEALED_VERSION,
  kind: SEALED_SECRETS.kind,
  plural: SEALED_SECRETS.plural,
  namespaced: true,
};

type TokenHolder = 'person' | 'controllers' | 'portal';

interface PlacedTenant {
  ref: string;
  cluster: ClusterDefinition;
  definition: TenantDefinition;
}

/** Brings up the parts, one after the other where one needs the other, and knows how to end what runs. */
class SandboxStart {
  private readonly world: WorldDefinition;
  private readonly stateDir: string;
  private readonly speed: (typeof SPEEDS)['real'];
  private readonly tenants: PlacedTenant[];
  private readonly stops: Array<() => Promise<void>> = [];
  private readonly kubernetes: Record<string, KubernetesApi> = {};
  private readonly rustfs: Record<string, RustfsServer> = {};
  /** Where Secrets are sealed. */
  private readonly sealing: Record<string, Certificate | undefined> = {};
  private state!: WorldState;
  private forge!: Forge;
  private reconciler!: Reconciler;

  constructor(private readonly options: SandboxOptions) {
    this.world = worldOf(options.world ?? 'company');
    this.stateDir = resolve(options.stateDir);
    this.speed = SPEEDS[options.speed ?? 'real'];
    this.tenants = this.world.clusters.flatMap(cluster =>
      cluster.tenants.map(definition => ({
        ref: tenantRefOf(cluster, definition),
        cluster,
        definition,
      })),
    );
  }

  async run(): Promise<Sandbox> {
    this.requireSetupProgram();
    await mkdir(this.stateDir, { recursive: true, mode: 0o700 });
    // It may have been there, open to everyone on this machine.
    await chmod(this.stateDir, 0o700);
    this.state = await WorldState.open(this.stateDir);
    await allOf([
      this.startForge(),
      ...this.world.clusters.map(cluster => this.startCluster(cluster)),
      ...this.tenants.map(tenant => this.startTenant(tenant)),
    ]);
    await allOf(this.world.clusters.map(cluster => this.seedCluster(cluster)));
    this.startReconciler();
    await allOf(this.tenants.map(tenant => this.fillTenant(tenant)));
    this.reconciler.setStepDelay(this.speed.stepDelayMs);
    this.startGrowth();
    const control = await this.startControl();
    const files = await this.writeFiles();
    return {
      ...files,
      controlUrl: control.url,
      kubernetes: this.kubernetes,
      rustfs: this.rustfs,
      forge: this.forge,
      reconciler: this.reconciler,
      setFault: fault => this.setFault(fault),
      stop: () => this.stop(),
    };
  }

  /** Ends what runs, the last started first. */
  async stop(): Promise<void> {
    for (let stop = this.stops.pop(); stop; stop = this.stops.pop()) {
      await stop();
    }
  }

  /** A world with a setup folder would wait for it in vain. */
  private requireSetupProgram(): void {
    const { setupProgram } = this.options;
    const needed = this.tenants.find(({ definition }) => definition.installed);
    if (needed && !(setupProgram && existsSync(setupProgram))) {
      throw new InputError(
        `${needed.ref} has no operator, and ${
          setupProgram ?? 'the setup program'
        } is not there: pack it with \`yarn workspace @rustfs-portal/setup build\` and name its file`,
      );
    }
  }

  private async startForge(): Promise<void> {
    this.forge = await this.listen(
      'Git forge',
      this.options.ports?.forge,
      port =>
        startForge({
          dataDir: join(this.stateDir, 'forge'),
          port,
          users: [
            ...this.world.people,
            { name: FLUX_USER, fullName: 'Flux' },
          ].map(({ name, fullName }) => ({
            name,
            fullName,
            email: `${name}@acme.example`,
            password: passwordOf(name),
            token: this.tokenOf(name),
            // What the documentation asks for, so that it shows here when it is not enough.
            ...(name === PORTAL_USER && { tokenScopes: ['write:repository'] }),
          })),
          logger: this.options.logger,
        }),
    );
    this.ready(`Git forge at ${this.forge.url}`);
  }

  private async startCluster({
    name,
    sealedSecrets,
  }: ClusterDefinition): Promise<void> {
    if (this.realCluster(name)) {
      return;
    }
    const { customKinds = [] } = this.options;
    const sealing = sealedSecrets ? await this.makeSealingKey(name) : undefined;
    const api = await this.listen(
      `Kubernetes API of ${name}`,
      this.options.ports?.kubernetes?.[name],
      port =>
        startKubernetesApi({
          name,
          dataDir: join(this.stateDir, 'kubernetes', name),
          port,
          tokens: [
            {
              token: this.clusterToken(name, 'person'),
              user: 'carla',
              groups: ['platform'],
              rules: ALL,
            },
            {
              token: this.clusterToken(name, 'controllers'),
              user: 'system:serviceaccount:flux-system:controllers',
              rules: ALL,
            },
            {
              token: this.clusterToken(name, 'portal'),
              user: 'system:serviceaccount:portal:rustfs',
              groups: ['portal'],
              rules: [
                ...PORTAL_RULES,
                ...(sealing ? SEALING_RULES : []),
                ...customKinds.map(({ group, plural }) => ({
                  apiGroups: [group],
                  resources: [plural],
                  verbs: ['list'],
                })),
              ],
            },
          ],
          customKinds: sealing
            ? [...customKinds, SEALED_SECRETS_KIND]
            : customKinds,
          services: sealing && {
            'kube-system/sealed-secrets-controller': {
              '/v1/cert.pem': () => sealing.certificate,
            },
          },
          logger: this.options.logger,
        }),
    );
    this.kubernetes[name] = api;
    this.ready(`Kubernetes API of ${name} at ${api.url}`);
  }

  /** The key of the sealed-secrets controller of a cluster; it outlives a restart. */
  private async makeSealingKey(cluster: string): Promise<Certificate> {
    const dir = join(this.stateDir, 'sealed-secrets', cluster);
    await mkdir(dir, { recursive: true });
    const key = loadCertificate(dir);
    this.sealing[cluster] = key;
    return key;
  }

  private async startTenant({ ref, definition }: PlacedTenant): Promise<void> {
    const root = rootCredentialsOf(this.state, ref);
    const server = await this.listen(
      `RustFS server of ${ref}`,
      this.options.ports?.rustfs?.[ref],
      port =>
        startRustfsServer({
          dataDir: join(this.stateDir, 'rustfs', ...ref.split('/')),
          port,
          rootAccessKey: root.accessKey,
          rootSecretKey: root.secretKey,
          scanCycleMs: this.speed.scanCycleMs,
          drives: definition.servers * definition.volumesPerServer,
          driveCapacity: definition.driveCapacityBytes,
          logger: this.options.logger,
        }),
    );
    this.rustfs[ref] = server;
    if (this.isFilled(ref)) {
      // Before anyone can look: it was so when the sandbox ended.
      server.faults.set(troubleOf(definition));
    }
    this.ready(`RustFS server of ${ref} at ${server.endpoint}`);
  }

  /** Starts a part on its port and remembers how to end it. */
  private async listen<T extends { stop(): Promise<void> }>(
    part: string,
    port: number | undefined,
    start: (port: number) => Promise<T>,
  ): Promise<T> {
    try {
      const started = await start(port ?? 0);
      this.stops.push(() => started.stop());
      return started;
    } catch (error) {
      if (
        error instanceof Error &&
        'code' in error &&
        error.code === 'EADDRINUSE'
      ) {
        throw new ConflictError(
          `${part}: port ${port} is taken. End the program that uses it, or choose other ports`,
        );
      }
      throw error;
    }
  }

  private async seedCluster(cluster: ClusterDefinition): Promise<void> {
    const url = `${forgeUrlOf(cluster, this.forge.url)}/${ORGANIZATION}/${
      cluster.name
    }.git`;
    const mark = `repository ${cluster.name}`;
    if (!this.state.isSeeded(mark)) {
      const files = await renderRepository(cluster, this.state, { url });
      // Nothing may be encrypted with a key that a broken start would forget.
      await this.state.save();
      await this.forge.createRepository({
        owner: ORGANIZATION,
        name: cluster.name,
        description: `What runs on cluster ${cluster.name}`,
        files,
        commitMessage: `Set up the object storage of ${cluster.name}`,
        collaborators: {
          [FLUX_USER]: 'read',
          ...Object.fromEntries(
            this.world.people.flatMap(({ name, repositories }) =>
              repositories ? [[name, repositories]] : [],
            ),
          ),
        },
        teams: {
          platform: { members: this.world.reviewers, permission: 'admin' },
        },
        private: true,
      });
      await this.state.markSeeded(mark);
    }
    await seedCluster(this.clientOf(cluster), cluster, {
      repositoryUrl: url,
      // Nobody waits a minute here; the stand-in does not, either.
      fetchInterval: this.realCluster(cluster.name) && '2s',
      ageIdentity: this.state.ageIdentity,
      forgeCredentials: {
        username: FLUX_USER,
        password: this.tokenOf(FLUX_USER),
      },
      secrets: cluster.tenants.map(tenant => ({
        name: `${tenant.name}-root`,
        data: rootSecretData(tenantRefOf(cluster, tenant), this.state),
      })),
    });
  }

  private startReconciler(): void {
    const { setupProgram } = this.options;
    this.reconciler = startReconciler({
      clusters: this.world.clusters.map(({ engine, name }) => ({
        name,
        url: this.clusterUrl(name),
        token: this.clusterToken(name, 'controllers'),
        kubeconfigOf: token => this.kubeconfigOf(name, token),
        sealingKey: this.sealing[name]?.privateKey,
        engine: this.realCluster(name) ? 'real' : engine,
      })),
      endpointOf: ref => this.rustfs[ref]?.endpoint,
      intervalMs: this.speed.intervalMs,
      // While the world is made nobody watches.
      stepDelayMs: 0,
      setupProgram: setupProgram
        ? {
            image: SETUP_IMAGE,
            command: [process.execPath, resolve(setupProgram)],
            periodMs: this.speed.setupPeriodMs,
          }
        : undefined,
      logger: this.options.logger,
    });
    const { reconciler } = this;
    this.stops.push(() => reconciler.stop());
    this.ready('Reconciler');
  }

  private async fillTenant(tenant: PlacedTenant): Promise<void> {
    const { ref, cluster, definition } = tenant;
    if (!this.isFilled(ref)) {
      const client = this.clientOf(cluster);
      if (definition.installed) {
        await this.prepareServer(tenant);
      } else {
        await waitForTenant(client, definition.name, {
          timeoutMs: SEED_TIMEOUT_MS,
          states: ['Ready'],
        });
      }
      await fillBuckets(this.adminOf(tenant), definition.buckets, {
        measure: () => this.rustfs[ref].scanNow(),
        // The setup program does what records declare.
        settings: !definition.setup,
      });
      await disableUsers(
        this.adminOf(tenant),
        (definition.accesses ?? [])
          .filter(({ disabled }) => disabled)
          .map(({ name }) => accessKeyIdOf(ref, name)),
      );
      await this.state.markSeeded(`objects ${ref}`);
      this.ready(`${definition.buckets.length} buckets on ${ref}`);
    }
    await this.bringTrouble(tenant);
  }

  /** Brings a server without operator to where people have brought it. */
  private async prepareServer(tenant: PlacedTenant): Promise<void> {
    const { ref, cluster, definition } = tenant;
    const client = this.clientOf(cluster);
    if (definition.installed === 'chart') {
      await installChart(client, definition, { timeoutMs: SEED_TIMEOUT_MS });
    } else {
      await waitForWorkload(client, definition, {
        timeoutMs: SEED_TIMEOUT_MS,
      });
    }
    await makeIdentities(this.adminOf(tenant), definition, ref, this.state);
    if (cluster.engine || !definition.setup) {
      await handOverKey(client, definition, ref, this.state);
    }
    if (definition.setup) {
      await waitForSetup(client, definition, { timeoutMs: SEED_TIMEOUT_MS });
    }
  }

  private async bringTrouble({
    ref,
    cluster,
    definition,
  }: PlacedTenant): Promise<void> {
    this.rustfs[ref].faults.set(troubleOf(definition));
    if (definition.trouble === 'server-lost') {
      this.reconciler.faults.setLostServers(ref, 1);
    }
    if (definition.trouble === 'down' && !definition.installed) {
      // The operator looks only when something changes.
      await this.clientOf(cluster).mergePatch(
        TENANTS,
        { namespace: NAMESPACE, name: definition.name },
        {
          metadata: {
            annotations: { 'acme.example/looked-at': new Date().toISOString() },
          },
        },
      );
    }
  }

  private startGrowth(): void {
    if (this.options.speed === 'fast') {
      return;
    }
    const writer = new GrowthWriter(
      this.tenants
        .filter(tenant => tenant.definition.trouble !== 'down')
        .flatMap(tenant =>
          tenant.definition.buckets
            .filter(bucket => bucket.growing)
            .map(bucket => ({
              admin: this.adminOf(tenant),
              bucket: bucket.name,
            })),
        ),
    );
    this.stops.push(() => writer.stop());
  }

  private async startControl(): Promise<Control> {
    return this.listen('Faults', this.options.ports?.control, port =>
      startControl({ port, apply: fault => this.setFault(fault) }),
    );
  }

  private setFault(fault: Fault): void {
    switch (fault.target) {
      case 'tenant': {
        const { target: _, tenant, lostServers = 0, ...faults } = fault;
        this.serverOf(tenant).faults.set(
          Object.keys(faults).length ? faults : undefined,
        );
        this.reconciler.faults.setLostServers(tenant, lostServers);
        break;
      }
      case 'item': {
        const { tenant, kind, item, reason, message } = fault;
        this.serverOf(tenant);
        this.reconciler.faults.setItem({
          tenant,
          kind,
          item,
          refusal:
            reason === undefined
              ? undefined
              : { reason, message: message ?? reason },
        });
        break;
      }
      case 'forge': {
        const { target: _, ...faults } = fault;
        this.forge.faults.set(Object.keys(faults).length ? faults : undefined);
        break;
      }
      default: {
        const { target: _, cluster, breakWatches, ...faults } = fault;
        const api = this.kubernetes[cluster];
        if (!api) {
          throw new InputError(
            `There is no cluster ${cluster}: expected one of ${Object.keys(
              this.kubernetes,
            ).join(', ')}`,
          );
        }
        api.faults.set(Object.keys(faults).length ? faults : undefined);
        if (breakWatches) {
          api.faults.breakWatches();
        }
      }
    }
  }

  private serverOf(ref: string): RustfsServer {
    const server = this.rustfs[ref];
    if (!server) {
      throw new InputError(
        `There is no tenant ${ref}: expected one of ${Object.keys(
          this.rustfs,
        ).join(', ')}`,
      );
    }
    return server;
  }

  private async writeFiles(): Promise<
    Pick<Sandbox, 'connections' | 'connectionsPath' | 'portalConfigPath'>
  > {
    const kubeconfigs: Record<string, string> = {};
    const kubernetes: SandboxConnections['kubernetes'] = [];
    for (const { name } of this.world.clusters) {
      kubernetes.push({
        cluster: name,
        kubeconfig: await this.write(
          `kubeconfig-${name}.yaml`,
          this.kubeconfig(name, 'person'),
        ),
      });
      kubeconfigs[name] = await this.write(
        `kubeconfig-${name}-portal.yaml`,
        this.kubeconfig(name, 'portal'),
      );
    }
    const connections: SandboxConnections = {
      rustfs: this.tenants.map(({ ref }) => ({
        tenant: ref,
        endpoint: this.rustfs[ref].endpoint,
        ...rootCredentialsOf(this.state, ref),
      })),
      kubernetes,
      forge: {
        url: this.forge.url,
        users: Object.fromEntries(
          this.world.people.map(({ name }) => [
            name,
            { token: this.tokenOf(name), password: passwordOf(name) },
          ]),
        ),
      },
    };
    const connectionsPath = await this.write(
      'connections.json',
      `${JSON.stringify(connections, undefined, 2)}\n`,
    );
    const portalConfigPath = await this.write(
      'app-config.sandbox.yaml',
      portalConfig({
        world: this.world,
        state: this.state,
        kubeconfigs,
        endpoints: Object.fromEntries(
          this.tenants.map(({ ref }) => [ref, this.rustfs[ref].endpoint]),
        ),
        forge: { url: this.forge.url, token: this.tokenOf(PORTAL_USER) },
      }),
    );
    await this.state.save();
    return { connections, connectionsPath, portalConfigPath };
  }

  /** Writes a file that holds credentials. */
  private async write(name: string, content: string): Promise<string> {
    const path = join(this.stateDir, name);
    await writeFile(path, content, { mode: 0o600 });
    // The mode above counts for new files only.
    await chmod(path, 0o600);
    return path;
  }

  private isFilled(ref: string): boolean {
    return this.state.isSeeded(`objects ${ref}`);
  }

  private ready(part: string): void {
    this.options.onReady?.(part);
  }

  private clientOf({ name }: ClusterDefinition): ClusterClient {
    return new ClusterClient({
      url: this.clusterUrl(name),
      token: this.clusterToken(name, 'controllers'),
      manager: 'sandbox',
    });
  }

  private adminOf({ ref }: PlacedTenant): RustfsAdmin {
    return new RustfsAdmin(
      this.rustfs[ref].endpoint,
      rootCredentialsOf(this.state, ref),
    );
  }

  private realCluster(cluster: string): RealCluster | undefined {
    return this.options.realClusters?.[cluster];
  }

  private clusterUrl(cluster: string): string {
    return this.realCluster(cluster)?.url ?? this.kubernetes[cluster].url;
  }

  private clusterToken(cluster: string, holder: TokenHolder): string {
    return (
      this.realCluster(cluster)?.token ??
      this.state.secret(`cluster ${cluster} ${holder}`)
    );
  }

  private kubeconfig(cluster: string, holder: TokenHolder): string {
    return this.kubeconfigOf(cluster, this.clusterToken(cluster, holder));
  }

  private kubeconfigOf(cluster: string, token: string): string {
    const real = this.realCluster(cluster);
    return real
      ? renderKubeconfig({
          cluster,
          server: real.url,
          certificate: real.certificate,
          user: 'user',
          token,
        })
      : this.kubernetes[cluster].kubeconfig(token);
  }

  private tokenOf(forgeUser: string): string {
    return this.state.secret(`forge ${forgeUser}`);
  }
}

/**
 * Starts the whole sandbox: clusters, tenants' servers, forge, reconciler, and the world in them. A second start with
 * the same folder finds everything as it was left.
 *
 * @throws ConflictError when a port is taken, naming the part and the port
 * @public
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const starting = new SandboxStart(options);
  try {
    return await starting.run();
  } catch (error) {
    await starting.stop();
    throw error;
  }
}

/** How the server of a tenant misbehaves that is in trouble. */
function troubleOf({
  trouble,
  volumesPerServer,
}: TenantDefinition): RustfsFaults | undefined {
  switch (trouble) {
    case 'server-lost':
      return { offlineDrives: volumesPerServer };
    case 'down':
      return { mode: 'down' };
    default:
      return undefined;
  }
}

/** Like `Promise.all`, but fails only when nothing runs any more: what has started late must be ended as well. */
async function allOf(work: Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(work)) {
    if (result.status === 'rejected') {
      throw result.reason;
    }
  }
}

/** Easy to type: the forge is reachable from this machine only. */
function passwordOf(forgeUser: string): string {
  return `sandbox-${forgeUser}`;
}

function worldOf(world: NonNullable<SandboxOptions['world']>): WorldDefinition {
  switch (world) {
    case 'company':
      return companyWorld;
    case 'small':
      return smallWorld;
    case 'empty':
      return emptyWorld;
    default:
      return world;
  }
}
