/**
 * `tenantry/http`: the service behind a Web-standard `Request` to `Response` handler. Start at {@link workspaceApi}.
 *
 * @packageDocumentation
 */
export { workspaceApi, type ContextArgument, type WorkspaceApi } from './api.js';
export type { ApiCall, WorkspaceApiOptions } from './options.js';
export { routeNames, type RouteName, type RouteShape } from './route.js';
export { sessionActor } from './sessions.js';
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
} from './openapi.js';
export type { AnswerName } from './answers.js';
