// What the public API rejects at compile time, and the types that it infers.
import { describe, expectTypeOf, test } from 'vitest';
import type * as z from 'zod/mini';
import { memoryStorage } from '../../src/adapters/memory/index.js';
import type { userActorSchema } from '../../src/core/actor.js';
import { workspaceApi } from '../../src/http/index.js';
import {
  corePermissions,
  defaultLimits,
  defaultMatrix,
  definePermissionMatrix,
  extendMatrix,
  isWorkspaceError,
  WorkspaceService,
  type Actor,
  type AccountEvent,
  type AnyWorkspaceService,
  type BeginTransaction,
  type commandSchemas,
  type CommandName,
  type CorePermission,
  type ErrorDetails,
  type EventOf,
  type EventType,
  type HookContext,
  type IssuedInvitation,
  type LimitName,
  type LimitSubject,
  type ChangedMember,
  type Member,
  type MethodName,
  type NamedInvitation,
  type OperatorActor,
  type QuotaEvent,
  type DefaultRole,
  type Session,
  type TenantryEvent,
  type UserActor,
  type WorkspaceError,
  type WorkspaceErrorCode,
  type WorkspaceEvent,
  type WorkspaceServiceOptions,
} from '../../src/index.js';
import { createTestWorkspaces, testTokens } from '../../src/testing/index.js';

declare const workspaces: WorkspaceService;
declare const actor: Actor;
declare const user: UserActor;
declare const operator: OperatorActor;
const workspaceId = 'ws-1';
const userId = 'u1';

describe('a typo does not compile', () => {
  test('in a role', () => {
    void workspaces.inviteMember(user, { workspaceId, role: 'developer' });
    // @ts-expect-error no such role
    void workspaces.inviteMember(user, { workspaceId, role: 'develper' });
    // @ts-expect-error no such role
    void workspaces.changeRole(user, { workspaceId, userId, role: 'admin' });
    // @ts-expect-error no such role
    void workspaces.transferOwnership(user, { workspaceId, userId, formerOwnerRole: 'Manager' });
  });

  test('in a permission', () => {
    void workspaces.can(user, { workspaceId, permission: 'workspace:view' });
    // @ts-expect-error no such permission
    void workspaces.can(user, { workspaceId, permission: 'workspace:veiw' });
    // @ts-expect-error no such permission
    void workspaces.authorize(user, { workspaceId, permission: 'delete' });
    // @ts-expect-error no such permission
    void workspaces.explain(user, { workspaceId, permission: 'constructor' });
  });

  test('in the permission of a quota call', () => {
    const own = createTestWorkspaces({
      permissions: extendMatrix(defaultMatrix, { permissions: ['database:create'] }),
    }).workspaces;
    const named = { workspaceId, reservationId: 'r' };
    const input = { ...named, amounts: { cpu: '1' } };
    void own.withQuota(user, { ...input, permission: 'database:create' }, () => 'created');
    void own.commitQuota(user, { ...named, permission: 'database:create' });
    // @ts-expect-error no such permission
    void own.withQuota(user, { ...input, permission: 'databse:create' }, () => 'created');
    // @ts-expect-error no such permission
    void own.reserveQuota(user, { ...input, permission: 'databse:create' });
    // @ts-expect-error no such permission
    void own.commitQuota(user, { ...named, permission: 'databse:create' });
    // @ts-expect-error no such permission
    void own.releaseQuota(user, { ...named, permission: 'databse:create' });
    // @ts-expect-error a permission of another matrix
    void workspaces.reserveQuota(user, { ...input, permission: 'database:create' });
  });

  test('in the type of an event', () => {
    workspaces.on('member.joined', () => undefined);
    // @ts-expect-error no such event
    workspaces.on('member.joind', () => undefined);
    // @ts-expect-error a command is not an event
    workspaces.on('inviteMember', () => undefined);
  });

  test('in the order of a list: only events can be listed in two orders', () => {
    void workspaces.listEvents(user, { workspaceId, order: 'newest' });
    void workspaces.listAccountEvents(user, { userId, order: 'oldest' });
    // @ts-expect-error no such order
    void workspaces.listEvents(user, { workspaceId, order: 'desc' });
    // @ts-expect-error no such order
    void workspaces.listAccountEvents(user, { userId, order: 'newst' });
    // @ts-expect-error members are listed in the order of joining
    void workspaces.listMembers(user, { workspaceId, order: 'newest' });
  });

  test('in the name of a command', () => {
    workspaces.before('inviteMember', () => undefined);
    // @ts-expect-error no such command
    workspaces.before('inviteMembr', () => undefined);
    // @ts-expect-error a query changes nothing, so it has no hook
    workspaces.before('listMembers', () => undefined);
  });

  test('in a key of an input or of the options', () => {
    // @ts-expect-error no such key
    void workspaces.createWorkspace(user, { name: 'Core', ownerId: 'u2' });
    const [storage, tokens, permissions] = [memoryStorage(), testTokens, defaultMatrix];
    new WorkspaceService({ storage, tokens, permissions });
    // @ts-expect-error no such option
    new WorkspaceService({ storage, tokens, permissions, quotas: {} });
    // @ts-expect-error a storage is needed
    new WorkspaceService({ tokens, permissions });
    // @ts-expect-error tokens are needed
    new WorkspaceService({ storage, permissions });
    // @ts-expect-error `undefined` is not a limit
    new WorkspaceService({ storage, tokens, permissions, limits: undefined });
    // @ts-expect-error no such code
    isWorkspaceError(null, 'NOT_FOUND');
  });
});

describe('the role owner cannot be assigned', () => {
  test('by an invitation, by a role change, or to the former owner', () => {
    // @ts-expect-error inviting to owner is not possible
    void workspaces.inviteMember(user, { workspaceId, role: 'owner' });
    // @ts-expect-error ownership is transferred
    void workspaces.changeRole(user, { workspaceId, userId, role: 'owner' });
    // @ts-expect-error there is one owner
    void workspaces.transferOwnership(user, { workspaceId, userId, formerOwnerRole: 'owner' });
  });

  test('by the grantable roles of a custom matrix', () => {
    void studio.inviteMember(user, { workspaceId, role: 'viewer' });
    // @ts-expect-error inviting to owner is not possible
    void studio.inviteMember(user, { workspaceId, role: 'owner' });
  });
});

const matrix = definePermissionMatrix({
  permissions: ['database:create', 'database:drop'],
  roles: {
    owner: {
      permissions: [...corePermissions, 'database:create', 'database:drop'],
      grants: ['editor', 'viewer'],
    },
    editor: { permissions: ['workspace:view', 'database:create'], grants: ['viewer'] },
    viewer: { permissions: ['workspace:view'], grants: [] },
  },
});
const studio = new WorkspaceService({ storage: memoryStorage(), tokens: testTokens, permissions: matrix });
type StudioRole = 'owner' | 'editor' | 'viewer';
type StudioPermission = CorePermission | 'database:create' | 'database:drop';

describe('the literals of a custom matrix', () => {
  test('are accepted by every method that takes a role or a permission', () => {
    expectTypeOf(studio).toEqualTypeOf<WorkspaceService<StudioRole, StudioPermission>>();
    void studio.changeRole(user, { workspaceId, userId, role: 'editor' });
    void studio.can(user, { workspaceId, permission: 'database:drop' });
    // @ts-expect-error a role of another matrix
    void studio.inviteMember(user, { workspaceId, role: 'developer' });
    // @ts-expect-error no such permission
    void studio.authorize(user, { workspaceId, permission: 'database:creat' });
    // @ts-expect-error a permission of another matrix
    void workspaces.can(user, { workspaceId, permission: 'database:create' });
  });

  test('are inferred in every answer', () => {
    expectTypeOf(studio.authorize(user, { workspaceId, permission: 'database:drop' })).resolves.toEqualTypeOf<
      Member<StudioRole>
    >();
    expectTypeOf<ReturnType<typeof studio.switchWorkspace>>().resolves.toEqualTypeOf<
      Session<StudioRole, StudioPermission>
    >();
    expectTypeOf<ReturnType<typeof workspaces.changeRole>>().resolves.toEqualTypeOf<
      ChangedMember<DefaultRole>
    >();
    expectTypeOf<ReturnType<typeof workspaces.inviteMember>>().resolves.toEqualTypeOf<
      IssuedInvitation<DefaultRole>
    >();
  });
});

describe('the permission matrix', () => {
  const needed = { storage: memoryStorage(), tokens: testTokens };
  type Service<Role extends string, Permission extends string> = WorkspaceService<Role, Permission>;

  test('gives the service its roles and permissions', () => {
    const byDefault = new WorkspaceService({ ...needed, permissions: defaultMatrix });
    expectTypeOf(byDefault).toEqualTypeOf<WorkspaceService>();
    const named: Service<StudioRole, StudioPermission> = new WorkspaceService({
      ...needed,
      permissions: matrix,
    });
    expectTypeOf(named).toEqualTypeOf(studio);
  });

  test('is required', () => {
    // @ts-expect-error no permissions
    new WorkspaceService(needed);
    // @ts-expect-error no permissions, with the types of a matrix
    new WorkspaceService<StudioRole, StudioPermission>(needed);
    // @ts-expect-error no permissions, with one role more than the default matrix
    new WorkspaceService<DefaultRole | 'viewer'>(needed);
    // @ts-expect-error no permissions, with one role less
    new WorkspaceService<'owner' | 'developer'>(needed);
    // @ts-expect-error no permissions, with one permission more
    new WorkspaceService<DefaultRole, StudioPermission>(needed);
    // @ts-expect-error no permissions, with any role
    new WorkspaceService<string, string>(needed);
    // @ts-expect-error the matrix of another service
    new WorkspaceService<StudioRole, StudioPermission>({ ...needed, permissions: defaultMatrix });
  });

  test('has no role that the declared service does not know', () => {
    const byDefault = { ...needed, permissions: defaultMatrix };
    // @ts-expect-error members can hold the role that the declared service does not know
    new WorkspaceService<'owner' | 'developer'>(byDefault);
    // @ts-expect-error the same, declared by the variable
    const named: Service<StudioRole, StudioPermission> = new WorkspaceService(byDefault);
    expectTypeOf(named).toEqualTypeOf(studio);
  });

  test('is passed on by a generic factory', () => {
    const create = <Role extends string, Permission extends string>(
      options: WorkspaceServiceOptions<Role, Permission>,
    ) => new WorkspaceService(options);
    expectTypeOf(create({ ...needed, permissions: matrix })).toEqualTypeOf(studio);
  });

  test('does not matter to a function over any service', () => {
    const use = (service: AnyWorkspaceService) => service;
    use(studio);
    use(workspaces);
  });

  test('leaves the other options their types', () => {
    new WorkspaceService({
      ...needed,
      permissions: matrix,
      limits: (subject) => {
        expectTypeOf(subject).toEqualTypeOf<LimitSubject>();
        return defaultLimits;
      },
      onListenerError: (_error, event) => {
        expectTypeOf(event).toEqualTypeOf<TenantryEvent>();
      },
    });
    expectTypeOf(createTestWorkspaces({ permissions: matrix }).workspaces).toEqualTypeOf(studio);
    expectTypeOf(createTestWorkspaces().workspaces).toEqualTypeOf(workspaces);
    void workspaceApi({ workspaces: studio, actor: () => null });
  });
});

describe('authorize', () => {
  const asked = { workspaceId, permission: 'workspace:view' } as const;

  test('returns a membership for a user, null for an operator, and either for an Actor', () => {
    expectTypeOf(workspaces.authorize(user, asked)).resolves.toEqualTypeOf<Member<DefaultRole>>();
    expectTypeOf(workspaces.authorize(operator, asked)).resolves.toEqualTypeOf<null>();
    expectTypeOf(workspaces.authorize(actor, asked)).resolves.toEqualTypeOf<Member<DefaultRole> | null>();
  });

  test('requires an actor', () => {
    // @ts-expect-error a user id is not an actor
    void workspaces.authorize('u1', asked);
    // @ts-expect-error null is not an actor
    void workspaces.authorize({}, asked);
    // @ts-expect-error only a user creates workspaces
    void workspaces.createWorkspace(operator, { name: 'Core' });
  });
});

describe('events, hooks and errors', () => {
  test('a listener of one type knows its data; a listener of all types must narrow by type', () => {
    workspaces.on('member.role-changed', ({ data }) => {
      expectTypeOf(data).toEqualTypeOf<{
        readonly userId: string;
        readonly from: string;
        readonly to: string;
      }>();
    });
    workspaces.on('*', (event) => {
      expectTypeOf(event).toEqualTypeOf<TenantryEvent>();
      if (event.type === 'account.switched') expectTypeOf(event.data.from).toEqualTypeOf<string>();
      if (!('workspaceId' in event)) expectTypeOf(event).toEqualTypeOf<AccountEvent>();
      else if ('version' in event) expectTypeOf(event).toEqualTypeOf<WorkspaceEvent>();
      else expectTypeOf(event).toEqualTypeOf<QuotaEvent>();
    });
    expectTypeOf<EventType>().toEqualTypeOf<TenantryEvent['type']>();
  });

  test('a listener of all types gets a union of all events', () => {
    // @ts-expect-error every event arrives, not only those of one type
    workspaces.on<'member.joined'>('*', ({ data }) => data.invitationId);
    workspaces.on('*', (event) => {
      // @ts-expect-error most events are not about an invitation
      return event.data.invitationId;
    });
    const joinedOrAll = (): 'member.joined' | '*' => 'member.joined';
    workspaces.on(joinedOrAll(), (event) => {
      expectTypeOf(event).toEqualTypeOf<TenantryEvent>();
    });
    const either = (): 'member.joined' | 'member.left' => 'member.joined';
    workspaces.on(either(), (event) => {
      expectTypeOf(event).toEqualTypeOf<EventOf<'member.joined'> | EventOf<'member.left'>>();
    });
    const hear = ({ data }: EventOf<'member.joined'>) => data.invitationId;
    workspaces.on('member.joined', hear);
    // @ts-expect-error it receives one type only
    workspaces.on('*', hear);
    // @ts-expect-error and no other
    workspaces.on('member.left', hear);
  });

  test('a hook knows its input, without the token', () => {
    workspaces.before('acceptInvitation', ({ command, input }) => {
      expectTypeOf(command).toEqualTypeOf<'acceptInvitation'>();
      expectTypeOf(input).toEqualTypeOf<NamedInvitation>();
      expectTypeOf(input).not.toHaveProperty('token');
    });
    workspaces.before('openAccount', (context) => {
      expectTypeOf(context.actor).toEqualTypeOf<UserActor>();
      // @ts-expect-error a hook may veto, but not change the input
      context.input = { userId: 'u2', username: 'x' };
    });
    expectTypeOf<CommandName>().toExtend<MethodName>();
  });

  test('a hook gets the same actor type as the method', () => {
    workspaces.before('setQuota', ({ actor }) => {
      expectTypeOf(actor.operator).toEqualTypeOf<string>();
    });
    workspaces.before('createWorkspace', ({ actor }) => {
      expectTypeOf(actor.userId).toEqualTypeOf<string>();
    });
    workspaces.before('renameWorkspace', ({ actor }) => {
      expectTypeOf(actor).toEqualTypeOf<Actor>();
    });
    type WithActor = Exclude<CommandName, 'openAccount'>;
    type Callers = { [Name in WithActor]: Parameters<WorkspaceService[Name]>[0] };
    type Told = { [Name in WithActor]: HookContext<Name>['actor'] };
    expectTypeOf<Told>().toEqualTypeOf<Callers>();
  });

  test('the code of an error determines its details', () => {
    const error: unknown = null;
    if (isWorkspaceError(error, 'LIMIT_EXCEEDED')) {
      expectTypeOf(error.details.which).toEqualTypeOf<LimitName>();
      expectTypeOf(error.code).toEqualTypeOf<'LIMIT_EXCEEDED'>();
      expectTypeOf(error.details).not.toHaveProperty('username');
    }
  });

  test('without a given code, the code of an error narrows its details', () => {
    type Handled = 'LIMIT_EXCEEDED' | 'NAME_TAKEN' | 'UNAVAILABLE' | 'CONFLICT';
    const error: unknown = null;
    if (!isWorkspaceError(error)) return;
    expectTypeOf(error.code).toEqualTypeOf<WorkspaceErrorCode>();
    expectTypeOf(error).toExtend<WorkspaceError>();
    switch (error.code) {
      case 'LIMIT_EXCEEDED':
        expectTypeOf(error.details.which).toEqualTypeOf<LimitName>();
        break;
      case 'NAME_TAKEN':
        expectTypeOf(error.details).toEqualTypeOf<ErrorDetails['NAME_TAKEN']>();
        expectTypeOf(error.details).not.toHaveProperty('which');
        break;
      case 'UNAVAILABLE':
      case 'CONFLICT':
        expectTypeOf(error.code).toEqualTypeOf<'UNAVAILABLE' | 'CONFLICT'>();
        expectTypeOf(error.retryable).toEqualTypeOf<boolean>();
        break;
      default:
        expectTypeOf(error.code).toEqualTypeOf<Exclude<WorkspaceErrorCode, Handled>>();
    }
    if (isWorkspaceError(error, 'VETOED')) expectTypeOf(error.details.command).toEqualTypeOf<string>();
  });

  test('a variable that is known to be a WorkspaceError is also narrowed by code', () => {
    const told = (error: WorkspaceError): string => {
      if (isWorkspaceError(error, 'NAME_TAKEN')) return error.details.name;
      expectTypeOf(error.code).toEqualTypeOf<WorkspaceErrorCode>();
      return error.message;
    };
    expectTypeOf(told).parameter(0).toEqualTypeOf<WorkspaceError>();
    const either = (): 'NAME_TAKEN' | 'USERNAME_TAKEN' => 'NAME_TAKEN';
    const error: unknown = null;
    if (!isWorkspaceError(error, either())) return;
    if (error.code === 'NAME_TAKEN') expectTypeOf(error.details.name).toEqualTypeOf<string>();
    else expectTypeOf(error.details.username).toEqualTypeOf<string>();
  });

  test('answers are read-only', async () => {
    const workspace = await workspaces.getWorkspace(user, { workspaceId });
    // @ts-expect-error a copy of past state, not a handle
    workspace.name = 'Other';
    const { items } = await workspaces.listMembers(user, { workspaceId });
    // @ts-expect-error lists are read-only, too
    items.length = 0;
  });
});

describe('withTransaction', () => {
  interface OwnTransaction {
    readonly insert: (name: string) => Promise<number>;
  }
  const begin: BeginTransaction<OwnTransaction> = (run) =>
    run({ storage: memoryStorage() }, { insert: () => Promise.resolve(1) });

  test('passes the value of begin, knows the roles of the service, and returns the result of the work', () => {
    const ended = workspaces.withTransaction(begin, async (inside, own) => {
      expectTypeOf(inside).toEqualTypeOf(workspaces);
      expectTypeOf(own).toEqualTypeOf<OwnTransaction>();
      return own.insert('first');
    });
    expectTypeOf(ended).toEqualTypeOf<Promise<number>>();
  });

  test('returns only the result of the work', () => {
    const madeUp = () => Promise.resolve('made up');
    // @ts-expect-error not the result of `run`
    void workspaces.withTransaction(madeUp, () => Promise.resolve(1));
  });
});

describe('public inputs and commandSchemas', () => {
  type Service = WorkspaceService<string, string>;
  type WithoutActor = 'openAccount' | 'previewInvitation' | 'verifySession';
  // Their schemas are one object with a check, and their inputs a union: either a token or the ids.
  type Answering = 'acceptInvitation' | 'declineInvitation';
  type WithInput = Exclude<MethodName, 'activeWorkspace'>;
  type InputOf<Name extends WithInput> = NonNullable<
    Name extends WithoutActor ? Parameters<Service[Name]>[0] : Parameters<Service[Name]>[1]
  >;
  type SchemaOf<Name extends MethodName> = z.input<(typeof commandSchemas)[Name]>;
  type Same<One, Other> = [One] extends [Other] ? ([Other] extends [One] ? true : false) : false;
  type Disagreeing<Names extends WithInput = Exclude<WithInput, Answering>> = {
    [Name in Names]: Same<InputOf<Name>, SchemaOf<Name>> extends true
      ? Same<keyof InputOf<Name>, keyof SchemaOf<Name>> extends true
        ? never
        : Name
      : Name;
  }[Names];

  test('accept the same, method for method and field for field', () => {
    expectTypeOf<Disagreeing>().toBeNever();
    expectTypeOf<InputOf<Answering>>().toExtend<SchemaOf<Answering>>();
    expectTypeOf<keyof InputOf<Answering>>().toEqualTypeOf<keyof SchemaOf<Answering>>();
    // The comparison can fail: inputs of two methods differ.
    expectTypeOf<Same<InputOf<'createWorkspace'>, SchemaOf<'renameWorkspace'>>>().toEqualTypeOf<false>();
  });

  test('with literal roles and permissions the input still fits its schema', () => {
    expectTypeOf<Parameters<WorkspaceService['inviteMember']>[1]>().toExtend<SchemaOf<'inviteMember'>>();
    expectTypeOf<Parameters<WorkspaceService['changeRole']>[1]>().toExtend<SchemaOf<'changeRole'>>();
    expectTypeOf<Parameters<WorkspaceService['transferOwnership']>[1]>().toExtend<
      SchemaOf<'transferOwnership'>
    >();
    expectTypeOf<Parameters<WorkspaceService['can']>[1]>().toExtend<SchemaOf<'can'>>();
  });

  test('the actor fits its schema', () => {
    expectTypeOf<Same<UserActor, z.input<typeof userActorSchema>>>().toEqualTypeOf<true>();
  });

  test('every method is in the registry, and vice versa', () => {
    type Methods = Exclude<keyof WorkspaceService, 'permissions' | 'on' | 'before' | 'withTransaction'>;
    expectTypeOf<Methods>().toEqualTypeOf<MethodName>();
  });

  test('the options include the matrix of the service', () => {
    expectTypeOf<WorkspaceServiceOptions<StudioRole, StudioPermission>['permissions']>().toEqualTypeOf<
      typeof matrix
    >();
  });
});
