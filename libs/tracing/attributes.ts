/**
 * All attributes that a span may have, named by OpenTelemetry's semantic conventions where there
 * are some. There is no way to add another: no URL, body, id of a person, paper, case or window, no
 * message of an error.
 */
export interface Attributes {
  readonly 'http.request.method'?: string;
  /** The template, never the path. */
  readonly 'http.route'?: string;
  readonly 'http.response.status_code'?: number;
  /** The front door's number of the process that was asked. */
  readonly 'mianzheng.backend'?: string;
  /** Code of a problem. */
  readonly 'mianzheng.code'?: string;
  /** Type of the first of the events. */
  readonly 'mianzheng.event'?: string;
  readonly 'mianzheng.projection'?: string;
  readonly 'mianzheng.records'?: number;
  /** What kind of stream: the part of its name before the random one. */
  readonly 'mianzheng.stream'?: string;
  /** Name of a witness in the log's policy. */
  readonly 'mianzheng.witness'?: string;
  /** Class of an error from outside this code base. */
  readonly 'error.type'?: string;
}

const known: Readonly<Record<keyof Attributes, true>> = {
  'http.request.method': true,
  'http.route': true,
  'http.response.status_code': true,
  'mianzheng.backend': true,
  'mianzheng.code': true,
  'mianzheng.event': true,
  'mianzheng.projection': true,
  'mianzheng.records': true,
  'mianzheng.stream': true,
  'mianzheng.witness': true,
  'error.type': true,
};

/** The names of all of them. */
export const attributeNames: ReadonlySet<string> = new Set(Object.keys(known));

/**
 * A template, a code, a class: short, and without a run of digits, which a number of a person or a
 * paper would have.
 */
const harmless = (text: string): boolean =>
  /^[\w ./:*@+-]{0,120}$/.test(text) && !/\d{6}/.test(text);

/**
 * The attributes that may be exported. The types say the same; this holds where a value is not what
 * its caller assumed.
 */
export function lettingThrough(attributes: Attributes): Record<string, string | number> {
  const through: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(attributes) as [string, unknown][]) {
    if (!attributeNames.has(name)) continue;
    if (typeof value === 'number' || (typeof value === 'string' && harmless(value)))
      through[name] = value;
  }
  return through;
}
