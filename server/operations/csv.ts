/**
 * A cell of CSV. Spreadsheets calculate what begins like a formula, whoever wrote it: such a text gets an apostrophe before it.
 * Numbers, also those of telephones, stay as they are.
 */
export function csvCell(value: unknown): string {
  const given =
    value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
  const isFormula = /^[\s\p{Cc}]*[=+\-@＝＋－＠]/u.test(given) && !/^[+-][\d\s().-]+$/.test(given);
  const text = isFormula ? `'${given}` : given;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
