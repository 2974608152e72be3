import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { AdminRouter } from './admin/AdminRouter';
import { answerHealthProbe } from './cluster/health';
import { ApiError, internalError, serviceUnavailable } from './http/ApiError';
import { send, sendError } from './http/answers';
import { Exchange } from './http/Exchange';
import type { RustfsContext } from './RustfsContext';
import { S3Router } from './s3/S3Router';
import { StsRouter } from './sts/StsRouter';
import type { RustfsLogger } from './types';

const DEFAULT_DELAY_MS = 2000;

const STARTING_HEADERS = {
  'retry-after': '5',
  'cache-control': 'no-store',
  'x-rustfs-readiness-pending': 'storage_quorum',
};

/** Sends each request to the part of the server that its path names, and turns what is thrown into an answer. */
export class RequestDispatcher {
  private readonly admin: AdminRouter;
  private readonly s3: S3Router;
  private readonly sts: StsRouter;

  constructor(
    private readonly context: RustfsContext,
    private readonly options: {
      /** Nothing is held back or begun any more when it is aborted. */
      stopping: AbortSignal;
      logger?: RustfsLogger;
    },
  ) {
    this.admin = new AdminRouter(context);
    this.s3 = new S3Router(context);
    this.sts = new StsRouter(context, context.authenticator);
  }

  async handle(
    request: IncomingMessage,
    response: ServerResponse,
    options: { expectsContinue?: boolean } = {},
  ): Promise<void> {
    let exchange: Exchange;
    try {
      exchange = new Exchange(request, response, options.expectsContinue);
    } catch {
      response.writeHead(400).end();
      return;
    }
    response.setHeader('x-request-id', exchange.requestId);
    try {
      await this.delayIfSlow();
      if (!this.options.stopping.aborted) {
        await this.dispatch(exchange);
      }
    } catch (error) {
      this.answerError(exchange, error);
    }
  }

  private async delayIfSlow(): Promise<void> {
    const { mode, delayMs } = this.context.faults();
    if (mode === 'slow' || delayMs !== undefined) {
      const { stopping: signal } = this.options;
      await delay(delayMs ?? DEFAULT_DELAY_MS, undefined, { signal }).catch(
        () => {},
      );
    }
  }

  private async dispatch(exchange: Exchange): Promise<void> {
    if (answerHealthProbe(this.context, exchange)) {
      return;
    }
    const isAdmin = AdminRouter.isAdminPath(exchange.path);
    const isSts = StsRouter.isStsRequest(exchange);
    if (!isAdmin) {
      exchange.response.setHeader('x-amz-request-id', exchange.requestId);
    }
    if (this.context.faults().mode === 'starting') {
      this.answerStarting(exchange, { isAdmin, isSts });
      return;
    }
    if (isSts) {
      await this.sts.handle(exchange);
      return;
    }
    const authentication = this.context.authenticator.authenticate(exchange);
    if (isAdmin) {
      await this.admin.handle(exchange, authentication);
    } else {
      await this.s3.handle(exchange, authentication);
    }
  }

  private answerStarting(
    exchange: Exchange,
    { isAdmin, isSts }: { isAdmin: boolean; isSts: boolean },
  ): void {
    if (isAdmin) {
      throw serviceUnavailable('server context is not ready');
    }
    if (isSts) {
      throw new ApiError(
        'ServiceUnavailable',
        503,
        'Service Unavailable',
        STARTING_HEADERS,
      );
    }
    send(exchange, {
      status: 503,
      headers: {
        ...STARTING_HEADERS,
        'content-type': 'text/plain; charset=utf-8',
      },
      body: 'Service not ready: waiting for storage_quorum',
    });
  }

  private answerError(exchange: Exchange, error: unknown): void {
    if (exchange.request.destroyed && !exchange.request.complete) {
      // The client is gone; there is nobody to answer.
      exchange.response.destroy();
      return;
    }
    if (!(error instanceof ApiError)) {
      this.options.logger?.warn(
        `RustFS stand-in failed on ${exchange.method} ${exchange.path}: ${error}`,
      );
    }
    const answer =
      error instanceof ApiError
        ? error
        : internalError('We encountered an internal error. Please try again.');
    if (StsRouter.isStsRequest(exchange)) {
      StsRouter.sendError(exchange, answer);
    } else {
      sendError(exchange, answer);
    }
  }
}
