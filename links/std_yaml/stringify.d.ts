export { type SchemaType, stringify, type StringifyOptions } from "./mod.d.ts";
