import { randomInt } from 'node:crypto';
import { IncomingMessage, ServerResponse } from 'node:http';
import { FieldValidation, WriteOptions } from './admission';
import { Authorizer } from './authorizer';
import { decodeBody, DecodedBody } from './decode';
import { discover } from './discovery';
import { openApi } from './openapi';
import { parseResourcePath, ResourcePath, verbOf } from './requestInfo';
import { Resource, SERVICE_ACCOUNTS } from './resources';
import { ResourceService } from './ResourceService';
import {
  nameInFieldSelector,
  parseFieldSelector,
  parseLabelSelector,
} from './selectors';
import { ServiceAccountTokens } from './ServiceAccountTokens';
import {
  ApiError,
  badRequest,
  forbidden,
  forbiddenPath,
  methodNotAllowed,
} from './status';
import { ObjectStore } from './store';
import { Form, formFrom, presentList, presentObject } from './table';
import {
  isJsonObject,
  JsonObject,
  KubernetesApiLogger,
  KubernetesObject,
  User,
} from './types';
import { serveWatch } from './watch';

const MAX_BODY_BYTES = 3 * 1024 * 1024;

/** An answer to one request. */
interface Answer {
  status: number;
  body: JsonObject | string;
  warnings?: string[];
}

/** Texts that Services answer with, by path, by `namespace/name`. */
export type ProxiedServices = Record<string, Record<string, () => string>>;

/** One request with what was found out about it. */
interface Call {
  request: IncomingMessage;
  response: ServerResponse;
  query: URLSearchParams;
  user: User;
  path: ResourcePath;
  resource: Resource;
  /** Namespace to look in; undefined for cluster-scoped kinds and lists over all. */
  namespace?: string;
  form: Form;
}

/** An address the server does not have; unlike an object that is missing, this is not answered with a Status. */
const NO_SUCH_PAGE: Answer = { status: 404, body: '404 page not found\n' };

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) {
      throw new ApiError(
        413,
        'RequestEntityTooLarge',
        `Request entity too large: limit is ${MAX_BODY_BYTES}`,
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Reads a patch; a message never repeats any of it. */
function decodePatch(contentType: string, body: Buffer): unknown {
  if (contentType === 'application/apply-patch+yaml') {
    throw new ApiError(
      415,
      'UnsupportedMediaType',
      'server-side apply is not supported here: use client-side apply, which is the default of kubectl apply, or a merge patch',
    );
  }
  if (!contentType.endsWith('+json')) {
    // The service knows which patches the kind takes.
    return undefined;
  }
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw badRequest('error decoding patch: the body is not JSON');
  }
}

function flag(query: URLSearchParams, name: string): boolean {
  return ['1', 'true'].includes(query.get(name) ?? '');
}

function number(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (!text) {
    return undefined;
  }
  if (!/^\d+$/.test(text)) {
    throw badRequest(`${name} must be a number: "${text}"`);
  }
  return Number(text);
}

function writeOptions(query: URLSearchParams): WriteOptions {
  const dryRun = query.getAll('dryRun');
  if (dryRun.some(value => value !== 'All')) {
    throw badRequest(`dryRun: Unsupported value: supported values: "All"`);
  }
  const fieldValidation = query.get('fieldValidation') || 'Warn';
  if (!['Ignore', 'Warn', 'Strict'].includes(fieldValidation)) {
    throw badRequest(
      `fieldValidation: Unsupported value: "${fieldValidation}": supported values: "Ignore", "Strict", "Warn"`,
    );
  }
  return {
    dryRun: dryRun.length > 0,
    fieldValidation: fieldValidation as FieldValidation,
  };
}

/** A token is got by writing to a subresource, and is no object. */
function isToken(resource: Resource, path: ResourcePath): boolean {
  return resource === SERVICE_ACCOUNTS && path.subresource === 'token';
}

/** Which objects the selectors of a request mean. */
function selection(query: URLSearchParams, resource: Resource, name?: string) {
  const labels = query.get('labelSelector') ?? '';
  const fields = query.get('fieldSelector') ?? '';
  const byLabel = parseLabelSelector(labels);
  const byField = parseFieldSelector(fields, resource);
  return {
    selective: Boolean(labels || fields || name),
    matches: (object: KubernetesObject) =>
      byLabel(object) &&
      byField(object) &&
      (!name || object.metadata.name === name),
  };
}

/** From an HTTP request to the service that answers it, and back. */
export class ApiRouter {
  private readonly resources: Resource[];
  private readonly store: ObjectStore;
  private readonly service: ResourceService;
  private readonly authorizer: Authorizer;
  private readonly accounts: ServiceAccountTokens;
  private readonly services: ProxiedServices;
  private readonly logger?: KubernetesApiLogger;
  private readonly watches = new Set<ServerResponse>();

  constructor(options: {
    resources: Resource[];
    store: ObjectStore;
    service: ResourceService;
    authorizer: Authorizer;
    accounts: ServiceAccountTokens;
    services?: ProxiedServices;
    logger?: KubernetesApiLogger;
  }) {
    this.resources = options.resources;
    this.store = options.store;
    this.service = options.service;
    this.authorizer = options.authorizer;
    this.accounts = options.accounts;
    this.services = options.services ?? {};
    this.logger = options.logger;
  }

  /** Answers a request; what goes wrong becomes a Status. */
  async handle(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    try {
      const answer = await this.answer(request, response);
      if (answer) {
        this.send(response, answer);
      }
    } catch (error) {
      if (response.headersSent) {
        response.destroy();
        return;
      }
      const refusal = this.refusalOf(error);
      this.send(response, { status: refusal.code, body: refusal.toStatus() });
    }
  }

  private refusalOf(error: unknown): ApiError {
    if (error instanceof ApiError) {
      return error;
    }
    this.logger?.warn(
      `The Kubernetes API failed to answer a request: ${error}`,
    );
    return new ApiError(
      500,
      'InternalError',
      `Internal error occurred: ${error}`,
    );
  }

  /** Cuts all watches in the middle, as a restarted load balancer does. */
  breakWatches(): void {
    for (const response of this.watches) {
      response.destroy();
    }
  }

  private send(response: ServerResponse, answer: Answer): void {
    const { status, body, warnings = [] } = answer;
    const text = typeof body === 'string';
    if (warnings.length > 0) {
      // A header is one line.
      const lines = warnings.map(warning => warning.replace(/\n\s*/g, ' '));
      response.setHeader(
        'warning',
        lines.map(line => `299 - ${JSON.stringify(line)}`),
      );
    }
    response.writeHead(status, {
      'content-type': text ? 'text/plain; charset=utf-8' : 'application/json',
      'cache-control': 'no-cache, private',
    });
    response.end(text ? body : JSON.stringify(body));
  }

  private async answer(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<Answer | undefined> {
    const method = request.method ?? 'GET';
    const { pathname, searchParams: query } = new URL(
      `http://kubernetes${request.url}`,
    );
    const user = this.authorizer.authenticate(request.headers.authorization);
    const path = parseResourcePath(pathname);
    if (!path) {
      return this.answerPath({
        user,
        method,
        path: pathname,
        host: request.headers.host ?? '',
      });
    }
    const isWatch = method === 'GET' && flag(query, 'watch');
    const verb = verbOf({ method, hasName: Boolean(path.name), isWatch });
    const attributes = {
      verb,
      group: path.group,
      resource: path.plural,
      subresource: path.subresource,
      namespace: path.namespace,
      // A list narrowed to one name is covered by a right on that name.
      name:
        path.name ??
        (verb === 'list' || verb === 'watch'
          ? nameInFieldSelector(query.get('fieldSelector') ?? '')
          : undefined),
    };
    if (!this.authorizer.allows(user, attributes)) {
      throw forbidden({
        user: user.name,
        ...attributes,
        name: path.name,
      });
    }
    if (path.proxied !== undefined) {
      return this.askService(path);
    }
    const { group, version, plural } = path;
    const resource = this.resources.find(
      each =>
        each.group === group &&
        each.version === version &&
        each.plural === plural,
    );
    if (!resource || !this.hasPlace(resource, path)) {
      return NO_SUCH_PAGE;
    }
    const call: Call = {
      request,
      response,
      query,
      user,
      path,
      resource,
      namespace: resource.namespaced ? path.namespace : undefined,
      form: formFrom(request.headers.accept),
    };
    if (isToken(resource, path)) {
      if (verb !== 'create') {
        throw methodNotAllowed();
      }
      return this.issueToken(call);
    }
    switch (verb) {
      case 'get':
        return this.get(call);
      case 'list':
        return this.list(call);
      case 'watch':
        this.watch(call);
        return undefined;
      case 'create':
        return this.create(call);
      case 'update':
        return this.update(call);
      case 'patch':
        return this.patch(call);
      case 'delete':
        return this.delete(call);
      case 'deletecollection':
        return this.deleteCollection(call);
      default:
        throw methodNotAllowed();
    }
  }

  /** What a Service would answer through the proxy; `http:name:port` names it. */
  private askService({ name = '', namespace, proxied = '' }: ResourcePath) {
    const [, service = name] = name.split(':');
    const paths = this.services[`${namespace}/${service}`];
    if (!paths) {
      throw new ApiError(404, 'NotFound', `services "${name}" not found`);
    }
    const body = paths[proxied]?.();
    return body === undefined ? NO_SUCH_PAGE : { status: 200, body };
  }

  private answerPath(options: {
    user: User;
    method: string;
    path: string;
    host: string;
  }): Answer {
    const { user, method, path, host } = options;
    if (!this.authorizer.allowsPath(user, path)) {
      throw forbiddenPath({
        user: user.name,
        verb: method.toLowerCase(),
        path,
      });
    }
    const body = path.startsWith('/openapi/v3')
      ? openApi(path, this.resources)
      : discover(path, {
          resources: this.resources,
          serverAddress: host,
        });
    return body ? { status: 200, body } : NO_SUCH_PAGE;
  }

  private hasPlace(resource: Resource, path: ResourcePath): boolean {
    if (
      path.subresource !== undefined &&
      !(path.subresource === 'status' && resource.hasStatus) &&
      !isToken(resource, path)
    ) {
      return false;
    }
    if (!resource.namespaced) {
      return true;
    }
    return path.namespace !== undefined || path.name === undefined;
  }

  private present({ resource, form, query }: Call, object: KubernetesObject) {
    return presentObject({
      resource,
      object,
      form,
      includeObject: query.get('includeObject') ?? undefined,
    });
  }

  private get(call: Call): Answer {
    const { resource, namespace, path } = call;
    const object = this.service.get(resource, namespace, path.name!);
    return { status: 200, body: this.present(call, object) };
  }

  private list(call: Call): Answer {
    const { resource, namespace, query, form } = call;
    this.refuseFutureVersion(query.get('resourceVersion') ?? undefined);
    const list = this.service.list(resource, {
      namespace,
      ...selection(query, resource),
      limit: number(query, 'limit'),
      continueToken: query.get('continue') ?? undefined,
    });
    return {
      status: 200,
      body: presentList({
        resource,
        ...list,
        form,
        includeObject: query.get('includeObject') ?? undefined,
      }),
    };
  }

  private watch(call: Call): void {
    const { resource, namespace, path, query, response } = call;
    const { matches } = selection(query, resource, path.name);
    const resourceVersion = query.get('resourceVersion') ?? undefined;
    if (resourceVersion && !/^\d+$/.test(resourceVersion)) {
      throw badRequest(`invalid resource version "${resourceVersion}"`);
    }
    const timeoutSeconds = number(query, 'timeoutSeconds');
    response.writeHead(200, {
      'content-type': 'application/json',
      'cache-control': 'no-cache, private',
    });
    response.flushHeaders();
    this.watches.add(response);
    response.on('close', () => this.watches.delete(response));
    serveWatch(
      this.store,
      resource,
      {
        namespace,
        matches,
        resourceVersion,
        sendInitialEvents: flag(query, 'sendInitialEvents'),
        allowBookmarks: flag(query, 'allowWatchBookmarks'),
        // As on a real server, watches do not all end at once.
        timeoutSeconds: timeoutSeconds || randomInt(1800, 3600),
        present: object => this.present(call, object),
      },
      {
        send: event => response.write(`${JSON.stringify(event)}\n`),
        end: () => response.end(),
        onClose: callback => response.on('close', callback),
      },
    );
  }

  /** A version this cluster has not reached, e.g. because its data was thrown away. */
  private refuseFutureVersion(resourceVersion: string | undefined): void {
    const asked = Number(resourceVersion ?? 0);
    const current = this.store.resourceVersion;
    if (asked > current) {
      throw new ApiError(
        504,
        'Timeout',
        `Timeout: Too large resource version: ${asked}, current: ${current}`,
        {
          causes: [
            {
              reason: 'ResourceVersionTooLarge',
              message: 'Too large resource version',
            },
          ],
          retryAfterSeconds: 1,
        },
      );
    }
  }

  private async create(call: Call): Promise<Answer> {
    const { resource, namespace, path, query } = call;
    if (path.name || (resource.namespaced && !namespace)) {
      throw methodNotAllowed();
    }
    const options = writeOptions(query);
    const { value, duplicates } = await this.readObject(call, options);
    const { object, warnings } = this.service.create(
      resource,
      namespace,
      value,
      { ...options, decodingProblems: duplicates },
    );
    return { status: 201, body: this.present(call, object), warnings };
  }

  private issueToken({ resource, namespace, path }: Call): Answer {
    const account = this.service.get(resource, namespace, path.name!);
    return {
      status: 201,
      body: {
        kind: 'TokenRequest',
        apiVersion: 'authentication.k8s.io/v1',
        metadata: { name: path.name, namespace },
        status: this.accounts.issue(account),
      },
    };
  }

  private async update(call: Call): Promise<Answer> {
    const { resource, namespace, path, query } = call;
    if (!path.name) {
      throw methodNotAllowed();
    }
    const options = writeOptions(query);
    const { value, duplicates } = await this.readObject(call, options);
    const { object, warnings } = this.service.update(
      resource,
      { namespace, name: path.name, subresource: path.subresource },
      value,
      { ...options, decodingProblems: duplicates },
    );
    return { status: 200, body: this.present(call, object), warnings };
  }

  private async patch(call: Call): Promise<Answer> {
    const { resource, namespace, path, query, request } = call;
    if (!path.name) {
      throw methodNotAllowed();
    }
    const options = writeOptions(query);
    const contentType = (request.headers['content-type'] ?? '')
      .split(';')[0]
      .trim();
    const body = await readBody(request);
    const value = decodePatch(contentType, body);
    const { object, warnings } = this.service.patch(
      resource,
      { namespace, name: path.name, subresource: path.subresource },
      { contentType, body: value },
      options,
    );
    return { status: 200, body: this.present(call, object), warnings };
  }

  private async delete(call: Call): Promise<Answer> {
    const { resource, namespace, path } = call;
    if (path.subresource) {
      throw methodNotAllowed();
    }
    const options = await this.deleteOptions(call);
    return {
      status: 200,
      body: this.service.delete(resource, namespace, path.name!, options),
    };
  }

  private async deleteCollection(call: Call): Promise<Answer> {
    const { resource, namespace, query } = call;
    if (resource.namespaced && !namespace) {
      throw methodNotAllowed();
    }
    const options = await this.deleteOptions(call);
    const list = this.service.list(resource, {
      namespace,
      ...selection(query, resource),
    });
    for (const { metadata } of list.items) {
      this.service.delete(resource, metadata.namespace, metadata.name, options);
    }
    return {
      status: 200,
      body: presentList({ resource, ...list, form: 'object' }),
    };
  }

  private async readObject(
    { request, resource }: Call,
    { fieldValidation }: WriteOptions,
  ): Promise<DecodedBody> {
    return decodeBody({
      body: await readBody(request),
      contentType: request.headers['content-type'],
      kind: resource.kind,
      findDuplicates: fieldValidation !== 'Ignore',
    });
  }

  private async deleteOptions({ request, query }: Call) {
    const body = await readBody(request);
    const { value } =
      body.length > 0
        ? decodeBody({
            body,
            contentType: request.headers['content-type'],
            kind: 'DeleteOptions',
            findDuplicates: false,
          })
        : { value: {} };
    const sent = isJsonObject(value) ? value : {};
    const preconditions = isJsonObject(sent.preconditions)
      ? sent.preconditions
      : {};
    const text = (field: unknown) =>
      typeof field === 'string' ? field : undefined;
    return {
      dryRun:
        query.getAll('dryRun').includes('All') ||
        (Array.isArray(sent.dryRun) && sent.dryRun.includes('All')),
      orphanDependents:
        (query.get('propagationPolicy') ?? sent.propagationPolicy) ===
          'Orphan' || sent.orphanDependents === true,
      uid: text(preconditions.uid),
      resourceVersion: text(preconditions.resourceVersion),
    };
  }
}
