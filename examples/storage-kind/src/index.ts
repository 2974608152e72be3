import { createBackendModule } from '@backstage/backend-plugin-api';
import {
  requestKindsExtensionPoint,
  secretFormsExtensionPoint,
} from '@rustfs-portal/plugin-rustfs-node';
import { archiveKind } from './archiveKind';
import { rcloneForm } from './rcloneForm';

/** Adds the kind and the form to the RustFS backend. */
export default createBackendModule({
  pluginId: 'rustfs',
  moduleId: 'acme-archive',
  register(reg) {
    reg.registerInit({
      deps: {
        forms: secretFormsExtensionPoint,
        kinds: requestKindsExtensionPoint,
      },
      async init({ forms, kinds }) {
        forms.addSecretForm(rcloneForm);
        kinds.addRequestKind(archiveKind);
      },
    });
  },
});
