import { toJsonSchema } from '@valibot/to-json-schema';
import type * as v from 'valibot';
import { problems } from '../operations/errors.ts';
import type { Operation } from '../operations/operation.ts';

type JsonObject = Record<string, unknown>;

/** A schema as it travels. What JSON Schema cannot say (a check by code) is left to the description of the error. */
export function jsonSchemaOf(schema: v.GenericSchema): JsonObject {
  const { $schema: _dialect, ...rest } = toJsonSchema(schema, {
    errorMode: 'ignore',
    target: 'draft-2020-12',
  }) as JsonObject;
  return rest;
}

function parametersOf(operation: Operation, schema: JsonObject): JsonObject[] {
  const inPath = [...operation.http!.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!);
  const properties = (schema.properties ?? {}) as Record<string, JsonObject>;
  const required = (schema.required ?? []) as string[];
  const names = operation.http!.method === 'GET' ? Object.keys(properties) : inPath;
  const parameters: JsonObject[] = names.map((name) => ({
    name,
    in: inPath.includes(name) ? 'path' : 'query',
    required: inPath.includes(name) || required.includes(name),
    schema: properties[name] ?? { type: 'string' },
  }));
  const ref = (name: string) => ({ $ref: `#/components/parameters/${name}` });
  if (operation.kind === 'read') return parameters;
  const headers = [
    'IdempotencyKey',
    ...(operation.http!.method === 'POST' ? [] : ['IfMatch']),
    ...(operation.minimal ? ['Prefer'] : []),
  ];
  return [...parameters, ...headers.map(ref)];
}

function bodyOf(operation: Operation, schema: JsonObject): JsonObject | null {
  if (operation.http!.method === 'GET' || operation.http!.method === 'DELETE') {
    return null;
  }
  const inPath = [...operation.http!.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!);
  const properties = Object.fromEntries(
    Object.entries((schema.properties ?? {}) as JsonObject).filter(([name]) => !inPath.includes(name)),
  );
  const required = ((schema.required ?? []) as string[]).filter((name) => !inPath.includes(name));
  const body = schema.properties
    ? { ...schema, properties, ...(required.length > 0 ? { required } : { required: undefined }) }
    : schema;
  return { required: true, content: { 'application/json': { schema: JSON.parse(JSON.stringify(body)) } } };
}

function responsesOf(operation: Operation): JsonObject {
  const status = String(operation.http!.status ?? 200);
  const success =
    status === '204'
      ? { description: 'Done' }
      : operation.isFile
        ? { description: 'A file', content: { '*/*': { schema: { type: 'string' } } } }
        : {
            description: 'Success',
            content: { 'application/json': { schema: answersOf(operation) } },
          };
  return {
    [status]: success,
    '4XX': { $ref: '#/components/responses/Problem' },
    '5XX': { $ref: '#/components/responses/Problem' },
  };
}

function answersOf(operation: Operation): JsonObject {
  const whole = jsonSchemaOf(answerSchema(operation));
  return operation.minimal ? { anyOf: [whole, jsonSchemaOf(operation.minimal)] } : whole;
}

/** The session's token travels in the cookie, never in the body. */
function answerSchema(operation: Operation): v.GenericSchema {
  const entries = (operation.output as { entries?: Record<string, unknown> }).entries;
  if (operation.http?.cookie !== 'from-token' || !entries) {
    return operation.output;
  }
  const { token: _token, ...visible } = entries;
  return { ...operation.output, entries: visible } as unknown as v.GenericSchema;
}

function describe(operation: Operation): JsonObject {
  const schema = jsonSchemaOf(operation.input);
  const body = bodyOf(operation, schema);
  const needs = operation.permission ? `Needs \`${operation.permission}\`.` : `Open: ${operation.openBecause}`;
  return {
    operationId: operation.name.replaceAll('.', '_'),
    summary: operation.summary,
    description: `${needs} Risk: ${operation.risk}.`,
    tags: [operation.resource],
    ...(operation.permission === null ? { security: [] } : {}),
    parameters: parametersOf(operation, schema),
    ...(body ? { requestBody: body } : {}),
    responses: responsesOf(operation),
  };
}

const problemSchema = {
  type: 'object',
  required: ['type', 'title', 'status', 'code', 'detail', 'request_id'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', enum: Object.keys(problems) },
    detail: { type: 'string' },
    request_id: { type: 'string' },
    errors: { type: 'object', additionalProperties: { type: 'array', items: { type: 'string' } } },
  },
};

/** The OpenAPI 3.1 document of everything in the registry that has an HTTP door. */
export function openApiDocument(operations: readonly Operation[]): JsonObject {
  const open = operations.filter((operation) => operation.http);
  const paths: Record<string, JsonObject> = {};
  for (const operation of open) {
    const { path, method } = operation.http!;
    paths[path] = { ...paths[path], [method.toLowerCase()]: describe(operation) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'SCP Platform Operations',
      version: '1.0.0',
      description:
        'JSON endpoints of one tenant. Money is in integer minor units; errors are RFC 9457 problem documents.',
      license: { name: 'Proprietary', identifier: 'LicenseRef-Proprietary' },
    },
    servers: [{ url: '/', description: "The tenant's own host" }],
    security: [{ apiKey: [] }, { session: [] }],
    tags: [...new Set(open.map((operation) => operation.resource))].map((name) => ({
      name,
      description: `Operations on the resource ${name}`,
    })),
    paths,
    components: {
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer' },
        session: { type: 'apiKey', in: 'cookie', name: '__Host-scp_session' },
      },
      parameters: {
        IdempotencyKey: {
          name: 'Idempotency-Key',
          in: 'header',
          required: false,
          description: 'Makes a retry answer what the first call answered. Kept 24 hours.',
          schema: { type: 'string', minLength: 1, maxLength: 255 },
        },
        Prefer: {
          name: 'Prefer',
          in: 'header',
          required: false,
          description:
            'With `return=minimal` (RFC 7240) the answer holds ids alone, which a large batch is faster for.',
          schema: { type: 'string' },
        },
        IfMatch: {
          name: 'If-Match',
          in: 'header',
          required: false,
          description: 'The ETag of the last read.',
          schema: { type: 'string' },
        },
      },
      responses: {
        Problem: {
          description: 'A problem document',
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
      schemas: { Problem: problemSchema },
    },
  };
}
