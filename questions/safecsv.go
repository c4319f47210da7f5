package questions

import (
	"io"
	"strings"
)

// formulaBegins are what spreadsheets take for the beginning of a formula, or pass over before one.
// After OWASP, "CSV Injection", https://owasp.org/www-community/attacks/CSV_Injection.
const formulaBegins = "=+-@\t\r\n＝＋－＠"

// WriteSafeCSV writes the table of WriteCSV for spreadsheets, which run a cell that begins with =, +, - or @ as a formula, whoever wrote
// it. Such a cell, negative numbers among them, gets an apostrophe before it, and all cells are in quotes, so that none begins where a
// program parts cells at a semicolon. It does not read back as the same questions: nothing tells these apostrophes from those
// that a text had, so Read leaves them.
func WriteSafeCSV(w io.Writer, s *Set) error { return s.writeTable(w, safeCell) }

func safeCell(c string) string {
	if strings.IndexAny(c, formulaBegins) == 0 {
		c = "'" + c
	}
	return quoted(c)
}
