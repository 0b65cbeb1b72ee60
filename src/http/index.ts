/**
 * `tenantry/http`: the service behind a Web-standard `Request` to `Response` handler. Start at {@link workspaceApi}.
 *
 * @packageDocumentation
 */
export { workspaceApi, type ContextArgument, type WorkspaceApi } from './api.js';
export type { ApiCall, ProvisionCall, WorkspaceApiOptions } from './options.js';
export type { NewAccount, Provisioned } from './provision.js';
export { routeNames } from './route.js';
export type { RouteName, RouteShape } from './routes.js';
export { sessionActor, type SessionActor } from './sessions.js';
export { isCrossOrigin, type OriginOptions } from './origins.js';
export {
  HttpError,
  httpStatus,
  problemOf,
  problemResponse,
  securityHeaders,
  type HttpErrorCode,
  type Problem,
  type ProblemCode,
} from './problems.js';
export type {
  JsonObject,
  OpenApiDocument,
  OpenApiInfo,
  OpenApiOperation,
  OpenApiResponse,
} from './openapi-document.js';
