package kit

import (
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"foyer/views/ui"
)

const (
	// defaultPageSize is how many rows a list shows until somebody chooses.
	defaultPageSize = 50
	// MaxPage keeps page × size far from overflowing.
	MaxPage = 1_000_000
	// pageSizeKey is where a session remembers the size that was chosen last.
	pageSizeKey = "size"
)

// PageSizes are the lengths of a page to choose from.
var PageSizes = []int{20, 50, 100}

// PageNumber is the page that the query asks for, from 1; the first when it
// asks for none. What is no page number is a bad request.
func PageNumber(c echo.Context) (int, error) {
	asked := c.QueryParam(ui.PageParameter)
	if asked == "" {
		return 1, nil
	}
	page, err := strconv.Atoi(asked)
	if err != nil || page < 1 || page > MaxPage {
		return 0, BadRequest("A page is a number from 1 to %s.", ui.Number(MaxPage))
	}
	return page, nil
}

// PageSize is the length of a page that the query asks for, which the session
// then remembers; else the one remembered; else the default. What is not one
// of pageSizes is a bad request.
func (k *Kit) PageSize(c echo.Context) (int, error) {
	if asked := c.QueryParam(ui.SizeParameter); asked != "" {
		size, err := strconv.Atoi(asked)
		if err != nil || !slices.Contains(PageSizes, size) {
			return 0, BadRequest("A page can have 20, 50 or 100 rows.")
		}
		k.Remember(c, "page size", pageSizeKey, asked)
		return size, nil
	}
	kept, _ := strconv.Atoi(k.Sessions.Value(c.Request(), pageSizeKey))
	if slices.Contains(PageSizes, kept) {
		return kept, nil
	}
	return defaultPageSize, nil
}

// Remember keeps a choice in the session, if it can: the page is shown as chosen all the
// same.
func (k *Kit) Remember(c echo.Context, what, key, value string) {
	if err := k.Sessions.SetValue(c.Response(), c.Request(), key, value); err != nil {
		k.worksWithout(c, what, err)
	}
}

// BeforeSeq is the sequence number below which the query wants a page of the
// ledger to begin; 0, for the newest, when it says nothing.
func BeforeSeq(c echo.Context) (int64, error) {
	asked := c.QueryParam("before")
	if asked == "" {
		return 0, nil
	}
	seq, err := strconv.ParseInt(asked, 10, 64)
	if err != nil || seq < 1 {
		return 0, BadRequest("The place in the record is not a number.")
	}
	return seq, nil
}
