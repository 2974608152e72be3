import { createBackendModule } from '@backstage/backend-plugin-api';
import {
  layoutsExtensionPoint,
  secretFormsExtensionPoint,
} from '@rustfs-portal/plugin-rustfs-node';
import { managerForm } from './managerForm';
import { managerLayout } from './managerLayout';
import { managerProvisioner } from './managerProvisioner';

/** Adds the layout, and the form of the Secrets that its operator writes, to the RustFS backend. */
export default createBackendModule({
  pluginId: 'rustfs',
  moduleId: 'manager-operator',
  register(reg) {
    reg.registerInit({
      deps: {
        forms: secretFormsExtensionPoint,
        layouts: layoutsExtensionPoint,
      },
      async init({ forms, layouts }) {
        forms.addSecretForm(managerForm);
        layouts.addLayout({
          id: managerLayout.id,
          git: managerLayout,
          provisioner: managerProvisioner,
        });
      },
    });
  },
});
