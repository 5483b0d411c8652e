/**
 * The part of `@cliffy/table` this project uses, over `cli-table3`. What the
 * real one prints is recorded in `tests/testdata/cliffy_table.json`.
 *
 * @module
 */

import CliTable from "cli-table3";

/** Characters of a table without border: nothing but the gap between columns. */
const NO_BORDER = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
};

/** A table that renders to text. Setters return the table. */
export class Table {
  #header: string[] = [];
  #body: string[][] = [];
  #padding = 1;
  #border = false;

  /** Sets the first row. */
  header(header: Array<string | number>): this {
    this.#header = header.map(String);
    return this;
  }

  /** Sets the rows below the header. */
  body(rows: Array<Array<string | number>>): this {
    this.#body = rows.map((row) => row.map(String));
    return this;
  }

  /** Sets the blanks beside a cell: right of it, on both sides with a border. */
  padding(padding: number): this {
    this.#padding = padding;
    return this;
  }

  /** Draws lines around the cells. */
  border(enable = true): this {
    this.#border = enable;
    return this;
  }

  /** The table as text, without a newline at the end. */
  toString(): string {
    const rows = [this.#header, ...this.#body];
    const columns = Math.max(...rows.map((row) => row.length));
    const blanks = this.#border ? this.#padding : 0;
    const table = new CliTable({
      head: this.#header,
      chars: this.#border
        ? {}
        : { ...NO_BORDER, middle: " ".repeat(this.#padding) },
      style: {
        head: [],
        border: [],
        "padding-left": blanks,
        "padding-right": blanks,
      },
    });
    for (const row of this.#body) {
      table.push([...row, ...Array(columns - row.length).fill("")]);
    }
    return table.toString();
  }
}
