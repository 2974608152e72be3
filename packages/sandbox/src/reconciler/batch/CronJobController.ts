import { z } from 'zod';
import {
  ClusterClient,
  CRON_JOBS,
  Informer,
  JOBS,
  KeyedQueue,
  keyOf,
  KubernetesApiError,
  KubernetesObject,
  parseObject,
  timestamp,
} from '../kubernetes';
import {
  completionTimeOf,
  cronJobSpecSchema,
  imageOf,
  jobSpecSchema,
  outcomeOf,
  repositoryOf,
} from './types';

const RETRY_MS = 2_000;

/**
 * Does what the CronJob controller does for CronJobs of one image, one Job at a time: makes a Job every period, whatever
 * the schedule says, keeps the last ones, and says in the status when it did.
 */
export class CronJobController {
  private readonly queue: KeyedQueue;
  /** When each CronJob is due, by its uid. */
  private readonly due = new Map<string, number>();

  constructor(
    private readonly options: {
      client: ClusterClient;
      cronJobs: Informer;
      jobs: Informer;
      /** Repository of the image whose CronJobs are looked at. */
      image: string;
      periodMs: number;
      onError: (what: string, error: unknown) => void;
    },
  ) {
    this.queue = new KeyedQueue(
      key => this.reconcile(key),
      (key, error) => {
        options.onError(`CronJob ${key}`, error);
        this.queue.addAfter(key, RETRY_MS);
      },
    );
    options.cronJobs.onChange((object, { deleted }) => {
      if (!deleted && this.isOurs(object)) {
        this.queue.add(keyOf(object));
      }
    });
    options.jobs.onChange(job => {
      const owner = ownerOf(job);
      if (owner) {
        this.queue.add(`${job.metadata.namespace}/${owner.name}`);
      }
    });
  }

  async stop(): Promise<void> {
    await this.queue.stop();
  }

  private isOurs({ spec }: KubernetesObject): boolean {
    const cronJob = cronJobSpecSchema.safeParse(spec).data;
    const job = jobSpecSchema.safeParse(cronJob?.jobTemplate.spec).data;
    const image = imageOf(job?.template.spec);
    return image !== undefined && repositoryOf(image) === this.options.image;
  }

  private async reconcile(key: string): Promise<void> {
    const [namespace, name] = key.split('/');
    const cronJob = await this.options.client.get(CRON_JOBS, namespace, name);
    if (!cronJob || !this.isOurs(cronJob)) {
      return;
    }
    const spec = cronJobSpecSchema.parse(cronJob.spec);
    const jobs = this.options.jobs
      .list()
      .filter(job => ownerOf(job)?.uid === cronJob.metadata.uid);
    const active = jobs.filter(job => outcomeOf(job) === 'active');
    const started =
      spec.suspend || active.length || !this.takeTurn(cronJob)
        ? undefined
        : await this.start(cronJob, spec);
    await this.forgetOld(jobs, 'complete', spec.successfulJobsHistoryLimit);
    await this.forgetOld(jobs, 'failed', spec.failedJobsHistoryLimit);
    await this.writeStatus(cronJob, {
      active: started ? [started] : active,
      lastSuccessfulTime: jobs
        .flatMap(job => completionTimeOf(job) ?? [])
        .sort()
        .pop(),
      ...(started && { lastScheduleTime: timestamp() }),
    });
    this.queue.addAfter(key, this.options.periodMs);
  }

  /** Whether a period has passed since the last Job. */
  private takeTurn({ metadata }: KubernetesObject): boolean {
    const { uid = '' } = metadata;
    const isDue = Date.now() >= (this.due.get(uid) ?? 0);
    if (isDue) {
      this.due.set(uid, Date.now() + this.options.periodMs);
    }
    return isDue;
  }

  private async start(
    cronJob: KubernetesObject,
    { jobTemplate }: z.output<typeof cronJobSpecSchema>,
  ): Promise<KubernetesObject | undefined> {
    const { apiVersion, kind, metadata } = cronJob;
    const { namespace, name, uid } = metadata;
    const job = {
      apiVersion: JOBS.apiVersion,
      kind: JOBS.kind,
      metadata: {
        // The real one counts minutes.
        name: `${name}-${Math.floor(Date.now() / 1_000)}`,
        namespace,
        ...jobTemplate.metadata,
        ownerReferences: [
          {
            apiVersion,
            kind,
            name,
            uid,
            controller: true,
            blockOwnerDeletion: true,
          },
        ],
      },
      spec: jobTemplate.spec,
    };
    try {
      return await this.options.client.create(JOBS, parseObject(job));
    } catch (error) {
      // Another of this second, or the namespace is going.
      if (error instanceof KubernetesApiError && error.status < 500) {
        this.options.onError(`CronJob ${keyOf(cronJob)}`, error);
        return undefined;
      }
      throw error;
    }
  }

  private async forgetOld(
    jobs: KubernetesObject[],
    outcome: 'complete' | 'failed',
    kept: number,
  ): Promise<void> {
    const ended = jobs
      .filter(job => outcomeOf(job) === outcome)
      .sort((a, b) => (a.metadata.name < b.metadata.name ? 1 : -1));
    for (const { metadata } of ended.slice(kept)) {
      await this.options.client.delete(JOBS, metadata.namespace, metadata.name);
    }
  }

  private async writeStatus(
    { metadata }: KubernetesObject,
    says: {
      active: KubernetesObject[];
      lastScheduleTime?: string;
      lastSuccessfulTime?: string;
    },
  ): Promise<void> {
    const { active, ...times } = says;
    const status = {
      ...times,
      active: active.length
        ? active.map(job => ({
            apiVersion: job.apiVersion,
            kind: job.kind,
            namespace: job.metadata.namespace,
            name: job.metadata.name,
            uid: job.metadata.uid,
            resourceVersion: job.metadata.resourceVersion,
          }))
        : null,
    };
    const { namespace, name } = metadata;
    // It may have been deleted meanwhile.
    if (await this.options.client.get(CRON_JOBS, namespace, name)) {
      await this.options.client.mergePatch(
        CRON_JOBS,
        { namespace, name, subresource: 'status' },
        { status },
      );
    }
  }
}

function ownerOf({ metadata }: KubernetesObject) {
  return metadata.ownerReferences?.find(({ kind }) => kind === CRON_JOBS.kind);
}
