// The types of an API: its context, its methods, and the schemas of a matrix.
import { describe, expectTypeOf, test } from 'vitest';
import type * as z from 'zod/mini';
import {
  sessionActor,
  workspaceApi,
  type ApiCall,
  type HttpErrorCode,
  type Problem,
  type RouteName,
  type RouteShape,
  type WorkspaceApi,
  type WorkspaceApiOptions,
} from '../../src/http/index.js';
import {
  corePermissions,
  definePermissionMatrix,
  schemasFor,
  defaultMatrix,
  type Actor,
  type CorePermission,
  type MatrixSchemas,
  type MethodName,
  type DefaultRole,
  type UserActor,
  type WorkspaceErrorCode,
  type WorkspaceService,
} from '../../src/index.js';

declare const workspaces: WorkspaceService;
declare const request: Request;
interface Env {
  readonly user: UserActor | null;
}

const matrix = definePermissionMatrix({
  permissions: ['database:drop'],
  roles: {
    owner: { permissions: [...corePermissions, 'database:drop'], grants: ['viewer'] },
    viewer: { permissions: ['workspace:view'], grants: [] },
  },
});
type StudioRole = 'owner' | 'viewer';
type StudioPermission = CorePermission | 'database:drop';
const schemas = { studio: schemasFor(matrix), sealos: schemasFor(defaultMatrix) };
type Studio = typeof schemas.studio;
type Sealos = typeof schemas.sealos;
declare const studio: WorkspaceService<StudioRole, StudioPermission>;

describe('the context', () => {
  test('is required if the actor function takes one', () => {
    const api = workspaceApi({
      workspaces,
      actor: (_, { user }: Env) => user,
      rateLimit: ({ context, actor, method }) => {
        expectTypeOf(context).toEqualTypeOf<Env>();
        expectTypeOf(actor).toEqualTypeOf<Actor | null>();
        expectTypeOf(method).toEqualTypeOf<RouteName>();
        return null;
      },
    });
    expectTypeOf(api).toEqualTypeOf<WorkspaceApi<Env>>();
    void api.fetch(request, { user: null });
    // @ts-expect-error the actor function needs one
    void api.fetch(request);
    // @ts-expect-error and not just any value
    void api.fetch(request, { user: 'ada' });
  });

  test('may be omitted if no option takes one', () => {
    const api = workspaceApi({ workspaces, actor: (incoming) => sessionActor(workspaces, incoming) });
    expectTypeOf(api).toEqualTypeOf<WorkspaceApi<unknown>>();
    void api.fetch(request);
    // further arguments of the framework are ignored
    void api.fetch(request, { user: null });
    expectTypeOf(api.fetch).toExtend<(incoming: Request, rest: { params: string }) => Promise<Response>>();
    expectTypeOf(api.fetch(request)).resolves.toEqualTypeOf<Response>();
    // so it can be mounted where handlers take only a request
    expectTypeOf<(incoming: Request) => Promise<Response>>().toEqualTypeOf(async (incoming: Request) =>
      api.fetch(incoming),
    );
  });

  test('may be required by the rate limit alone', () => {
    const rateLimit = ({ context }: ApiCall<{ readonly ip: string }>) => (context.ip === '' ? 1 : null);
    const api = workspaceApi({ workspaces, actor: () => null, rateLimit });
    void api.fetch(request, { ip: '10.0.0.1' });
    // @ts-expect-error the rate limit needs one
    void api.fetch(request);
  });
});

describe('a typo does not compile', () => {
  const actor = () => null;
  test('in a method', () => {
    void workspaceApi({ workspaces, actor, methods: ['inviteMember', 'activeWorkspace'] });
    // @ts-expect-error no such method
    void workspaceApi({ workspaces, actor, methods: ['invteMember'] });
    // @ts-expect-error it runs a function of the app
    void workspaceApi({ workspaces, actor, methods: ['withQuota'] });
  });

  test('in the name or the type of an option', () => {
    // @ts-expect-error no such option
    void workspaceApi({ workspaces, actor, ratelimit: () => null });
    // @ts-expect-error undefined would let every caller through
    void workspaceApi({ workspaces, actor, rateLimit: undefined });
    // @ts-expect-error true or false is not a number of seconds
    void workspaceApi({ workspaces, actor, rateLimit: () => false });
    // @ts-expect-error a string is not a list
    void workspaceApi({ workspaces, actor, trustedOrigins: 'https://app.example' });
    // @ts-expect-error the actor option is required
    void workspaceApi({ workspaces });
    // @ts-expect-error not an actor
    void workspaceApi({ workspaces, actor: () => ({ id: 'ada' }) });
  });

  test('in a code', () => {
    expectTypeOf<Problem['code']>().toEqualTypeOf<WorkspaceErrorCode | HttpErrorCode>();
    // @ts-expect-error no such code
    expectTypeOf<Problem>().toHaveProperty('code').toEqualTypeOf<'NOT_FOUND'>();
  });
});

test('every method but withQuota has a route', () => {
  expectTypeOf<RouteName>().toEqualTypeOf<Exclude<MethodName, 'withQuota'> | 'activeWorkspace'>();
});

test('the properties of an API are read-only', () => {
  type Routes = WorkspaceApi<unknown>['routes'];
  expectTypeOf<Routes>().toEqualTypeOf<Readonly<Partial<Record<RouteName, RouteShape>>>>();
  expectTypeOf<RouteShape>().toEqualTypeOf<Readonly<RouteShape>>();
});

describe('a custom matrix', () => {
  test('may be used by an API', () => {
    const api = workspaceApi({ workspaces: studio, actor: (incoming) => sessionActor(studio, incoming) });
    expectTypeOf(api).toEqualTypeOf<WorkspaceApi<unknown>>();
    expectTypeOf<WorkspaceApiOptions<StudioRole, StudioPermission, void>['workspaces']>().toEqualTypeOf<
      typeof studio
    >();
  });

  test('has schemas with its literals, without owner among the grantable roles', () => {
    expectTypeOf<z.output<Studio['changeRole']>['role']>().toEqualTypeOf<'viewer'>();
    expectTypeOf<z.output<Studio['inviteMember']>['role']>().toEqualTypeOf<'viewer'>();
    expectTypeOf<z.output<Studio['transferOwnership']>['formerOwnerRole']>().toEqualTypeOf<
      'viewer' | undefined
    >();
    expectTypeOf<z.output<Studio['can']>['permission']>().toEqualTypeOf<StudioPermission>();
    expectTypeOf<z.output<Studio['authorize']>['permission']>().toEqualTypeOf<StudioPermission>();
    expectTypeOf<z.output<Studio['explain']>['permission']>().toEqualTypeOf<StudioPermission>();
    expectTypeOf<keyof Studio>().toEqualTypeOf<MethodName>();
  });

  test('has schemas whose type has a name', () => {
    expectTypeOf(schemas.studio).toEqualTypeOf<MatrixSchemas<StudioRole, StudioPermission>>();
    expectTypeOf(schemas.sealos).toEqualTypeOf<MatrixSchemas<DefaultRole, CorePermission>>();
  });

  test('the output of the schemas is accepted by the methods', () => {
    const user: UserActor = { userId: 'ada' };
    void studio.inviteMember(user, {} as z.output<Studio['inviteMember']>);
    void studio.changeRole(user, {} as z.output<Studio['changeRole']>);
    void studio.transferOwnership(user, {} as z.output<Studio['transferOwnership']>);
    void studio.can(user, {} as z.output<Studio['can']>);
    void studio.listMembers(user, {} as z.output<Studio['listMembers']>);
    void studio.reserveQuota(user, {} as z.output<Studio['reserveQuota']>);
    // @ts-expect-error a role of another matrix
    void workspaces.inviteMember(user, {} as z.output<Studio['inviteMember']>);
  });

  test('the schemas of the default matrix have its names', () => {
    expectTypeOf<z.output<Sealos['changeRole']>['role']>().toEqualTypeOf<Exclude<DefaultRole, 'owner'>>();
    expectTypeOf<z.input<Sealos['can']>['permission']>().toEqualTypeOf<CorePermission>();
  });
});
