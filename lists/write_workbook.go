package lists

import (
	"errors"
	"io"
	"iter"
)

// writeWorkbook writes a workbook of one sheet.
func writeWorkbook(_ io.Writer, _ Form, _ []string, _ iter.Seq2[[]string, error]) error {
	return errors.ErrUnsupported
}
