/**
 * A terminal's screen as an SVG.
 *
 * @module
 */

/** Size of a character and of the frame, in pixels. */
const [WIDTH, HEIGHT, MARGIN, BAR] = [8.4, 19, 16, 28];

/** The terminal's 16 colours, on a dark ground. */
const COLORS = [
  ...["#484f58", "#ff7b72", "#7ee787", "#e3b341"],
  ...["#79c0ff", "#d2a8ff", "#76e3ea", "#c9d1d9"],
  ...["#6e7681", "#ffa198", "#aff5b4", "#f2cc60"],
  ...["#a5d6ff", "#e2c5ff", "#b3f0ff", "#ffffff"],
];

/** Text of one look, at a column. */
interface Run {
  column: number;
  text: string;
  style: string;
}

/**
 * Draws lines as `tmux capture-pane -e` gives them: text with SGR sequences, of
 * which colours, bold and dim are drawn.
 *
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 *
 * const svg = terminalSvg(["$ \x1b[32mls <a>\x1b[0m"], "what is there");
 * assertStringIncludes(svg, '<title>what is there</title>');
 * assertStringIncludes(svg, ' fill="#7ee787">ls &lt;a&gt;</tspan>');
 * ```
 */
export function terminalSvg(lines: readonly string[], title: string): string {
  const drawn = lines.map(runs);
  const ends = drawn.flat().map(({ column, text }) => column + text.length);
  const width = Math.ceil(Math.max(40, ...ends) * WIDTH + 2 * MARGIN);
  const height = BAR + lines.length * HEIGHT + MARGIN;
  const rows = drawn.map((row, index) => {
    const y = BAR + (index + 1) * HEIGHT - 5;
    const spans = row.map(({ column, text, style }) => {
      const x = (MARGIN + column * WIDTH).toFixed(1);
      return `<tspan x="${x}"${style}>${escape(text)}</tspan>`;
    });
    return spans.length === 0
      ? ""
      : `<text y="${y}">${spans.join("")}</text>\n`;
  });
  const dots = ["#ff5f56", "#ffbd2e", "#27c93f"].map((fill, index) =>
    `<circle cx="${MARGIN + 4 + index * 18}" cy="16" r="5" fill="${fill}"/>`
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>${escape(title)}</title>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
${dots.join("")}
<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,monospace" font-size="14" fill="#c9d1d9" xml:space="preserve">
${rows.join("")}</g>
</svg>
`;
}

function runs(line: string): Run[] {
  const found: Run[] = [];
  let [column, style] = [0, ""];
  for (const [index, part] of line.split("\x1b[").entries()) {
    const end = index === 0 ? -1 : part.indexOf("m");
    if (index > 0) style = nextStyle(style, part.slice(0, end));
    const text = part.slice(end + 1);
    // Blanks take their place from the next run's column.
    for (const { 0: words, index: at } of text.matchAll(/\S+(?: \S+)*/g)) {
      found.push({ column: column + at, text: words, style });
    }
    column += text.length;
  }
  return found;
}

/** The attributes after the codes of an SGR sequence. */
function nextStyle(before: string, codes: string): string {
  let style = before;
  const colored = (fill: string) =>
    style.replace(/ fill="[^"]*"/, "") + (fill && ` fill="${fill}"`);
  for (const code of codes.replace(/38;5;/, "38:").split(";")) {
    const number = Number(code.replace("38:", ""));
    if (number === 0) style = "";
    else if (code.startsWith("38:")) style = colored(COLORS[number] ?? "");
    else if (number === 1) style += ' font-weight="bold"';
    else if (number === 2) style += ' opacity="0.6"';
    else if (number >= 30 && number <= 37) style = colored(COLORS[number - 30]);
    else if (number >= 90 && number <= 97) style = colored(COLORS[number - 82]);
    else if (number === 39) style = colored("");
  }
  return style;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}
