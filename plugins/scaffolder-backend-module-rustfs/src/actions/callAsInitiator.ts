import { AuthService } from '@backstage/backend-plugin-api';
import { ActionContext } from '@backstage/plugin-scaffolder-node';
import { CallOptions } from '@rustfs-portal/plugin-rustfs-common';

/** Calls the RustFS backend as the person who started the template; it ends when the task is cancelled. */
export async function callAsInitiator(
  auth: AuthService,
  ctx: Pick<ActionContext<any>, 'getInitiatorCredentials' | 'signal'>,
): Promise<CallOptions> {
  const { token } = await auth.getPluginRequestToken({
    onBehalfOf: await ctx.getInitiatorCredentials(),
    targetPluginId: 'rustfs',
  });
  return { token, signal: ctx.signal };
}
