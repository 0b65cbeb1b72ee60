// The shape of the OpenAPI document.

/** Plain JSON, as the OpenAPI specification defines it. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Title and version of the API. */
export interface OpenApiInfo {
  readonly title: string;
  readonly version: string;
  readonly description?: string;
}

/** A response of an operation. */
export interface OpenApiResponse {
  readonly description: string;
  /** By media type. */
  readonly content?: JsonObject;
}

/** One operation of an {@link OpenApiDocument}. */
export interface OpenApiOperation {
  /** The name of the method; your own routes have other names. */
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly security?: readonly JsonObject[];
  readonly parameters: readonly {
    readonly name: string;
    readonly in: 'path' | 'query';
    readonly required: boolean;
    readonly description: string;
    readonly schema: JsonObject;
  }[];
  readonly requestBody?: {
    readonly required: boolean;
    readonly content: { readonly 'application/json': { readonly schema: JsonObject } };
  };
  /** By status. */
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: JsonObject }>
  >;
}

/** An OpenAPI 3.1 document. */
export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: OpenApiInfo;
  readonly servers: readonly { readonly url: string }[];
  /** By path and lower-case verb. */
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonObject>>;
    readonly securitySchemes: JsonObject;
  };
}
