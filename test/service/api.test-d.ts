// What the compiler refuses, and what it knows of an answer.
import { describe, expectTypeOf, test } from 'vitest';
import type * as z from 'zod/mini';
import { memoryStorage } from '../../src/adapters/memory/index.js';
import type { userActorSchema } from '../../src/domain/actor.js';
import { workspaceApi } from '../../src/http/index.js';
import {
  corePermissions,
  defaultLimits,
  definePermissionMatrix,
  isWorkspaceError,
  WorkspaceService,
  type Actor,
  type AccountEvent,
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
  type Member,
  type MethodName,
  type NamedInvitation,
  type OperatorActor,
  type QuotaEvent,
  type SealosRole,
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

  test('in the type of an event', () => {
    workspaces.on('member.joined', () => undefined);
    // @ts-expect-error no such event
    workspaces.on('member.joind', () => undefined);
    // @ts-expect-error a command is no event
    workspaces.on('inviteMember', () => undefined);
  });

  test('in the order of a trail, which no other list has', () => {
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
    // @ts-expect-error a query changes nothing, so there is nothing to veto
    workspaces.before('listMembers', () => undefined);
  });

  test('in a key of an input or of the options', () => {
    // @ts-expect-error no such key
    void workspaces.createWorkspace(user, { name: 'Core', ownerId: 'u2' });
    // @ts-expect-error no such option
    new WorkspaceService({ storage: memoryStorage(), tokens: testTokens, quotas: {} });
    // @ts-expect-error a storage is needed
    new WorkspaceService({ tokens: testTokens });
    // @ts-expect-error `undefined` is no limit
    new WorkspaceService({ storage: memoryStorage(), tokens: testTokens, limits: undefined });
    // @ts-expect-error no such code
    isWorkspaceError(null, 'NOT_FOUND');
  });
});

describe('owner is not for giving', () => {
  test('by an invitation, a role change, or as what the former owner becomes', () => {
    // @ts-expect-error nobody is invited to own
    void workspaces.inviteMember(user, { workspaceId, role: 'owner' });
    // @ts-expect-error ownership is transferred
    void workspaces.changeRole(user, { workspaceId, userId, role: 'owner' });
    // @ts-expect-error there is one owner
    void workspaces.transferOwnership(user, { workspaceId, userId, formerOwnerRole: 'owner' });
  });

  test("nor in a matrix of one's own, whose other roles may be given", () => {
    void studio.inviteMember(user, { workspaceId, role: 'viewer' });
    // @ts-expect-error nobody is invited to own
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

describe("the literals of a matrix of one's own", () => {
  test('flow to every method that takes a role or a permission', () => {
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

  test('flow to every answer', () => {
    expectTypeOf(studio.authorize(user, { workspaceId, permission: 'database:drop' })).resolves.toEqualTypeOf<
      Member<StudioRole>
    >();
    expectTypeOf<ReturnType<typeof studio.switchWorkspace>>().resolves.toEqualTypeOf<
      Session<StudioRole, StudioPermission>
    >();
    expectTypeOf<ReturnType<typeof workspaces.changeRole>>().resolves.toEqualTypeOf<Member<SealosRole>>();
    expectTypeOf<ReturnType<typeof workspaces.inviteMember>>().resolves.toEqualTypeOf<
      IssuedInvitation<SealosRole>
    >();
  });
});

describe('the matrix', () => {
  const needed = { storage: memoryStorage(), tokens: testTokens };
  type Service<Role extends string, Permission extends string> = WorkspaceService<Role, Permission>;

  test('may be left out where roles and permissions are those of the default', () => {
    expectTypeOf(new WorkspaceService(needed)).toEqualTypeOf<WorkspaceService>();
    expectTypeOf(new WorkspaceService<SealosRole>(needed)).toEqualTypeOf<WorkspaceService>();
    const named: WorkspaceService = new WorkspaceService(needed);
    expectTypeOf(named.permissions).toEqualTypeOf(workspaces.permissions);
  });

  test('must be given where they are others, or not all of them', () => {
    // @ts-expect-error the permissions of another matrix
    new WorkspaceService<StudioRole, StudioPermission>(needed);
    // @ts-expect-error also by the type of what it is kept in
    const named: Service<StudioRole, StudioPermission> = new WorkspaceService(needed);
    // @ts-expect-error a permission more
    new WorkspaceService<SealosRole, StudioPermission>(needed);
    // @ts-expect-error a role more
    new WorkspaceService<SealosRole | 'viewer'>(needed);
    // @ts-expect-error a role less: members may hold it all the same
    new WorkspaceService<'owner' | 'developer'>(needed);
    // @ts-expect-error any role whatsoever
    new WorkspaceService<string, string>(needed);
    const given: Service<StudioRole, StudioPermission> = new WorkspaceService({
      ...needed,
      permissions: matrix,
    });
    expectTypeOf(given).toEqualTypeOf(studio);
    expectTypeOf(named).toEqualTypeOf(studio);
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

  test('answers a user with a membership, an operator with null, and either with either', () => {
    expectTypeOf(workspaces.authorize(user, asked)).resolves.toEqualTypeOf<Member<SealosRole>>();
    expectTypeOf(workspaces.authorize(operator, asked)).resolves.toEqualTypeOf<null>();
    expectTypeOf(workspaces.authorize(actor, asked)).resolves.toEqualTypeOf<Member<SealosRole> | null>();
  });

  test('needs an actor', () => {
    // @ts-expect-error a user id is no actor
    void workspaces.authorize('u1', asked);
    // @ts-expect-error nobody is no actor
    void workspaces.authorize({}, asked);
    // @ts-expect-error only a person creates workspaces
    void workspaces.createWorkspace(operator, { name: 'Core' });
  });
});

describe('events, hooks and errors', () => {
  test('a listener knows the data of its type, one of all types must ask', () => {
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

  test('a listener of all types is told of no type alone', () => {
    // @ts-expect-error every event is heard, not those of the type
    workspaces.on<'member.joined'>('*', ({ data }) => data.invitationId);
    workspaces.on('*', (event) => {
      // @ts-expect-error most events are about no invitation
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
    // @ts-expect-error it hears of one type only
    workspaces.on('*', hear);
    // @ts-expect-error and of no other
    workspaces.on('member.left', hear);
  });

  test('a hook knows its input, and no token', () => {
    workspaces.before('acceptInvitation', ({ command, input }) => {
      expectTypeOf(command).toEqualTypeOf<'acceptInvitation'>();
      expectTypeOf(input).toEqualTypeOf<NamedInvitation>();
      expectTypeOf(input).not.toHaveProperty('token');
    });
    workspaces.before('openAccount', (context) => {
      expectTypeOf(context.actor).toEqualTypeOf<UserActor>();
      // @ts-expect-error a hook may veto, not alter
      context.input = { userId: 'u2', username: 'x' };
    });
    expectTypeOf<CommandName>().toExtend<MethodName>();
  });

  test('a hook knows as much of the actor as the method does', () => {
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

  test('the details of an error are those of its code', () => {
    const error: unknown = null;
    if (isWorkspaceError(error, 'LIMIT_EXCEEDED')) {
      expectTypeOf(error.details.which).toEqualTypeOf<LimitName>();
      expectTypeOf(error.code).toEqualTypeOf<'LIMIT_EXCEEDED'>();
      expectTypeOf(error.details).not.toHaveProperty('username');
    }
  });

  test('without a code, the code of an error tells its details', () => {
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

  test('an error that is known for one is told by its code as well', () => {
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

  test('what is returned is read-only', async () => {
    const workspace = await workspaces.getWorkspace(user, { workspaceId });
    // @ts-expect-error a view of the past, not a handle
    workspace.name = 'Other';
    const { items } = await workspaces.listMembers(user, { workspaceId });
    // @ts-expect-error as are its lists
    items.length = 0;
  });
});

describe('a transaction of the host’s', () => {
  interface OwnTransaction {
    readonly insert: (name: string) => Promise<number>;
  }
  const begin: BeginTransaction<OwnTransaction> = (run) =>
    run({ storage: memoryStorage() }, { insert: () => Promise.resolve(1) });

  test('hands over what begin hands over, with the roles of the service, and answers what the work does', () => {
    const ended = workspaces.withTransaction(begin, async (inside, own) => {
      expectTypeOf(inside).toEqualTypeOf(workspaces);
      expectTypeOf(own).toEqualTypeOf<OwnTransaction>();
      return own.insert('first');
    });
    expectTypeOf(ended).toEqualTypeOf<Promise<number>>();
  });

  test('answers nothing but what ran inside', () => {
    const madeUp = () => Promise.resolve('made up');
    // @ts-expect-error not what `run` answered
    void workspaces.withTransaction(madeUp, () => Promise.resolve(1));
  });
});

describe('the public inputs and commandSchemas', () => {
  type Service = WorkspaceService<string, string>;
  type WithoutActor = 'openAccount' | 'previewInvitation' | 'verifySession';
  type InputOf<Name extends MethodName> = NonNullable<
    Name extends WithoutActor ? Parameters<Service[Name]>[0] : Parameters<Service[Name]>[1]
  >;
  type SchemaOf<Name extends MethodName> = z.input<(typeof commandSchemas)[Name]>;
  type Same<One, Other> = [One] extends [Other] ? ([Other] extends [One] ? true : false) : false;
  type Disagreeing<Names extends MethodName = MethodName> = {
    [Name in Names]: Same<InputOf<Name>, SchemaOf<Name>> extends true
      ? Same<keyof InputOf<Name>, keyof SchemaOf<Name>> extends true
        ? never
        : Name
      : Name;
  }[Names];

  test('take the same, method for method and key for key', () => {
    expectTypeOf<Disagreeing>().toBeNever();
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

  test('so do the actor and its schema', () => {
    expectTypeOf<Same<UserActor, z.input<typeof userActorSchema>>>().toEqualTypeOf<true>();
  });

  test('every method that takes an input has a schema, and the reverse', () => {
    type Methods = Exclude<
      keyof WorkspaceService,
      'permissions' | 'on' | 'before' | 'activeWorkspace' | 'withTransaction' | 'inTransaction'
    >;
    expectTypeOf<Methods>().toEqualTypeOf<MethodName>();
  });

  test('the options name the matrix of the service', () => {
    expectTypeOf<WorkspaceServiceOptions<StudioRole, StudioPermission>['permissions']>().toEqualTypeOf<
      typeof matrix | undefined
    >();
  });
});
