// Plays single steps of a story: each is one call of the service.
import {
  WorkspaceService,
  defaultMatrix,
  isWorkspaceError,
  type Actor,
  type IssuedInvitation,
  type UserActor,
} from 'tenantry';
import type { Adapters } from './database.js';
import { listSteps } from './list-steps.js';
import { found, type Names } from './progress.js';
import { actOnQuota } from './quota.js';
import type { Step, StepOf, Story } from './story.js';
import { countText, minute } from './words.js';

/** The result of a step. `wrong` is set if the story expects another result. */
export interface Outcome {
  readonly result: string;
  readonly below?: readonly string[];
  readonly wrong?: string;
}

/** Plays single steps, and stores what they create under the names of the story. */
export interface Stage {
  /** @throws WorkspaceError if the service rejects the step */
  act(step: Step): Promise<Outcome>;
}

/**
 * A public secret, for stories only: store yours in a vault. It is fixed, so that links and sessions of one run stay
 * valid in the next.
 */
const DEMO_SECRET = 'a public secret for the demo stories only';

export function createStage(
  { people }: Story,
  { storage, quota }: Pick<Adapters, 'storage' | 'quota'>,
  names: Names,
): Stage {
  const { workspaces: ids, links, invitations: issued, sessions } = names;
  const workspaces = new WorkspaceService({
    storage,
    quota,
    permissions: defaultMatrix,
    tokens: {
      keys: [{ kid: 'demo', alg: 'HS256', secret: DEMO_SECRET }],
      issuer: 'https://app.example',
      invitationUrl: 'https://app.example/join',
    },
    clock: {
      now: () => Date.now() + names.waited,
      sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    },
  });

  return { act };

  async function act(step: Step): Promise<Outcome> {
    switch (step.do) {
      case 'open': {
        const { workspace } = await workspaces.openAccount({
          userId: step.by,
          username: step.by,
          displayName: people[step.by]?.displayName,
        });
        ids.set(step.by, workspace.id);
        return { result: `has ${workspace.id}, ${workspace.kind}` };
      }
      case 'renameAccount': {
        const { username } = await workspaces.renameAccount(actor(step.by), {
          userId: step.by,
          username: step.to,
        });
        return { result: `is now '${username}'` };
      }
      case 'create': {
        const workspace = await workspaces.createWorkspace(user(step.by), {
          name: step.name ?? step.workspace,
        });
        ids.set(step.workspace, workspace.id);
        return { result: `has ${workspace.id}, ${workspace.kind}` };
      }
      case 'rename': {
        const { name } = await workspaces.renameWorkspace(actor(step.by), { ...at(step), name: step.to });
        return { result: `is now '${name}'` };
      }
      case 'delete':
        await workspaces.deleteWorkspace(actor(step.by), { ...at(step), confirmName: step.confirm });
        return { result: 'done' };
      case 'transfer': {
        const { person, formerOwnerRole } = step;
        const input = { ...at(step), userId: person, formerOwnerRole };
        const { ownerId } = await workspaces.transferOwnership(actor(step.by), input);
        return { result: `owner is ${ownerId}` };
      }
      case 'invite':
        return kept(await workspaces.inviteMember(actor(step.by), invitationOf(step)), step.link);
      case 'reissue':
        return kept(
          await workspaces.reissueInvitation(actor(step.by), found(issued, step.link)),
          step.newLink,
        );
      case 'revoke':
        await workspaces.revokeInvitation(actor(step.by), found(issued, step.link));
        return { result: 'done' };
      case 'tamper': {
        const link = found(links, step.link);
        // in the middle of the signature
        const place = link.length - 20;
        const character = link[place] === 'A' ? 'B' : 'A';
        links.set(step.newLink, link.slice(0, place) + character + link.slice(place + 1));
        issued.set(step.newLink, found(issued, step.link));
        return { result: `'${step.newLink}' has '${character}' for '${link[place] ?? ''}'` };
      }
      case 'preview': {
        const preview = await workspaces.previewInvitation({ token: tokenIn(found(links, step.link)) });
        const { workspaceName, invitedBy, role, status } = preview;
        const result = `${status}: '${workspaceName}' as ${role}, from ${invitedBy ?? 'the host'}`;
        if (step.status === undefined || step.status === status) return { result };
        return { result, wrong: `shows ${status}, not ${step.status}` };
      }
      case 'accept': {
        const token = tokenIn(found(links, step.link));
        const { workspace, member } = await workspaces.acceptInvitation(user(step.by), { token });
        return { result: `${member.role} of '${workspace.name}'` };
      }
      case 'decline':
        await workspaces.declineInvitation(user(step.by), { token: tokenIn(found(links, step.link)) });
        return { result: 'done' };
      case 'race':
        return race(step);
      case 'switch': {
        const session = await workspaces.switchWorkspace(user(step.by), at(step));
        sessions.set(step.by, session.token);
        return { result: `${session.role}, ${countText(session.permissions.length, 'permission')}` };
      }
      case 'verify': {
        const token = sessions.get(step.by);
        if (token === undefined)
          return { result: 'has none', wrong: `has no session: ${step.by} never switched` };
        const { role } = await workspaces.verifySession({ token, fresh: true });
        return { result: `valid, as ${role}` };
      }
      case 'where': {
        const { workspace, source } = await workspaces.activeWorkspace(user(step.by));
        return { result: `'${workspace.name}', ${source}` };
      }
      case 'can': {
        const { allowed, reason, role } = await workspaces.explain(actor(step.by), {
          ...at(step),
          permission: step.permission,
        });
        const result = `${allowed ? 'yes' : 'no'}: ${reason}${role === null ? '' : ` to ${role}`}`;
        return allowed === step.allowed
          ? { result }
          : { result, wrong: `is ${allowed ? '' : 'not '}allowed: ${reason}` };
      }
      case 'changeRole': {
        const input = { ...at(step), userId: step.person, role: step.role };
        const { role } = await workspaces.changeRole(actor(step.by), input);
        return { result: `is ${role}` };
      }
      case 'remove':
        await workspaces.removeMember(actor(step.by), { ...at(step), userId: step.person });
        return { result: 'done' };
      case 'leave':
        await workspaces.leaveWorkspace(user(step.by), at(step));
        return { result: 'done' };
      case 'workspaces':
        return listSteps.workspaces(workspaces, user(step.by));
      case 'members':
      case 'invitations':
      case 'audit':
        return listSteps[step.do](workspaces, actor(step.by), at(step));
      case 'quota':
      case 'setQuota':
      case 'reserve':
      case 'commit':
      case 'release':
        return actOnQuota(step, workspaces, { ...at(step), actor: actor(step.by) });
      case 'wait':
        names.waited += step.days * 24 * 60 * 60 * 1000;
        return { result: `it is ${minute(new Date(Date.now() + names.waited))}` };
      default:
        return step satisfies never;
    }
  }

  function actor(name: string): Actor {
    return people[name]?.operator === true ? { operator: name } : user(name);
  }

  function user(name: string): UserActor {
    const { email, emailVerified } = people[name] ?? {};
    return { userId: name, email, emailVerified };
  }

  function at(step: { readonly workspace: string }): { readonly workspaceId: string } {
    return { workspaceId: found(ids, step.workspace) };
  }

  function invitationOf(step: StepOf<'invite'>): Parameters<typeof workspaces.inviteMember>[1] {
    const { role, uses, days, person, email } = step;
    const recipient = person === undefined ? email && { email } : { userId: person };
    return {
      ...at(step),
      role,
      maxUses: uses,
      ...(days !== undefined && { expiresInSeconds: Math.round(days * 24 * 60 * 60) }),
      ...(recipient && { recipient }),
    };
  }

  function kept({ invitation, url }: IssuedInvitation, label: string | undefined): Outcome {
    if (label !== undefined) {
      links.set(label, url);
      issued.set(label, { workspaceId: invitation.workspaceId, invitationId: invitation.id });
    }
    return { result: `open until ${minute(invitation.expiresAt)}`, below: [url] };
  }

  async function race({ people: racers, link, admitted }: StepOf<'race'>): Promise<Outcome> {
    const token = tokenIn(found(links, link));
    const answers = await Promise.allSettled(
      racers.map((name) => workspaces.acceptInvitation(user(name), { token })),
    );
    const lines = answers.map((answer, place) => {
      const name = racers[place] ?? '';
      if (answer.status === 'fulfilled') return `${name}: ${answer.value.member.role}`;
      const reason: unknown = answer.reason;
      if (!isWorkspaceError(reason)) throw reason;
      return `${name}: error: ${reason.code}`;
    });
    const winners = answers.filter(({ status }) => status === 'fulfilled').length;
    const result = `${winners} of ${racers.length} joined`;
    return {
      result,
      below: lines,
      ...(winners !== admitted && { wrong: `admits ${winners}, not ${admitted}` }),
    };
  }
}

/** A link holds the token in its fragment. */
function tokenIn(link: string): string {
  return new URL(link).hash.slice(1);
}
