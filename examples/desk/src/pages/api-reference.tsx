// Renders an OpenAPI document: each operation with its parameters and responses.
import type { JsonObject, OpenApiDocument, OpenApiOperation } from 'tenantry/http';

export function ApiReference({ document }: { document: OpenApiDocument }) {
  const { info, servers, paths, components } = document;
  const operations = Object.entries(paths).flatMap(([path, byVerb]) =>
    Object.entries(byVerb).map(([verb, operation]) => ({ path, verb, operation })),
  );
  const tags = [...new Set(operations.flatMap(({ operation }) => operation.tags))];
  return (
    <>
      <p>{info.description}</p>
      <p>
        All paths start with <code>{servers[0]?.url}</code>. The OpenAPI document:{' '}
        <a href="/openapi.json">openapi.json</a>
      </p>
      {tags.map((tag) => (
        <section class="api" aria-labelledby={`tag-${tag}`} key={tag}>
          <h2 id={`tag-${tag}`}>{tag}</h2>
          {operations
            .filter(({ operation }) => operation.tags.includes(tag))
            .map(({ path, verb, operation }) => (
              <Operation
                {...{ path, verb, operation }}
                schemas={components.schemas}
                key={operation.operationId}
              />
            ))}
        </section>
      ))}
      <section class="api" aria-labelledby="answers">
        <h2 id="answers">responses</h2>
        {Object.entries(components.schemas).map(([name, schema]) => (
          <details class="fold" id={`schema-${name}`} key={name}>
            <summary>
              <code>{name}</code>
            </summary>
            <pre tabindex={0}>
              <code>{JSON.stringify(schema, null, 2)}</code>
            </pre>
          </details>
        ))}
      </section>
    </>
  );
}

interface OperationProps {
  readonly path: string;
  readonly verb: string;
  readonly operation: OpenApiOperation;
  readonly schemas: OpenApiDocument['components']['schemas'];
}

function Operation({ path, verb, operation, schemas }: OperationProps) {
  const { operationId, summary, parameters, requestBody, responses, security } = operation;
  const fields = [
    ...parameters.map(({ name, in: place, required, description, schema }) => ({
      ...{ name, place, required, description, schema },
    })),
    ...bodyFields(requestBody?.content['application/json'].schema),
  ];
  return (
    <details class="fold" id={operationId}>
      <summary>
        <span class="verb">{verb.toUpperCase()}</span> <code>{path}</code> <span class="what">{summary}</span>
      </summary>
      <div>
        {security === undefined && <p>Needs no session.</p>}
        {fields.length > 0 && (
          <table class="cards">
            <caption class="unseen">Parameters of {operationId}</caption>
            <thead>
              <tr>
                <th scope="col">Field</th>
                <th scope="col">In</th>
                <th scope="col">Type</th>
                <th scope="col">Meaning</th>
              </tr>
            </thead>
            <tbody>
              {fields.map(({ name, place, required, description, schema }) => (
                <tr key={name}>
                  <th scope="row">
                    <code>{name}</code>
                    {required ? '' : ' (optional)'}
                  </th>
                  <td data-label="In">{place}</td>
                  <td data-label="Type">{formOfSchema(schema)}</td>
                  <td data-label="Meaning">{description}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        <dl class="responses">
          {Object.entries(responses).map(([status, { description }]) => (
            <div key={status}>
              <dt>{status}</dt>
              <dd>
                {Object.hasOwn(schemas, description) ? (
                  <a href={`#schema-${description}`}>{description}</a>
                ) : (
                  description
                )}
              </dd>
            </div>
          ))}
        </dl>
      </div>
    </details>
  );
}

interface Field {
  readonly name: string;
  readonly place: string;
  readonly required: boolean;
  readonly description: string;
  readonly schema: JsonObject;
}

function bodyFields(schema: JsonObject | undefined): readonly Field[] {
  const { properties, required } = schema ?? {};
  if (!isObject(properties)) return [];
  return Object.entries(properties).map(([name, field]) => {
    const shape = isObject(field) ? field : {};
    const { description } = shape;
    return {
      name,
      place: 'body',
      required: Array.isArray(required) && required.includes(name),
      description: typeof description === 'string' ? description : '',
      schema: shape,
    };
  });
}

/** Describes a JSON Schema in a few words. */
function formOfSchema(schema: unknown): string {
  if (!isObject(schema)) return 'any value';
  const {
    type,
    enum: choices,
    const: constant,
    anyOf,
    minimum,
    maximum,
    maxLength,
    default: fallback,
  } = schema;
  const byDefault = fallback === undefined ? '' : `; ${JSON.stringify(fallback)} by default`;
  if (Array.isArray(anyOf)) return anyOf.map(formOfSchema).join(' or ') + byDefault;
  if (Array.isArray(choices)) return choices.map((choice) => JSON.stringify(choice)).join(' or ') + byDefault;
  if (constant !== undefined) return JSON.stringify(constant) + byDefault;
  if (type === 'integer') return `${String(minimum)} to ${String(maximum)}${byDefault}`;
  if (type === 'string' && typeof maxLength === 'number') return `text, at most ${maxLength}${byDefault}`;
  const { properties } = schema;
  if (isObject(properties)) return `{ ${Object.keys(properties).join(', ')} }`;
  return `${typeof type === 'string' ? type : 'any value'}${byDefault}`;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null;
}
