import type * as z from 'zod';
import type { Failure, FailureCode } from '../domain/kernel/failure.ts';
import type { Limit } from '../domain/kernel/limits.ts';
import type { ErrorMapping } from './codec.ts';
import type { Document } from './documents/files.ts';
import type { DialectName, Operation, routes } from './routes.ts';

/** Operations of the OpenAPI document. */
export type DocumentedOperation = Exclude<Operation, 'answerUnrouted'>;

/** Dialects with a route for an operation. */
export type DialectServing<Name extends Operation> = Extract<
  (typeof routes)[number],
  { operation: Name }
>['dialect'];

export type Media = { readonly schema: z.ZodType; readonly example: object };

export interface PathParameter {
  readonly name: string;
  readonly description: string;
  readonly example: string;
}

export interface ErrorDoc {
  /** Cause, without a period at the end. */
  readonly text: string;
  readonly example: Failure;
  /** Limits of `too_many_requests`, in addition to those of the caller. */
  readonly limits: Readonly<Partial<Record<Limit, string>>>;
}

/** Errors of an operation. Absent parts have the default of the code. */
export type ErrorDocs = Readonly<Partial<Record<FailureCode, Partial<ErrorDoc>>>>;

/** Parameters, request and response of an operation in one dialect. */
export interface OperationContent {
  readonly parameter?: PathParameter;
  readonly childParameter?: PathParameter;
  readonly query?: z.ZodObject;
  readonly request?: Media;
  /** Absent for a response without a body. */
  readonly response?: Media | readonly Document[];
  readonly responseDescription: string;
  /** Description of the 204 of an operation that otherwise responds with a body. */
  readonly noContentDescription?: string;
  readonly acceptsIfMatch?: boolean;
  readonly acceptsIdempotencyKey?: boolean;
  readonly hasEtag?: boolean;
  /** Example of the `Location` header. */
  readonly location?: string;
  /** True if the tenant comes from the request, because the caller has no token. */
  readonly namesTenant?: boolean;
  readonly mapError?: ErrorMapping;
  /** Errors of this dialect alone. */
  readonly errors?: ErrorDocs;
}

/** OpenAPI texts of an operation. */
export interface OperationDoc<Dialect extends DialectName = DialectName> {
  /** Imperative, at most 6 words. */
  readonly summary: string;
  /** Markdown. */
  readonly description: string;
  /** Differences of a dialect, appended to the description. */
  readonly dialectNotes?: Readonly<Partial<Record<Dialect, string>>>;
  /** Errors of this operation, in addition to those of every operation. */
  readonly errors?: ErrorDocs;
  content(dialect: Dialect): OperationContent;
}

export type OperationDocs<Names extends DocumentedOperation> = {
  readonly [Name in Names]: OperationDoc<DialectServing<Name>>;
};

/** Section of the OpenAPI document. */
export interface ResourceDoc<Names extends DocumentedOperation = never> {
  readonly name: string;
  readonly description: string;
  /** Names in the dialects that call the resource something else. */
  readonly dialectNames?: Readonly<Partial<Record<DialectName, string>>>;
  readonly operations: OperationDocs<Names>;
}
