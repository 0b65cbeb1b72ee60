// Planted faults: the shipped commands with one mistake each, and the rule whose violation has to be found.
import { commands } from '../../src/commands/index.js';
import type { Actor } from '../../src/core/actor.js';
import type { Decision, DecisionContext } from '../../src/core/decision.js';
import type { PermissionMatrix } from '../../src/core/permissions.js';
import type { Snapshot } from '../../src/core/read-set.js';
import { refuse } from '../../src/core/refusals.js';
import type { Commands } from '../../src/testing/explore/generators.js';

export interface Fault {
  readonly title: string;
  readonly rule: string;
  readonly message: RegExp;
  readonly commands: Commands;
}

/** Grants every role but the owner's to everyone. */
const careless = (matrix: PermissionMatrix): PermissionMatrix => ({
  ...matrix,
  can: () => true,
  mayGrant: (_role, target) => target !== 'owner',
});

const { transferOwnership, changeRole, acceptInvitation, deleteWorkspace, removeMember, leaveWorkspace } =
  commands;
const { inviteMember, reissueInvitation, closeAccount, acceptOwnership, offerOwnership } = commands;

/** Treats every account as open. */
const asOpen = (snapshot: Snapshot): Snapshot => ({
  ...snapshot,
  accounts: new Map([...snapshot.accounts].map(([id, account]) => [id, { ...account, status: 'open' }])),
});

export const faults: readonly Fault[] = [
  {
    title: 'a transfer to a member who is closing the account',
    rule: 'A-09',
    message: /its owner has closed|closing, but owns/,
    commands: {
      ...commands,
      transferOwnership: {
        ...transferOwnership,
        limitedBy: (snapshot, command, actor) =>
          transferOwnership.limitedBy?.(asOpen(snapshot), command, actor) ?? null,
        decide: (snapshot, command, context) => transferOwnership.decide(asOpen(snapshot), command, context),
      },
    },
  },
  {
    title: 'an acceptance by a user who is closing the account',
    rule: 'A-09',
    message: /a member of .* with a closed account/,
    commands: {
      ...commands,
      acceptInvitation: {
        ...acceptInvitation,
        decide: (snapshot, command, context) => acceptInvitation.decide(asOpen(snapshot), command, context),
      },
      closeAccount: {
        ...closeAccount,
        decide: (snapshot, { step, ...command }, context) =>
          closeAccount.decide(
            snapshot,
            { ...command, step: step.kind === 'start' ? step : { kind: 'finish' } },
            context,
          ),
        read: (command, context) =>
          closeAccount.read(
            command.step.kind === 'start' ? command : { ...command, step: { kind: 'finish' } },
            context,
          ),
      },
    },
  },
  {
    title: 'a transfer that does not revoke the invitations that the former owner may no longer issue',
    rule: 'M-07',
    message: /its issuer may not invite/,
    commands: {
      ...commands,
      transferOwnership: { ...transferOwnership, decide: withoutRevocations(transferOwnership.decide) },
    },
  },
  {
    title: 'a removal that does not revoke the invitations of the member',
    rule: 'M-07',
    message: /its issuer may not invite/,
    commands: {
      ...commands,
      removeMember: { ...removeMember, decide: withoutRevocations(removeMember.decide) },
    },
  },
  {
    title: 'a change of role that lets any member make a manager',
    rule: 'T-07',
    message: /gives .* the role manager/,
    commands: {
      ...commands,
      changeRole: {
        ...changeRole,
        decide: (snapshot, command, context) =>
          changeRole.decide(snapshot, command, { ...context, matrix: careless(context.matrix) }),
      },
    },
  },
  {
    title: 'a reissue that lets any member vouch for any role',
    rule: 'T-07',
    message: /invites to the role/,
    commands: {
      ...commands,
      reissueInvitation: {
        ...reissueInvitation,
        decide: (snapshot, command, context) =>
          reissueInvitation.decide(snapshot, command, { ...context, matrix: careless(context.matrix) }),
      },
    },
  },
  {
    title: 'an offer of the ownership that any member may accept',
    rule: 'T-07',
    message: /gives .* the role owner/,
    commands: {
      ...commands,
      acceptOwnership: {
        ...acceptOwnership,
        decide(snapshot, command, context) {
          const { workspace } = snapshot;
          if (!workspace?.offer) return acceptOwnership.decide(snapshot, command, context);
          const offer = { ...workspace.offer, userId: context.actor.userId };
          return acceptOwnership.decide(
            { ...snapshot, workspace: { ...workspace, offer } },
            command,
            context,
          );
        },
      },
    },
  },
  {
    title: 'an offer of the ownership by any member',
    rule: 'T-07',
    message: /offers the ownership/,
    commands: {
      ...commands,
      offerOwnership: {
        ...offerOwnership,
        decide: (snapshot, command, context) =>
          offerOwnership.decide(snapshot, command, { ...context, matrix: careless(context.matrix) }),
      },
    },
  },
  {
    title: 'an invitation that ignores what the role of its issuer grants',
    rule: 'T-07',
    message: /invites to the role manager/,
    commands: {
      ...commands,
      inviteMember: {
        ...inviteMember,
        decide: (snapshot, command, context) =>
          inviteMember.decide(snapshot, command, { ...context, matrix: careless(context.matrix) }),
      },
    },
  },
  {
    title: 'an acceptance that does not count the use',
    rule: 'M-10',
    message: /open, but its recipient is a member/,
    commands: {
      ...commands,
      acceptInvitation: {
        ...acceptInvitation,
        decide(snapshot, proof, context) {
          const decision = acceptInvitation.decide(snapshot, proof, context);
          if (!decision.ok) return decision;
          const events = decision.events.map((event) =>
            event.type === 'invitation.accepted' ? { ...event, data: { ...event.data, uses: 0 } } : event,
          );
          return { ...decision, events };
        },
      },
    },
  },
  {
    title: 'an acceptance that ignores the role held at leaving',
    rule: 'T-07',
    message: /not a member, gives .* the role manager/,
    commands: {
      ...commands,
      acceptInvitation: {
        ...acceptInvitation,
        decide: (snapshot, proof, context) =>
          acceptInvitation.decide({ ...snapshot, departures: new Map() }, proof, context),
      },
    },
  },
  {
    title: 'an acceptance that ignores that the invitation has ended',
    rule: 'I-21',
    message: /acceptInvitation by .* succeeds, though the invitation has ended/,
    commands: {
      ...commands,
      acceptInvitation: {
        ...acceptInvitation,
        decide: (snapshot, proof, context) => acceptInvitation.decide(reopened(snapshot), proof, context),
      },
    },
  },
  {
    title: 'an acceptance that ignores who is invited',
    rule: 'T-07',
    message: /not a member, gives .* the role/,
    commands: {
      ...commands,
      acceptInvitation: {
        ...acceptInvitation,
        decide: (snapshot, proof, context) =>
          acceptInvitation.decide(
            { ...snapshot, invitation: snapshot.invitation && { ...snapshot.invitation, recipient: null } },
            proof,
            context,
          ),
      },
    },
  },
  {
    title: 'a deletion that is refused to the owner of a full workspace',
    rule: 'S-12',
    message: /the owner, cannot delete the workspace/,
    commands: {
      ...commands,
      deleteWorkspace: {
        ...deleteWorkspace,
        decide: (snapshot, command, context) =>
          snapshot.workspace?.memberCount === 3
            ? refuse('WORKSPACE_NOT_FOUND', command)
            : deleteWorkspace.decide(snapshot, command, context),
      },
    },
  },
  {
    title: 'an owner who can leave',
    rule: 'W-07',
    message: /0 owners/,
    commands: {
      ...commands,
      leaveWorkspace: {
        ...leaveWorkspace,
        decide: ({ workspace, ...snapshot }, command, context) =>
          leaveWorkspace.decide(
            { ...snapshot, workspace: workspace && { ...workspace, ownerId: 'dan' } },
            command,
            context,
          ),
      },
    },
  },
  {
    title: 'an invitation into a personal workspace',
    rule: 'A-05',
    message: /an invitation to a personal workspace/,
    commands: {
      ...commands,
      inviteMember: {
        ...inviteMember,
        decide: ({ workspace, ...snapshot }, command, context) =>
          inviteMember.decide(
            { ...snapshot, workspace: workspace && { ...workspace, kind: 'team' } },
            command,
            context,
          ),
      },
    },
  },
  {
    title: 'a decision that does not read the account that it changes',
    rule: 'S-12',
    message: /deleteWorkspace threw: Error/,
    commands: {
      ...commands,
      deleteWorkspace: {
        ...deleteWorkspace,
        read(command, context) {
          const { owner: _owner, ...readSet } = deleteWorkspace.read(command, context);
          return readSet;
        },
      },
    },
  },
];

function withoutRevocations<Command, Caller extends Actor>(
  decide: (snapshot: Snapshot, command: Command, context: DecisionContext<Caller>) => Decision,
): typeof decide {
  return (snapshot, command, context) => {
    const decision = decide(snapshot, command, context);
    if (!decision.ok) return decision;
    return { ...decision, events: decision.events.filter(({ type }) => type !== 'invitation.revoked') };
  };
}

/** The same records, with an invitation that can be accepted again. */
function reopened(snapshot: Snapshot): Snapshot {
  const { invitation } = snapshot;
  if (invitation === null) return snapshot;
  return { ...snapshot, invitation: { ...invitation, uses: 0, state: 'open' } };
}
