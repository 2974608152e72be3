import { BUILTIN_POLICIES } from './builtinPolicies';
import type { ConditionValues } from './conditions';
import {
  type AccessQuestion,
  type Decision,
  evaluatePolicies,
} from './evaluatePolicy';
import type { IamStore } from './IamStore';
import type { Identity } from './model';
import type { PolicyDocument } from './policyDocument';

export interface S3Question {
  action: string;
  bucket?: string;
  key?: string;
  conditions?: ConditionValues;
}

/** Actions of which a denial to the account is not undone by the policy of a bucket. */
const DELETING = ['s3:DeleteObject', 's3:DeleteObjectVersion'];

/** Decides what an identity may do. */
export class Authorizer {
  constructor(
    private readonly iam: IamStore,
    private readonly bucketPolicy: (
      bucket: string,
    ) => PolicyDocument | undefined,
  ) {}

  /** Root, and keys of root that no session policy narrows, bypass every check. */
  isOwner(identity: Identity | undefined): boolean {
    return (
      identity !== undefined &&
      identity.account === this.iam.root.accessKey &&
      identity.policy === undefined
    );
  }

  /** Policies of the account behind an identity; root has those of an administrator. */
  documentsOf(identity: Identity): PolicyDocument[] {
    return identity.account === this.iam.root.accessKey
      ? [BUILTIN_POLICIES.consoleAdmin]
      : this.iam.documentsOf(identity.account);
  }

  allowsS3(identity: Identity | undefined, question: S3Question): boolean {
    if (this.isOwner(identity)) {
      return true;
    }
    const asked = this.toAccessQuestion(identity, question);
    const bucketPolicy =
      question.bucket === undefined
        ? undefined
        : this.bucketPolicy(question.bucket);
    const fromBucket: Decision = bucketPolicy
      ? evaluatePolicies([bucketPolicy], asked)
      : 'silent';
    if (fromBucket === 'deny') {
      return false;
    }
    if (!identity) {
      return fromBucket === 'allow';
    }
    const fromAccount = evaluatePolicies(this.documentsOf(identity), asked);
    // The server asks the policy of the bucket when those of the account do not allow, even when they deny.
    const denialStays =
      fromBucket !== 'allow' || DELETING.includes(question.action);
    if (fromAccount === 'deny' && denialStays) {
      return false;
    }
    return (
      (fromAccount === 'allow' || fromBucket === 'allow') &&
      this.sessionAllows(identity, asked)
    );
  }

  /** Any of the actions suffices. */
  allowsAdmin(identity: Identity, ...actions: string[]): boolean {
    if (this.isOwner(identity)) {
      return true;
    }
    return actions.some(action => {
      const asked = this.toAccessQuestion(identity, { action });
      return (
        evaluatePolicies(this.documentsOf(identity), asked) === 'allow' &&
        this.sessionAllows(identity, asked)
      );
    });
  }

  /** For what everyone may do unless a policy denies it; an account without any policy may not. */
  allowsUnlessDenied(identity: Identity, action: string): boolean {
    if (this.isOwner(identity)) {
      return true;
    }
    const policies = this.documentsOf(identity);
    const asked = this.toAccessQuestion(identity, { action });
    return policies.length > 0 && evaluatePolicies(policies, asked) !== 'deny';
  }

  private sessionAllows(identity: Identity, asked: AccessQuestion): boolean {
    return (
      identity.policy === undefined ||
      evaluatePolicies([identity.policy], asked) === 'allow'
    );
  }

  private toAccessQuestion(
    identity: Identity | undefined,
    question: S3Question,
  ): AccessQuestion {
    const { bucket, key } = question;
    return {
      action: question.action,
      resource:
        bucket === undefined || key === undefined ? bucket : `${bucket}/${key}`,
      principal: identity?.account,
      conditions: {
        'aws:username': identity ? [identity.account] : undefined,
        'aws:userid': identity ? [identity.account] : undefined,
        'aws:principaltype': [identity ? 'User' : 'Anonymous'],
        'aws:currenttime': [new Date().toISOString()],
        'aws:epochtime': [String(Math.floor(Date.now() / 1000))],
        ...question.conditions,
      },
    };
  }
}
