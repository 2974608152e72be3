import {
  coreServices,
  createBackendModule,
  RootConfigService,
} from '@backstage/backend-plugin-api';
import {
  AuthenticationError,
  InputError,
  NotAllowedError,
} from '@backstage/errors';
import {
  authProvidersExtensionPoint,
  createProxyAuthenticator,
  createProxyAuthProviderFactory,
} from '@backstage/plugin-auth-node';

const LOOPBACK = ['localhost', '127.0.0.1', '::1', '[::1]'];

/** The header in which the sign-in page names the person. */
const USER_HEADER = 'x-demo-user';

/**
 * Signs in as one of the people listed in `auth.providers.demo.people`, by choice and without a password: for trying
 * the portal out on one's own machine. It only answers where the portal listens on a loopback address.
 */
const authenticator = createProxyAuthenticator({
  defaultProfileTransform: async () => ({ profile: {} }),
  initialize({ config }) {
    return {
      users: config
        .getConfigArray('people')
        .map(person => person.getString('name')),
    };
  },
  async authenticate({ req }, { users }) {
    // A page elsewhere can let its own name lead to this machine, and would then be answered like the portal's pages. The
    // base URL is one of these, see below.
    if (!LOOPBACK.includes(readHostname(req.headers.host))) {
      throw new NotAllowedError(
        'People can be chosen at localhost, 127.0.0.1 and [::1] only',
      );
    }
    const user = req.header(USER_HEADER);
    if (!user) {
      throw new AuthenticationError('Nobody is signed in');
    }
    if (!users.includes(user)) {
      throw new NotAllowedError(
        `${user} is not one of the people that can be chosen`,
      );
    }
    return { result: { user } };
  },
});

/** The name in a `Host` header, without the port; empty when there is none. */
function readHostname(host: string | undefined): string {
  return URL.parse(`http://${host ?? ''}`)?.hostname ?? '';
}

export default createBackendModule({
  pluginId: 'auth',
  moduleId: 'demo-sign-in',
  register(reg) {
    reg.registerInit({
      deps: {
        config: coreServices.rootConfig,
        providers: authProvidersExtensionPoint,
      },
      async init({ config, providers }) {
        if (!config.has('auth.providers.demo')) {
          return;
        }
        const { hostname } = new URL(config.getString('backend.baseUrl'));
        if (!LOOPBACK.includes(hostname)) {
          throw new InputError(
            `auth.providers.demo lets everyone in without a password and is refused at ${hostname}: use it with a backend.baseUrl on localhost only`,
          );
        }
        const host = readListenHost(config);
        if (!LOOPBACK.includes(host)) {
          throw new InputError(
            `auth.providers.demo lets everyone in without a password and is refused while the portal listens on ${
              host || 'all addresses'
            }: set backend.listen.host to 127.0.0.1, so that it is reached from localhost only`,
          );
        }
        providers.registerProvider({
          providerId: 'demo',
          factory: createProxyAuthProviderFactory({
            authenticator,
            async signInResolver({ result: { user } }, context) {
              return context.signInWithCatalogUser({
                entityRef: { kind: 'User', namespace: 'default', name: user },
              });
            },
          }),
        });
      },
    });
  },
});

/** The host of `backend.listen`, an object or text such as `127.0.0.1:7007`; empty for all addresses. */
function readListenHost(config: RootConfigService): string {
  const listen = config.getOptional('backend.listen');
  return typeof listen === 'string'
    ? listen.replace(/:?\d*$/, '')
    : config.getOptionalString('backend.listen.host') ?? '';
}
