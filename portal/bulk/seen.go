package bulk

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
)

// Seen is the same for as long as the list is the one that somebody saw, with the same
// columns: forms about all of it have it.
func (c Change) Seen() string {
	parts := []any{c.Digest}
	for _, column := range c.Columns {
		parts = append(parts, column.Name, column.Field)
	}
	return seen(parts...)
}

// Seen is the same for as long as a row is about the same person, and the same is to be done
// with it for the same reason: forms that say whether it is in or out have it.
func (r Row) Seen() string { return seen(r.key(), r.UserID, r.Decision, r.State, r.Action, r.Code) }

// SeenCells is the same for as long as a row's cells are as somebody saw them: the form that
// edits them has it.
func (r Row) SeenCells() string {
	parts := []any{r.Line}
	for _, cell := range r.Cells {
		parts = append(parts, cell)
	}
	return seen(parts...)
}

// seen is short for some texts.
func seen(parts ...any) string {
	h := fnv.New64a()
	for _, part := range parts {
		text := fmt.Sprint(part)
		_, _ = h.Write([]byte(strconv.Itoa(len(text)) + ":" + text)) // never fails
	}
	return strconv.FormatUint(h.Sum64(), 36)
}

// mostTouched is up to how many rows that were changed are checked without the others.
const mostTouched = 200

// touch notes which rows have to be checked because of a change: those that it was about
// where the others can't become another thing by it, or else all.
func (c *Change) touch(what EditCode, rows []Row) {
	alone := c.Kind == Create || c.Kind == Onboard
	switch what {
	case EditCells, EditMended, EditDecision, EditDomain:
	case EditNothing, EditList, EditColumns, EditLetters, EditDisabled:
		alone = false
	}
	unchecked := c.State == Checking && len(c.Touched) == 0 || c.State == Draft && c.Plan == ""
	if !alone || unchecked || len(c.Touched)+len(rows) > mostTouched {
		c.Touched = nil
		return
	}
	for _, r := range rows {
		c.Touched = append(c.Touched, r.N)
	}
	slices.Sort(c.Touched)
	c.Touched = slices.Compact(c.Touched)
}

// touched are the places, from 0, of the rows that have to be checked when some were
// changed: these, those that were duplicates of them, and those that have their addresses
// now.
func (c Change) touched(rows []Row) []int {
	keys := map[string]bool{}
	for _, r := range rows {
		if c.read(&r); slices.Contains(c.Touched, r.N) && r.key() != "" {
			keys[r.key()] = true
		}
	}
	var at []int
	for i, r := range rows {
		duplicate := r.Code == Duplicate && slices.Contains(c.Touched, r.Facts.Row)
		if c.read(&r); duplicate || keys[r.key()] || slices.Contains(c.Touched, r.N) {
			at = append(at, i)
		}
	}
	return at
}
