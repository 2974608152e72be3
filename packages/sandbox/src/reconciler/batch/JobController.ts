import { setTimeout as sleep } from 'node:timers/promises';
import {
  Informer,
  JOBS,
  KeyedQueue,
  keyOf,
  KubernetesObject,
  timestamp,
} from '../kubernetes';
import { NotStartable, PodContext, runPod } from './PodProcess';
import {
  imageOf,
  JobSpec,
  jobSpecSchema,
  outcomeOf,
  podSpecSchema,
  repositoryOf,
} from './types';

const RETRY_MS = 2_000;

/** How long a Pod waits for what it lacks before it is tried again. */
const START_RETRY_MS = 500;

interface End {
  type: 'Complete' | 'Failed';
  reason: string;
  message: string;
}

const COMPLETE: End = {
  type: 'Complete',
  reason: 'CompletionsReached',
  message: 'Reached expected number of succeeded pods',
};

const TOO_LATE: End = {
  type: 'Failed',
  reason: 'DeadlineExceeded',
  message: 'Job was active longer than specified deadline',
};

/**
 * Does what the Job controller and a node do for Jobs of one image: starts a process for the Pod, and says in the status
 * how it ended. A Pod that fails is not tried again within its Job.
 */
export class JobController {
  private readonly queue: KeyedQueue;
  private readonly running = new Map<string, AbortController>();

  constructor(
    private readonly options: Omit<PodContext, 'onOutput'> & {
      jobs: Informer;
      /** Repository of the image whose Jobs are run. */
      image: string;
      onOutput: (job: string, line: string) => void;
      onError: (what: string, error: unknown) => void;
    },
  ) {
    this.queue = new KeyedQueue(
      key => this.run(key),
      (key, error) => {
        options.onError(`Job ${key}`, error);
        this.queue.addAfter(key, RETRY_MS);
      },
    );
    options.jobs.onChange((job, { deleted }) => {
      if (deleted) {
        this.running.get(keyOf(job))?.abort();
      } else if (outcomeOf(job) === 'active' && this.isOurs(job)) {
        this.queue.add(keyOf(job));
      }
    });
  }

  async stop(): Promise<void> {
    this.running.forEach(process => process.abort());
    await this.queue.stop();
  }

  private isOurs({ spec }: KubernetesObject): boolean {
    const { data } = jobSpecSchema.safeParse(spec);
    const image = imageOf(data?.template.spec);
    return image !== undefined && repositoryOf(image) === this.options.image;
  }

  private async run(key: string): Promise<void> {
    const [namespace, name] = key.split('/');
    const job = await this.options.client.get(JOBS, namespace, name);
    if (!job || outcomeOf(job) !== 'active') {
      return;
    }
    const startTime = timestamp();
    await this.writeStatus(job, { startTime, active: 1, ready: 1 });
    const gone = new AbortController();
    this.running.set(key, gone);
    try {
      const end = await this.outcome(job, gone.signal);
      // It was deleted, or the sandbox ends: the next start runs it again.
      if (end) {
        await this.writeEnd(job, startTime, end);
      }
    } finally {
      this.running.delete(key);
    }
  }

  private async outcome(
    job: KubernetesObject,
    gone: AbortSignal,
  ): Promise<End | undefined> {
    const spec = jobSpecSchema.parse(job.spec);
    const { activeDeadlineSeconds: seconds } = spec;
    const deadline = new AbortController();
    const timer =
      seconds && setTimeout(() => deadline.abort(), seconds * 1_000);
    const signal = AbortSignal.any([gone, deadline.signal]);
    try {
      const code = await this.startAndWait(job, spec, signal);
      if (gone.aborted) {
        return undefined;
      }
      return deadline.signal.aborted ? TOO_LATE : endOf(job, spec, code);
    } finally {
      clearTimeout(timer);
    }
  }

  /** A Pod that lacks something, such as a Secret, waits for it. */
  private async startAndWait(
    job: KubernetesObject,
    { template }: JobSpec,
    signal: AbortSignal,
  ): Promise<number | undefined> {
    const { namespace = '', name } = job.metadata;
    const pod = { namespace, name, spec: podSpecSchema.parse(template.spec) };
    const key = keyOf(job);
    while (!signal.aborted) {
      try {
        return await runPod(
          {
            ...this.options,
            onOutput: line => this.options.onOutput(key, line),
          },
          pod,
          signal,
        );
      } catch (error) {
        if (!(error instanceof NotStartable)) {
          throw error;
        }
        this.options.onOutput(key, `cannot be started: ${error.message}`);
        await sleep(START_RETRY_MS, undefined, { signal }).catch(() => {});
      }
    }
    return undefined;
  }

  private async writeEnd(
    job: KubernetesObject,
    startTime: string,
    { type, reason, message }: End,
  ): Promise<void> {
    const now = timestamp();
    const condition = (each: string) => ({
      type: each,
      status: 'True',
      reason,
      message,
      lastProbeTime: now,
      lastTransitionTime: now,
    });
    await this.writeStatus(job, {
      startTime,
      active: null,
      ready: 0,
      ...(type === 'Complete'
        ? {
            conditions: [condition('SuccessCriteriaMet'), condition(type)],
            succeeded: 1,
            completionTime: now,
          }
        : {
            conditions: [condition('FailureTarget'), condition(type)],
            failed: 1,
          }),
    });
  }

  private async writeStatus(
    { metadata }: KubernetesObject,
    status: object,
  ): Promise<void> {
    const { namespace, name } = metadata;
    // It may have been deleted meanwhile.
    if (await this.options.client.get(JOBS, namespace, name)) {
      await this.options.client.mergePatch(
        JOBS,
        { namespace, name, subresource: 'status' },
        { status },
      );
    }
  }
}

/** What the Job controller says of an exit code. */
function endOf(
  { metadata }: KubernetesObject,
  { podFailurePolicy, template }: JobSpec,
  code: number | undefined,
): End {
  if (code === 0) {
    return COMPLETE;
  }
  const rules = podFailurePolicy?.rules ?? [];
  const index = rules.findIndex(
    ({ action, onExitCodes }) =>
      action === 'FailJob' &&
      code !== undefined &&
      onExitCodes &&
      onExitCodes.values.includes(code) === (onExitCodes.operator === 'In'),
  );
  if (index >= 0) {
    const [{ name: container }] = podSpecSchema.parse(template.spec).containers;
    return {
      type: 'Failed',
      reason: 'PodFailurePolicy',
      message: `Container ${container} for pod ${metadata.namespace}/${metadata.name} failed with exit code ${code} matching FailJob rule at index ${index}`,
    };
  }
  return {
    type: 'Failed',
    reason: 'BackoffLimitExceeded',
    message: 'Job has reached the specified backoff limit',
  };
}
