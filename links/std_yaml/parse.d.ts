export { parse, type ParseOptions, type SchemaType } from "./mod.d.ts";
