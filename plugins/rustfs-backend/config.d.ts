import { HumanDuration } from '@backstage/types';

export interface Config {
  /** Object storage on RustFS. */
  rustfs?: {
    // --- connections: clusters and tenants -----------------------------------------------------------------------
    /** (Optional) The Kubernetes API servers with Tenants. Each is reached in one of three ways. */
    clusters?: Array<{
      /** (Required) The first segment of tenant references, in lower case. */
      name: string;
      /** (Optional) First way: the path of a kubeconfig file. */
      kubeconfig?: string;
      /** (Optional) A context of the kubeconfig file. Default: its current one. */
      context?: string;
      /** (Optional) Second way: the address of the API server, with `token`. */
      url?: string;
      /**
       * (Optional) Bearer token, for example of a service account.
       * @visibility secret
       */
      token?: string;
      /** (Optional) Whether to take any certificate. Default: false. */
      skipTLSVerify?: boolean;
      /** (Optional) Third way: the service account of the pod that the backend runs in. */
      inCluster?: boolean;
      /** (Optional) How long one call may take, connecting included. Default: that of `rustfs.connections`, or 3 seconds. */
      timeout?: string | HumanDuration;
      /**
       * (Optional) Only with `url`: certificates, PEM in base64, of the only authorities that are trusted here. Default: those of
       * `rustfs.connections` and those that Node trusts.
       */
      caData?: string;
      /** (Optional) The same as the path of a file, instead of `caData`. */
      caFile?: string;
      /**
       * (Optional) Address of a proxy, or false for none. Default: `proxy-url` of the
       * kubeconfig, that of `rustfs.connections`, or of the environment.
       * @visibility secret
       */
      proxy?: string | false;
      /** (Optional) Namespaces in which Tenants and bucket records are looked for. Default: all. */
      namespaces?: string[];
      /**
       * (Optional) What has tenants there, beside those that `rustfs.tenants` describes with `workload` or `setup`. Default:
       * `rustfs-operator`, and a cluster that does not know its Tenants is an error unless all its tenants are described so.
       */
      sources?: Array<'rustfs-operator' | 'minio-operator'>;
      /** (Optional) How Secrets get into this cluster by way of Git. */
      secrets?: {
        /**
         * (Optional) What writes them where `consumers` says nothing else: `sops`, `sealed-secrets`, or one that a module adds. Default:
         * what a place shows: `sops` where there is a `.sops.yaml` and Flux decrypts, else `sealed-secrets` where the folder
         * has SealedSecrets or their controller answers.
         */
        writer?: string;
        /** (Optional) Where the certificate is that SealedSecrets are sealed for; one of the three. */
        sealedSecrets?: {
          /**
           * (Optional) `namespace/name` of the Service of the controller, with `:port` where its port is not called `http`. It is
           * asked through the API server. Default: `kube-system/sealed-secrets-controller`.
           */
          controller?: string;
          /** (Optional) Address at which the certificate is, with https. */
          certificateUrl?: string;
          /** (Optional) File with the certificate, from the root of the repository that the SealedSecrets go to. */
          certificateFile?: string;
        };
      };
      /** (Optional) Where the GitOps engine runs that applies into this cluster. Default: in the cluster itself. */
      gitops?: {
        /**
         * (Optional) Name of another one of `clusters`, a hub whose Argo CD or Flux applies here. One without tenants has
         * `sources: []`. Default: this one.
         */
        cluster?: string;
        /**
         * (Optional) How the engine calls this cluster, beside its name and the address of its API server here: names and
         * addresses, as `destination` of Applications has them. Default: none.
         */
        destinations?: string[];
        /**
         * (Optional) Namespace of Argo CD. Applications of another one count only for what says so in its tracking id. Default:
         * `argocd`.
         */
        namespace?: string;
      };
    }>;

    /** (Optional) How the portal reaches the servers of tenants. One that is not here shows what the cluster says. */
    tenants?: Array<{
      /** (Required) `cluster/namespace/name`. */
      ref: string;
      /** (Optional) Name for people. Default: the reference. */
      title?: string;
      /**
       * (Optional) Address of the S3 interface as the backend reaches it, without a path.
       * Default: `http://<name>-io.<namespace>.svc:9000`, the Service of the operator. Required with `workload`, `setup` or `layout`.
       */
      endpoint?: string;
      /**
       * (Optional) Addresses for others than the backend, without credentials. Default: those that the cluster tells.
       */
      endpoints?: {
        /**
         * (Optional) S3 for workloads in the cluster of the tenant, and for their Secrets. Default: the Service of the
         * operator or of the workload, else `endpoint`.
         */
        inCluster?: string;
        /** (Optional) S3 for people and for workloads in other clusters. Default: `endpoint`. */
        external?: string;
        /** (Optional) The console, which may have a path. Default: none. */
        console?: string;
      };
      /**
       * (Optional) Of a tenant that the RustFS operator does not have: what runs its server. `find`: the one Deployment or
       * StatefulSet in the namespace of `ref` whose image ends with `rustfs/rustfs`, or that has the labels of a RustFS chart;
       * `none`: only its server is known. Default: `find` with `setup`, `none` with `layout`, else the tenant is one of an
       * operator.
       */
      workload?:
        | 'find'
        | 'none'
        | {
            /** (Required) What it is. */
            kind: 'Deployment' | 'StatefulSet';
            /** (Required) Its name. */
            name: string;
          };
      /**
       * (Optional) The setup folder of such a tenant; `{}` takes the namespace by default. Default: none, no record counts
       * and nothing can be asked for.
       */
      setup?: {
        /**
         * (Optional) The namespace of its records. They count there and nowhere else, so whoever may write ConfigMaps in it
         * decides whose buckets are. Default: `<namespace>-<name>-setup`.
         */
        namespace?: string;
      };
      /**
       * (Optional) Instead of `setup`: the id of a layout that a module of the backend adds, in which the storage of such a
       * tenant is declared. Default: that of the setup folder, or of the RustFS operator.
       */
      layout?: string;
      /** (Required) Access key of the portal's user on that server. */
      accessKeyId: string;
      /**
       * (Required) Secret key of that user.
       * @visibility secret
       */
      secretAccessKey: string;
      /** (Optional) How long one call may take, connecting included. Default: that of `rustfs.connections`, or 3 seconds. */
      timeout?: string | HumanDuration;
      /**
       * (Optional) Certificates, PEM in base64, of the only authorities that are trusted here. Default: those of
       * `rustfs.connections` and those that Node trusts.
       */
      caData?: string;
      /** (Optional) The same as the path of a file, instead of `caData`. */
      caFile?: string;
      /**
       * (Optional) Address of a proxy, or false for none. Default: that of `rustfs.connections`, or of the environment.
       * @visibility secret
       */
      proxy?: string | false;
    }>;

    /** (Optional) What holds for every connection to a cluster, a server or a forge that says nothing else. */
    connections?: {
      /** (Optional) How long one call may take, connecting included. Default: 3 seconds; for a forge 10. */
      timeout?: string | HumanDuration;
      /** (Optional) Certificates, PEM in base64, of authorities that are trusted beside those of Node. */
      caData?: string;
      /** (Optional) The same as the path of a file, instead of `caData`. */
      caFile?: string;
      /**
       * (Optional) Address of a proxy, or false for none. Default: that of the environment variables `HTTP_PROXY` and
       * `HTTPS_PROXY`, for hosts that `NO_PROXY` does not name.
       * @visibility secret
       */
      proxy?: string | false;
    };

    // --- end of connections --------------------------------------------------------------------------------------

    /** (Optional) The Git forges on which the portal opens pull requests. Default: none, nothing can be asked for. */
    forges?: Array<{
      /** (Required) The kind of forge: `forgejo`, `gitea`, `github`, `gitlab`, or one that a module adds. */
      type: string;
      /**
       * (Required, but for `github` and `gitlab`) Address of the forge as the backend reaches it, without its API. Default of
       * `github`: `https://github.com`, of `gitlab`: `https://gitlab.com`.
       */
      baseUrl?: string;
      /** (Optional) Address of its API. Default: that of `integrations:`, or it follows from `baseUrl`. */
      apiBaseUrl?: string;
      /**
       * (Optional) Access token of the portal's own account; on Gitea and Forgejo with the scope `write:repository`, on GitLab
       * with the scope `api`. Default: the credentials that `integrations:` has for the host; for Forgejo below
       * `integrations.gitea`.
       * @visibility secret
       */
      token?: string;
      /**
       * (Optional) Other addresses by which the GitOps engine knows this forge, for example
       * `ssh://git@gitea-ssh.gitea` or `http://gitea-http.gitea.svc:3000`.
       */
      gitUrls?: string[];
      /**
       * (Optional) Whose accounts on this forge these are: user entities (`user:default/ada`) by login. An approval only
       * counts when it is known whose it is. Comes before the annotation `<host of baseUrl>/user-login` of user entities.
       * Default: none.
       */
      logins?: { [login: string]: string };
      /**
       * (Optional) Whether a user entity without that annotation has its own name as login. Only where nobody can choose
       * the one or the other, for example with one directory behind both. Default: false.
       */
      loginIsEntityName?: boolean;
      /** (Optional) How long one call may take, connecting included. Default: that of `rustfs.connections`, or 10 seconds. */
      timeout?: string | HumanDuration;
      /** (Optional) The same for calls that change something. Default: 30 seconds, or `timeout` if that is longer. */
      writeTimeout?: string | HumanDuration;
      /**
       * (Optional) Certificates, PEM in base64, of the only authorities that are trusted here. Default: those of
       * `rustfs.connections` and those that Node trusts.
       */
      caData?: string;
      /** (Optional) The same as the path of a file, instead of `caData`. */
      caFile?: string;
      /**
       * (Optional) Address of a proxy, or false for none. Default: that of `rustfs.connections`, or of the environment.
       * @visibility secret
       */
      proxy?: string | false;
    }>;

    /** (Optional) Where people find the pages of the plugin. */
    portal?: {
      /**
       * (Optional) Path of the pages in the portal, for links in pull requests, notifications and templates.
       * Default: the path of `page:rustfs` in `app.extensions`, or `/rustfs`.
       */
      path?: string;
    };

    /**
     * (Optional) What may be asked for. Rules are read from the top; for each key the first rule that fits the owner
     * and the tenant and has the key decides. As soon as there are rules, an owner on a tenant that no rule fits is
     * refused; where rules name owners, so is one that none of them names. Default: no rules, everything that the Tenant
     * schema allows.
     */
    guardrails?: Array<{
      /** (Optional) Tenants, `cluster/namespace/name`, that the rule is for. Default: all. */
      tenants?: string[];
      /**
       * (Optional) Owners, `group:default/checkout`, that the rule is for, or `*` for everyone, those included that no
       * rule names. Default: the owners that rules for the tenant name, or everyone where none does.
       */
      owners?: string[];
      /** (Optional) Whether these owners may ask for buckets on these tenants at all. Default: true. */
      allow?: boolean;
      /** (Optional) What bucket names look like. Default: any name that S3 and the Tenant schema take. */
      namePattern?: {
        /** (Required) JavaScript regular expression for the whole name. */
        regex: string;
        /** (Required) The pattern in words, after "must": `begin with checkout-`. */
        description: string;
        /** (Required) A name that fits. */
        example: string;
      };
      /** (Optional) The largest quota, as a Kubernetes quantity such as `100Gi`. Default: no limit. */
      maxQuota?: string;
      /** (Optional) The quota that the form starts with. Default: none. */
      defaultQuota?: string;
      /** (Optional) Whether a request must name a quota. Default: false. */
      quotaRequired?: boolean;
      /** (Optional) Whether object lock may be asked for. Default: true. */
      objectLock?: boolean;
      /** (Optional) Ids of the access modes that may be asked for: `read`, `write`, `read-write`, or of `accessModes`. Default: none. */
      accessModes?: string[];
      /** (Optional) Namespaces that owners may have Secrets in: names, or a beginning and a star. Default: none. */
      namespaces?: string[];
      /** (Optional) Ids of the forms of Secrets that may be asked for. Default: all. */
      secretForms?: string[];
      /** (Optional) Users of the forge, or teams as `organization/team`, who are asked to review. Default: none. */
      reviewers?: string[];
      /**
       * (Optional) Whether somebody other than the one who asked has to approve: `review`, or `auto` for a team that is
       * trusted with its own buckets. Owners of other buckets have to approve in any case. Default: `review`.
       */
      merge?: 'review' | 'auto';
      /** (Optional) How far `merge: auto` goes; what is beyond needs a review. */
      autoMerge?: {
        /** (Optional) The largest quota; a request without quota is beyond it. Default: what may be asked for at all. */
        maxQuota?: string;
        /** (Optional) Ids of access modes. Default: none, every access needs a review. */
        accessModes?: string[];
      };
      /**
       * (Optional) What becomes of a setting of a bucket, such as its quota, that somebody changes on the server: it is shown
       * (`report`), or set back to what Git declares (`mend`). For buckets that the operator makes it holds as soon as it is
       * configured; in a setup folder it is written into new bucket records. A record that says `drift` itself comes first.
       * Default: `report`.
       */
      drift?: 'report' | 'mend';
    }>;

    /**
     * (Optional) Where Secrets of workloads are declared that are not beside the records of their tenant, in another
     * repository or cluster. A request then has a second pull request there. The first entry that fits decides; without one
     * a workload in the tenant's own cluster has its Secret beside the records, and one in another cluster cannot have one.
     */
    consumers?: Array<{
      /** (Required) Name of the cluster that the workloads run in, of `clusters`. */
      cluster: string;
      /** (Required) Their namespaces: names, or a beginning and a star. */
      namespaces: string[];
      /** (Optional) `namespace/name` of the Flux Kustomization there that applies the Secrets, and decrypts them. Repository and branch are found from it. */
      kustomization?: string;
      /** (Optional) The same of an Argo CD Application, in its place. One of both is required. */
      application?: string;
      /**
       * (Optional) Folder for the Secrets from the root of the repository, below the path of the Kustomization or Application; `{namespace}` stands for
       * that of the workload. Default: `consumers/{namespace}` below that path.
       */
      folder?: string;
      /** (Optional) What writes them: `sops`, `sealed-secrets`, or one that a module adds. Default: as `secrets` of the cluster says. */
      writer?: string;
    }>;

    /** (Optional) Modes of access beside `read`, `write` and `read-write`. */
    accessModes?: Array<{
      /** (Required) Lower-case letters, digits and hyphens. */
      id: string;
      /** (Required) For people. */
      title: string;
      /** (Required) What it may do, after "may": `read objects and their versions`. */
      description: string;
      /** (Required) The actions of S3 that it allows, in full. */
      actions: { bucket?: string[]; object?: string[] };
    }>;

    /** (Optional) What Secrets of workloads hold, beside the forms that the portal has. */
    secretForms?: Array<{
      /** (Required) Lower-case letters, digits and hyphens. */
      id: string;
      /** (Required) For people. */
      title: string;
      /** (Required) Who reads it, and how. */
      description: string;
      /**
       * (Required) Text by key, with `{accessKeyId}`, `{secretAccessKey}`, `{endpoint}`, `{host}`, `{region}` and
       * `{bucket}` in it.
       */
      entries: { [key: string]: string };
    }>;

    /** (Optional) The program that makes a server without operator agree with what Git declares for it. */
    setup?: {
      /**
       * (Optional) Its image, `repository@sha256:…`; a tag is refused, as it can be another program tomorrow. Default: none,
       * self-service cannot be enabled for tenants without operator.
       */
      image?: string;
    };

    /** (Optional) How the portal makes servers agree with bucket records, where no setup program does. */
    settings?: {
      /** (Optional) How often all bucket records are compared with their servers. Default: 1 minute. */
      interval?: string | HumanDuration;
    };

    /** (Optional) How requests are followed, and how often one person may ask. */
    requests?: {
      /** (Optional) How often open requests are looked at while something moves. Default: 10 seconds. */
      followInterval?: string | HumanDuration;
      /**
       * (Optional) How often those of a repository are looked at in which nothing has moved for long, or that webhooks tell of. Default:
       * 5 minutes; not more often than `followInterval`.
       */
      followIdleInterval?: string | HumanDuration;
      /** (Optional) When a request on which machines work counts as stalled. Default: 15 minutes. */
      stalledAfter?: string | HumanDuration;
      /** (Optional) When a pull request that nobody merges counts as stalled. Default: 3 days. */
      reviewStalledAfter?: string | HumanDuration;
      /** (Optional) How long a failed or closed request is looked at, in case it is mended or opened again: for an hour as often as an open one, then every 5 minutes. Default: 14 days. */
      followEndedFor?: string | HumanDuration;
      /** (Optional) How often one person may ask, over all replicas. What is more is answered with 429 and `Retry-After`. */
      limits?: {
        /** (Optional) Checks of names while they are typed. Default: 120. */
        nameChecksPerMinute?: number;
        /** (Optional) Previews of pull requests. Default: 60. */
        previewsPerMinute?: number;
        /** (Optional) Requests, and what has the portal write to the forge again: requests taken up again, decisions about commits. Default: 60. */
        requestsPerHour?: number;
      };
    };
  };
}
