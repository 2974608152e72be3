import { createHmac, randomUUID } from 'node:crypto';
import { matchesGlob } from './access';
import { HookRecord, RepositoryRecord } from './model';

/** One thing that happened, in the names that subscribers choose events by. */
export interface WebhookEvent {
  /** What a hook subscribes to, for example `pull_request_sync`. */
  subscription: string;
  /** `X-Gitea-Event`: the family. */
  event: string;
  /** `X-Gitea-Event-Type`: exactly. */
  type: string;
  branch?: string;
  payload: object;
}

// Asking for the family of pull request events means all of these.
const FAMILY = [
  'pull_request_assign',
  'pull_request_label',
  'pull_request_milestone',
  'pull_request_comment',
  'pull_request_review',
  'pull_request_sync',
  'pull_request_review_request',
];

const TIMEOUT_MS = 5_000;

/** The events a hook really gets when it asks for these. */
export function expandEvents(events: string[]): string[] {
  return [
    ...new Set(
      events.flatMap(event =>
        event === 'pull_request' ? [event, ...FAMILY] : [event],
      ),
    ),
  ];
}

/** Sends what happened to those who subscribed, in order, signed, once: a lost delivery is not repeated. */
export class WebhookDispatcher {
  private queue: Promise<void> = Promise.resolve();
  private readonly stopping = new AbortController();

  constructor(private readonly warn: (message: string) => void) {}

  dispatch(repository: RepositoryRecord, event: WebhookEvent): void {
    for (const hook of repository.hooks) {
      if (!hook.active || !hook.events.includes(event.subscription)) continue;
      if (
        event.branch &&
        hook.branchFilter &&
        hook.branchFilter !== '*' &&
        !matchesGlob(hook.branchFilter, event.branch)
      ) {
        continue;
      }
      // Turned to text now: the records behind the payload may change before it is sent.
      const body = JSON.stringify(event.payload);
      this.queue = this.queue.then(() => this.deliver(hook, event, body));
    }
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.queue;
  }

  private async deliver(
    hook: HookRecord,
    event: WebhookEvent,
    body: string,
  ): Promise<void> {
    if (this.stopping.signal.aborted) return;
    const delivery = randomUUID();
    const sign = (algorithm: string) =>
      createHmac(algorithm, hook.secret).update(body).digest('hex');
    const headers: Record<string, string> = {
      'Content-Type': 'application/json',
    };
    for (const [vendor, target] of [
      ['Gitea', 'Hook-Installation-Target-Type'],
      ['GitHub', 'Hook-Installation-Target-Type'],
      ['Gogs', undefined],
    ]) {
      headers[`X-${vendor}-Delivery`] = delivery;
      headers[`X-${vendor}-Event`] = event.event;
      headers[`X-${vendor}-Event-Type`] = event.type;
      if (target) headers[`X-${vendor}-${target}`] = 'repository';
    }
    if (hook.secret) {
      headers['X-Gitea-Signature'] = sign('sha256');
      headers['X-Gogs-Signature'] = sign('sha256');
      headers['X-Hub-Signature'] = `sha1=${sign('sha1')}`;
      headers['X-Hub-Signature-256'] = `sha256=${sign('sha256')}`;
    }
    if (hook.authorizationHeader) {
      headers.Authorization = hook.authorizationHeader;
    }
    try {
      const response = await fetch(hook.url, {
        method: 'POST',
        headers,
        body,
        redirect: 'manual',
        signal: AbortSignal.any([
          AbortSignal.timeout(TIMEOUT_MS),
          this.stopping.signal,
        ]),
      });
      await response.body?.cancel();
      if (!response.ok) {
        this.warn(
          `Webhook ${hook.id} (${event.type}): the receiver answered ${response.status}`,
        );
      }
    } catch (error) {
      if (this.stopping.signal.aborted) return;
      this.warn(
        `Webhook ${hook.id} (${event.type}) was not delivered: ${
          error instanceof Error ? error.message : error
        }`,
      );
    }
  }
}
