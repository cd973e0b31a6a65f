package activity

import (
	"context"
	"iter"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/ledger"
	"foyer/views"
	"foyer/views/ui"
)

// Export handles GET /audit.csv: what the list with the same query shows, all
// of its pages, and the calls of bulk changes, which the list may leave out.
func (h *Handlers) Export(c echo.Context) error {
	q, filter, problems := readActivityFilter(c.QueryParams())
	if problems.Any() {
		return kit.BadRequest("One of the filters can’t be: %s", problems[0].Message)
	}

	// The events are counted before they are sent, because the record of the
	// export comes first. What is recorded from here on, that export itself
	// included, is not in the file.
	ctx, a := c.Request().Context(), kit.Actor(c)
	count, newest, err := h.Activity.Count(ctx, a, filter)
	if err != nil {
		return err
	}
	what := views.WithQuery("audit.csv", q)
	if err := h.Activity.RecordExport(ctx, a, auth.SeeActivity, what, count); err != nil {
		return err
	}
	if count == 0 {
		return h.SendCSV(c, h.DatedFile("audit.csv"), EventColumns, kit.Whole(nil))
	}
	return h.SendCSV(c, h.DatedFile("audit.csv"), EventColumns, func(yield func([]string, error) bool) {
		for e, err := range h.events(ctx, a, filter, newest+1) {
			if !yield(EventCells(e), err) || err != nil {
				return
			}
		}
	})
}

// events gives all events of a filter below a sequence number, 0 for all,
// newest first. It ends with an error when a page can't be read.
func (h *Handlers) events(ctx context.Context, a auth.Actor, f ledger.Filter, before int64) iter.Seq2[ledger.Event, error] {
	return func(yield func(ledger.Event, error) bool) {
		for {
			page, err := h.Activity.List(ctx, a, f, ledger.Page{Before: before, Limit: exportPageSize})
			if err != nil {
				yield(ledger.Event{}, err)
				return
			}
			for _, e := range page.Events {
				if !yield(e, nil) {
					return
				}
			}
			if before = page.Next; before == 0 {
				return
			}
		}
	}
}

// EventColumns is the heading of a file of events for spreadsheets.
var EventColumns = []string{
	"Number", "Time (UTC)", "Action", "Outcome", "By", "By e-mail", "By subject", "By issuer", "Roles", "Address", "Browser", "Session", "Reference",
	"Company", "Company id", "People", "People ids", "Before", "After", "Reason", "Ticket", "Note",
	"Operation", "HTTP status", "Code", "Trace id", "Change id", "Erased", "Foyer’s version",
}

// EventWords are the columns in which words of this version of Foyer stand.
var EventWords = []string{"People", "Note"}

// EventCells is one event as a line of a file.
func EventCells(e ledger.Event) []string {
	var people, ids []string
	for _, u := range e.Users {
		person := wording.RecordedName(u, e.Redacted)
		if u.Email != "" && u.Email != person {
			person += " <" + u.Email + ">"
		}
		if u.Result != "" {
			person += ": " + strings.TrimSpace(u.Result+" "+wording.PersonNote(e.Action, u.Note))
		}
		people, ids = append(people, person), append(ids, u.ID)
	}
	idLines := strings.Join(ids, "\n") // as the people's, to be read beside them
	if strings.Trim(idLines, "\n") == "" {
		idLines = "" // nobody was created yet
	}
	status, redacted := "", ""
	if e.Symphony.Status != 0 {
		status = strconv.Itoa(e.Symphony.Status)
	}
	if e.Redacted {
		redacted = "yes"
	}
	if e.Altered {
		redacted = "altered"
	}
	return []string{
		strconv.FormatInt(e.Seq, 10), ui.UTC(e.At), string(e.Action), string(e.Outcome), e.Actor.Name, e.Actor.Email, e.Actor.Subject, e.Actor.Issuer,
		e.Actor.Roles.String(), e.Actor.Address, e.Actor.UserAgent, e.Actor.Session, e.Actor.RequestID,
		e.Company.Name, e.Company.ID, strings.Join(people, "\n"), idLines, string(e.Before), string(e.After), e.Reason, e.Ticket, wording.CodeNote(e),
		e.Symphony.Operation, status, e.Symphony.Code, e.Symphony.TraceID, e.Change, redacted, e.Binary,
	}
}
