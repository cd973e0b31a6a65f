package bulk

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/portal"
	"foyer/portal/activity"
	"foyer/portal/bulk"
	"foyer/portal/directory"
	"foyer/views"
	pages "foyer/views/bulk"
	"foyer/views/ui"
)

// Handlers answers what is about bulk changes. All of its fields are required.
type Handlers struct {
	*kit.Kit
	Bulk      *bulk.Service
	Directory *directory.Directory
	Activity  *activity.Activity
}

const (
	// rowsShown is how many rows stand on one page, and lookShown how many that need
	// somebody stand on the page of one that runs.
	rowsShown, lookShown = 50, 20
	// listSize is how many bulk changes stand on one page.
	listSize = 50
	// refresh is after how many seconds the page of one at which something is done loads
	// itself again where there is no JavaScript.
	refresh = 5
)

// changeID is the number in the path; what is none names no bulk change.
func changeID(c echo.Context) (int64, error) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil || id < 1 {
		return 0, portal.ErrNotFound
	}
	return id, nil
}

// changeOf reads the bulk change that the path names.
func (h *Handlers) changeOf(c echo.Context) (bulk.Change, error) {
	id, err := changeID(c)
	if err != nil {
		return bulk.Change{}, err
	}
	return h.Bulk.Get(c.Request().Context(), kit.Actor(c), id)
}

// seenField is what a form has that says what its page showed: of the list, or of a row.
const seenField = "seen"

// versionOf is which version of a bulk change the page of a form showed. One that can't be
// read is none that there is.
func versionOf(form url.Values) int64 {
	version, err := strconv.ParseInt(form.Get("version"), 10, 64)
	if err != nil || version < 1 {
		return -1
	}
	return version
}

// forbidden is why somebody may not change a bulk change of a kind; empty when they may.
func forbidden(a auth.Actor, kind bulk.Kind) string {
	for _, p := range kind.Permissions() {
		if why := wording.Forbidden(a, p); why != "" {
			return why
		}
	}
	return ""
}

// madeBefore finds the bulk change that a form led to which somebody sends again: after a
// new sign-in, its token isn't one of this session any more.
func (h *Handlers) madeBefore(c echo.Context, token string) (made bulk.Change, found bool, err error) {
	return h.Bulk.Made(c.Request().Context(), kit.Actor(c), token)
}

// outOfDate is what is wrong with a form whose token is good for nothing.
func outOfDate() ui.Errors {
	return kit.FieldErrors([]portal.FieldError{{Fault: portal.Fault{Code: portal.OutOfDate}}})
}

// done answers a form of the page of a bulk change: the page again, with what came of it.
func (h *Handlers) done(c echo.Context, id int64, err error, flash ui.Flash) error {
	path := views.BulkChangePath(id)
	switch {
	case errors.Is(err, bulk.ErrStale):
		return h.SeeOther(c, path, ui.Flash{Kind: ui.AlertAsk, Title: "Nothing was changed.", Text: "It was changed or checked since the page was opened. Look at it as it is now."})
	case errors.Is(err, bulk.ErrNotNow):
		return h.SeeOther(c, path, ui.Flash{Kind: ui.AlertAsk, Title: "Nothing was changed.", Text: "It had got further than the page showed. This is how it is now."})
	}
	if found, ok := kit.FormErrors(err); ok {
		var words []string
		for _, e := range found {
			words = append(words, e.Message)
		}
		return h.SeeOther(c, path, ui.Flash{Kind: ui.AlertBad, Title: "Nothing was changed.", Text: strings.Join(words, " ")})
	} else if err != nil {
		return err
	}
	if flash.Title == "" {
		return c.Redirect(http.StatusSeeOther, path)
	}
	return h.SeeOther(c, path, flash)
}

// List handles GET /bulk.
func (h *Handlers) List(c echo.Context) error {
	number, err := kit.PageNumber(c)
	if err != nil {
		return err
	}
	a, now := kit.Actor(c), h.Now()
	changes, total, err := h.Bulk.List(c.Request().Context(), a, (number-1)*listSize, listSize)
	if err != nil {
		return err
	}
	page := pages.ListPage{
		Now: now, Pager: ui.NewPager(views.BulkPath, nil, number, listSize, total, nil),
		New: ui.ButtonProps{Label: "New bulk change", Href: views.NewBulkPath("", ""), Variant: ui.ButtonPrimary, Icon: ui.IconAdd, Forbidden: wording.Forbidden(a, auth.ChangeStatus)},
	}
	for _, change := range changes {
		page.Rows = append(page.Rows, listRow(change, now))
	}
	return h.Render(c, http.StatusOK, "Bulk changes", "bulk", pages.List(page))
}

func listRow(change bulk.Change, now time.Time) pages.ListRow {
	row := pages.ListRow{
		Href: views.BulkChangePath(change.ID), Number: strconv.FormatInt(change.ID, 10), Title: wording.BulkTitle(change), From: wording.BulkFrom(change),
		Status: wording.BulkStatus(change), Sums: wording.BulkTally(change.Sums), By: wording.ActorName(change.UploadedBy, change.Erased), At: change.CreatedAt,
		Reason: change.Reason,
	}
	if change.State.Started() {
		row.By, row.At, row.Started = wording.ActorName(change.StartedBy, change.Erased), change.StartedAt, true
	}
	row.When = wording.BulkUnused(change, now)
	switch {
	case change.State == bulk.Scheduled:
		row.When = "starts " + scheduledWords(change)
	case change.State == bulk.Running && change.Waits.Code != "":
		row.When, _ = wording.BulkWait(change.Waits, now)
	}
	return row
}

// scheduledWords say when a bulk change starts: as it was said, and in UTC.
func scheduledWords(c bulk.Change) string { return wording.BulkAt(c.At, c.Zone) }

// UnderWay counts the bulk changes that are under way, for the navigation.
type UnderWay struct {
	bulk *bulk.Service
	now  func() time.Time

	mu   sync.Mutex
	n    int
	read time.Time
}

// NewUnderWay counts those of a service.
func NewUnderWay(service *bulk.Service, now func() time.Time) *UnderWay {
	return &UnderWay{bulk: service, now: now}
}

// underWayFor is how long a count is believed: it is asked for by every page.
const underWayFor = 2 * time.Second

// Count is how many are under way; 0 where it can't be read.
func (u *UnderWay) Count(ctx context.Context, _ auth.Actor) int {
	u.mu.Lock()
	defer u.mu.Unlock()
	if now := u.now(); now.Sub(u.read) >= underWayFor || now.Before(u.read) {
		u.read, u.n = now, 0
		n, err := u.bulk.UnderWay(ctx)
		if err != nil {
			return 0
		}
		u.n = n
	}
	return u.n
}
