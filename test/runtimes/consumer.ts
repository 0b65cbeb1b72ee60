// The types of the package, as those who use it compile against them.
import {
  defaultMatrix,
  WorkspaceService,
  isWorkspaceError,
  type Membership,
  type DefaultRole,
} from 'tenantry';
import { sessionActor, workspaceApi } from 'tenantry/http';
import { memoryQuota, memoryStorage } from 'tenantry/memory';
import { formatQuantity, parseQuantity } from 'tenantry/quantity';

const workspaces = new WorkspaceService({
  permissions: defaultMatrix,
  storage: memoryStorage(),
  quota: memoryQuota({ defaults: { pods: '5' } }),
  tokens: {
    keys: [{ kid: '1', alg: 'HS256', secret: 'a secret of 32 bytes, for this test' }],
    issuer: 'https://app.example',
    invitationUrl: 'https://app.example/join',
  },
});

export const api = workspaceApi({ workspaces, actor: (request) => sessionActor(workspaces, request) });

export async function join(token: string): Promise<Membership<DefaultRole> | string> {
  try {
    return await workspaces.acceptInvitation({ userId: 'u1' }, { token });
  } catch (error) {
    if (isWorkspaceError(error, 'LIMIT_EXCEEDED')) return error.details.which;
    throw error;
  }
}

export async function invite(workspaceId: string): Promise<string> {
  workspaces.on('member.joined', ({ data }) => data.role.toUpperCase());
  // @ts-expect-error: only a transfer makes an owner
  await workspaces.inviteMember({ userId: 'u1' }, { workspaceId, role: 'owner' });
  // @ts-expect-error: a quantity is more than a string
  return formatQuantity(parseQuantity('1.5Gi')) + formatQuantity('1.5Gi');
}
