import { AuthService, LoggerService } from '@backstage/backend-plugin-api';
import { RELATION_HAS_MEMBER } from '@backstage/catalog-model';
import { assertError } from '@backstage/errors';
import { CatalogService } from '@backstage/plugin-catalog-node';
import { EventsService } from '@backstage/plugin-events-node';
import { NotificationService } from '@backstage/plugin-notifications-node';
import { SignalsService } from '@backstage/plugin-signals-node';
import {
  PortalLinks,
  REQUEST_EVENT_TOPIC,
  REQUESTS_SIGNAL_CHANNEL,
  RequestSignal,
  RequestState,
  StorageRequest,
} from '@rustfs-portal/plugin-rustfs-common';
import { endingTitle } from './endingTitles';

interface Ending {
  title: string;
  severity: 'low' | 'normal' | 'high';
}

/** Severity "normal" has a green tick, which the end of a request that was closed is not. */
const SEVERITIES: Partial<Record<RequestState, Ending['severity']>> = {
  failed: 'high',
  closed: 'low',
};

/**
 * Says that a request has moved: to open pages by signal, to other plugins by event, to the person by notification when
 * it has ended. Signals and events carry ids only; whoever wants more asks the backend and is authorized there. A hint
 * that gets lost is no harm: the ledger has the truth, and pages and plugins also look by themselves.
 */
export class RequestNotifier {
  readonly #auth: AuthService;
  readonly #catalog: CatalogService;
  readonly #events: EventsService;
  readonly #links: PortalLinks;
  readonly #logger: LoggerService;
  readonly #notifications: NotificationService;
  readonly #signals: SignalsService;

  constructor(options: {
    auth: AuthService;
    catalog: CatalogService;
    events: EventsService;
    links: PortalLinks;
    logger: LoggerService;
    notifications: NotificationService;
    signals: SignalsService;
  }) {
    this.#auth = options.auth;
    this.#catalog = options.catalog;
    this.#events = options.events;
    this.#links = options.links;
    this.#logger = options.logger;
    this.#notifications = options.notifications;
    this.#signals = options.signals;
  }

  /** Says that something about a request is new; `hasMoved` when that is its state. */
  async changed(
    request: StorageRequest,
    options: { hasMoved: boolean },
  ): Promise<void> {
    const { id, entityRef, state } = request;
    const message: RequestSignal = { id, entityRef, state };
    await Promise.all([
      this.#attempt('publish the signal', async () =>
        this.#signals.publish<RequestSignal>({
          channel: REQUESTS_SIGNAL_CHANNEL,
          // Not a broadcast: that a request exists is not for everyone to know.
          recipients: {
            type: 'user',
            entityRef: await this.#concerned(request),
          },
          message,
        }),
      ),
      ...(options.hasMoved
        ? [
            this.#attempt('publish the event', () =>
              this.#events.publish({
                topic: REQUEST_EVENT_TOPIC,
                eventPayload: message,
              }),
            ),
            this.#attempt('notify', () => this.#notify(request)),
          ]
        : []),
    ]);
  }

  /** Tells the author that a reviewer wants something else: nothing moves until they act. */
  async changesRequested(request: StorageRequest): Promise<void> {
    const { pullRequest } = request;
    const objections = pullRequest?.remarks?.filter(
      ({ by, verdict }) =>
        verdict === 'changes-requested' &&
        pullRequest.changesRequestedBy?.includes(by),
    );
    await this.#attempt('notify', () =>
      this.#send(request, {
        title: `Changes asked for: ${request.subject.type} ${request.subject.name}`,
        description: objections?.at(-1)?.text,
        severity: 'high',
      }),
    );
  }

  /** Tells the owners of buckets that somebody else asks for, who have to approve. */
  async approvalNeeded(
    request: StorageRequest,
    { owner, buckets }: { owner: string; buckets: string[] },
  ): Promise<void> {
    const { entityRef, id, pullRequest } = request;
    await this.#attempt('notify', () =>
      this.#notifications.send({
        recipients: {
          type: 'entity',
          entityRef: owner,
          // Whoever asks has no say here, in whichever team.
          excludeEntityRef: request.requestedBy,
        },
        payload: {
          title: `${entityRef} asks for access to ${
            buckets.length > 1 ? 'your buckets' : 'your bucket'
          } ${buckets.join(', ')}`,
          description:
            'Without the approval of one of you in the pull request it is not given.',
          severity: 'normal',
          // The page of the request is not for other teams; the pull request is where they answer.
          link: pullRequest?.url,
          topic: REQUEST_EVENT_TOPIC,
          scope: `${REQUEST_EVENT_TOPIC}:${id}:${owner}`,
        },
      }),
    );
  }

  async #notify(request: StorageRequest) {
    const title = endingTitle(request);
    if (title) {
      await this.#send(request, {
        title,
        severity: SEVERITIES[request.state] ?? 'normal',
        description: request.failure?.message,
      });
    }
  }

  async #send(
    { id, requestedBy }: StorageRequest,
    message: Ending & { description?: string },
  ) {
    await this.#notifications.send({
      recipients: { type: 'entity', entityRef: requestedBy },
      payload: {
        ...message,
        link: this.#links.requestPath(id),
        topic: REQUEST_EVENT_TOPIC,
        scope: `${REQUEST_EVENT_TOPIC}:${id}`,
      },
    });
  }

  /** The one who asked, and the person or the members of the team that owns the entity. */
  async #concerned({ owner, requestedBy }: StorageRequest): Promise<string[]> {
    const entity = await this.#catalog.getEntityByRef(owner, {
      credentials: await this.#auth.getOwnServiceCredentials(),
    });
    const members = (entity?.relations ?? [])
      .filter(({ type }) => type === RELATION_HAS_MEMBER)
      .map(({ targetRef }) => targetRef);
    return [
      ...new Set([
        requestedBy,
        ...members,
        ...(owner.startsWith('user:') ? [owner] : []),
      ]),
    ];
  }

  async #attempt(what: string, send: () => Promise<void>): Promise<void> {
    try {
      await send();
    } catch (error) {
      assertError(error);
      // A portal without the notifications or signals backend is a complete one.
      this.#logger.debug(`Could not ${what} of a request`, error);
    }
  }
}
