import { createApp } from '@backstage/frontend-defaults';
import catalogPlugin from '@backstage/plugin-catalog/alpha';
import { signInModule } from './modules/signIn';
import { navModule } from './modules/nav';
import { pageTitleModule } from './modules/pageTitle';

export default createApp({
  features: [catalogPlugin, signInModule, navModule, pageTitleModule],
});
