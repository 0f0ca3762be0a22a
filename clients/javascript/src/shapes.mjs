// Shapes: what a value in an answer has to look like. A shape is a function (value, where) that returns the value as
// the client gives it to its caller, or throws a ContractViolation that says where the answer is wrong.

import { ContractViolation } from "./errors.mjs";

const INT32 = 2 ** 31 - 1;

function refuse(where, expected, found) {
  throw new ContractViolation(where, expected, found);
}

export function text({ pattern, least = 0, most = Infinity } = {}) {
  return (value, where) => {
    if (typeof value !== "string") refuse(where, "a text", value);
    // JSON Schema counts characters, JavaScript counts halves of surrogate pairs.
    const length = least > 0 || most < Infinity ? [...value].length : 0;
    if (length < least || length > most) refuse(where, `${least} to ${most} characters`, value);
    if (pattern && !pattern.test(value)) refuse(where, `a text like ${pattern}`, value);
    return value;
  };
}

export function word(...known) {
  return (value, where) => (known.includes(value) ? value : refuse(where, `one of ${known.join(", ")}`, value));
}

export function integer({ least = 0, most = INT32 } = {}) {
  return (value, where) =>
    Number.isInteger(value) && value >= least && value <= most
      ? value
      : refuse(where, `an integer from ${least} to ${most}`, value);
}

export function number({ least = -Infinity } = {}) {
  return (value, where) =>
    typeof value === "number" && Number.isFinite(value) && value >= least ? value : refuse(where, "a number", value);
}

export function boolean(value, where) {
  return typeof value === "boolean" ? value : refuse(where, "true or false", value);
}

const MOMENT = /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;

/** A moment as RFC 3339 writes it, given as a Date; null if it lies where a Date cannot reach. */
export function moment(value, where) {
  const parts = typeof value === "string" ? MOMENT.exec(value) : null;
  if (!parts) refuse(where, "a date and time of RFC 3339", value);
  // A leap second is a moment that Date does not know: it is taken for the next one.
  const leap = parts[6] === "60";
  const fraction = (parts[7] ?? "").slice(0, 4);
  const zone = parts[8].toUpperCase();
  const plain = `${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}:${parts[5]}:${leap ? "59" : parts[6]}${fraction}${zone}`;
  const found = new Date(plain);
  const day = new Date(Date.UTC(2000, Number(parts[2]), 0)).getUTCDate();
  if (Number.isNaN(found.getTime()) || Number(parts[3]) > day) refuse(where, "a moment that exists", value);
  return leap ? new Date(found.getTime() + 1000) : found;
}

export function list(item, { least = 0, most = Infinity } = {}) {
  return (value, where) => {
    if (!Array.isArray(value)) refuse(where, "an array", value);
    if (value.length < least || value.length > most) refuse(where, `${least} to ${most} items`, `${value.length}`);
    return value.map((each, index) => item(each, `${where}/${index}`));
  };
}

/** A value that may be null. */
export function nullable(shape) {
  return (value, where) => (value === null ? null : shape(value, where));
}

/** A property that may be left out; `undefined` stands for it. */
export function optional(shape) {
  return Object.assign((value, where) => shape(value, where), { optional: true });
}

/** An object; properties that are not named are left alone, since the service adds some every few months. */
export function object(properties = {}) {
  return (value, where) => {
    if (value === null || typeof value !== "object" || Array.isArray(value)) refuse(where, "an object", value);
    const found = {};
    for (const [name, shape] of Object.entries(properties)) {
      const place = `${where}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
      if (Object.hasOwn(value, name)) found[name] = shape(value[name], place);
      else if (!shape.optional) refuse(place, "a value", "nothing");
    }
    return found;
  };
}

/** Any JSON value, as it is. */
export function anything(value) {
  return value;
}
