// A stand-in of rustfs-manager-operator: as much of it as the layout is about. It speaks to the API server and to the
// RustFS server, and to nobody else.
const { RustfsAdmin } = require('@rustfs-portal/sandbox');

const GROUP = 'rustfs.badhouseplants.net';
const VERSION = 'v1beta1';

const kind = (name, plural, namespaced) => ({
  group: GROUP,
  version: VERSION,
  kind: name,
  plural,
  namespaced,
});

/** The kinds that its CustomResourceDefinitions bring. */
const CUSTOM_KINDS = [
  kind('RustFSInstance', 'rustfsinstances', false),
  kind('RustFSBucket', 'rustfsbuckets', true),
  kind('RustFSBucketUser', 'rustfsbucketusers', true),
];

const READ_ONLY = ['s3:GetBucketQuota', 's3:GetBucketLocation', 's3:GetObject'];

class ManagerOperator {
  #admin;
  #api;
  #token;

  constructor({ api, root, server, token }) {
    this.#api = api;
    this.#token = token;
    this.#admin = new RustfsAdmin(server, root);
  }

  /**
   * Brings the server to what the objects of all namespaces say, once.
   *
   * @returns how many servers it has been told of
   */
  async reconcile() {
    const instances = await this.#list('rustfsinstances');
    for (const instance of instances) {
      await this.#report(instance, 'rustfsinstances', { ready: true });
    }
    for (const bucket of await this.#list('rustfsbuckets')) {
      const { name, namespace } = bucket.metadata;
      const bucketName = `${namespace}-${name}`;
      const { objectLock = false, versioning = false } = bucket.spec;
      if (!bucket.status?.ready) {
        await this.#admin.createBucket(bucketName, { objectLock });
        if (versioning && !objectLock) {
          await this.#admin.request('PUT', `/${bucketName}`, {
            query: { versioning: '' },
            body: '<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>Enabled</Status></VersioningConfiguration>',
          });
        }
      }
      await this.#report(bucket, 'rustfsbuckets', { ready: true, bucketName });
    }
    for (const user of await this.#list('rustfsbucketusers')) {
      const { name, namespace } = user.metadata;
      const username = `${namespace}-${name}`;
      const bucket = `arn:aws:s3:::${namespace}-${user.spec.bucket}`;
      if (!user.status?.ready) {
        await this.#admin.putPolicy(username, {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Action: READ_ONLY,
              Resource: [bucket, `${bucket}/*`],
            },
          ],
        });
        await this.#admin.putUser(username, {
          secretKey: 'made-by-the-operator-and-told-nobody-else',
          status: 'enabled',
        });
        await this.#admin.setUserPolicies(username, [username]);
      }
      await this.#report(user, 'rustfsbucketusers', { ready: true, username });
    }
    return instances.length;
  }

  async #list(plural) {
    const { items } = await this.#send('GET', `/${plural}`);
    return items;
  }

  async #report({ metadata, status }, plural, said) {
    if (!status?.ready) {
      const { name, namespace } = metadata;
      const place = namespace ? `/namespaces/${namespace}` : '';
      await this.#send('PATCH', `${place}/${plural}/${name}/status`, {
        status: said,
      });
    }
  }

  async #send(method, path, body) {
    const response = await fetch(
      `${this.#api}/apis/${GROUP}/${VERSION}${path}`,
      {
        method,
        headers: {
          Authorization: `Bearer ${this.#token}`,
          'Content-Type': 'application/merge-patch+json',
        },
        body: body && JSON.stringify(body),
      },
    );
    if (!response.ok) {
      throw new Error(`${method} ${path}: ${await response.text()}`);
    }
    return response.json();
  }
}

module.exports = { CUSTOM_KINDS, ManagerOperator };
