package bulk

import (
	"fmt"
	"hash/fnv"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/portal"
	"foyer/portal/bulk"
	"foyer/views"
	pages "foyer/views/bulk"
	"foyer/views/ui"
)

// seenOf says in short what the part of a page shows that is asked for again: its state
// before the point, where a change loads the whole page again, and everything behind it.
func seenOf(c bulk.Change, calls int) string {
	h := fnv.New64a()
	_, _ = fmt.Fprint(h, c.Version, c.Waits.Code, c.Waits.Until, c.Trouble.Code, c.Sums, calls) // never fails
	return string(c.State) + strconv.FormatBool(c.EndedAt.IsZero()) + "." + strconv.FormatUint(h.Sum64(), 36)
}

// Progress handles GET /bulk/:id/progress: the part of the page that changes while
// something is done. While it is as the page has it there is nothing to send, and nothing
// is said again to people who hear the page.
func (h *Handlers) Progress(c echo.Context) error {
	change, err := h.changeOf(c)
	if err != nil {
		return err
	}
	progress, err := h.progress(c, change, kit.Actor(c))
	if err != nil {
		return err
	}
	asked, now := c.QueryParam("seen"), progress.Seen
	switch {
	case asked == now:
		return c.NoContent(http.StatusNoContent)
	case stateIn(asked) != stateIn(now):
		c.Response().Header().Set("HX-Refresh", "true")
		return c.NoContent(http.StatusNoContent)
	}
	return h.Fragment(c, pages.ProgressPart(*progress))
}

func stateIn(seen string) string {
	for i := range seen {
		if seen[i] == '.' {
			return seen[:i]
		}
	}
	return ""
}

// progress maps how far a bulk change is to its part of the page.
func (h *Handlers) progress(c echo.Context, change bulk.Change, a auth.Actor) (*pages.Progress, error) {
	ctx, now := c.Request().Context(), h.Now()
	calls, err := h.Bulk.Calls(ctx, a, change.ID)
	if err != nil {
		return nil, err
	}
	p := &pages.Progress{Seen: seenOf(change, calls), Every: "2s"}
	if change.EndedAt.IsZero() {
		p.Poll = views.BulkProgressPath(change.ID, p.Seen)
	}
	if change.State == bulk.Paused && change.Sums.In(bulk.Sent, bulk.Unsettled) == 0 {
		p.Every = "15s" // until somebody goes on with it
	}
	if change.State == bulk.Scheduled {
		p.Every = "15s"
		p.Title, p.Text = "It starts at "+scheduledWords(change), "Before the first call Foyer checks once more that nothing has changed since the plan was made. You can close this page."
		return p, nil
	}
	if !change.State.Started() {
		p.Title, p.Text = "The list is being checked", "Each row is compared with the directory and with what Symphony says. You can close this page. Nothing is sent."
		if change.State == bulk.Starting {
			p.Title, p.Text = "It is starting", "Foyer checks once more that nothing has changed since the plan was made. You can close this page."
		}
		p.Note = waitNote(change.Trouble, now)
		return p, nil
	}
	p.Note = waitNote(change.Waits, now)
	if change.State == bulk.Paused && p.Note == nil {
		who := portal.FirstSeen(change.PausedBy.Name, change.PausedBy.Email, "somebody")
		p.Note = &pages.Note{Kind: ui.AlertAsk, Title: "Paused by " + who, Text: "No call is begun until somebody goes on with it."}
	}
	h.fillNumbers(p, change, calls, now)
	if change.EndedAt.IsZero() { // afterwards the page has all of them
		err = h.fillLook(c, p, change, a)
	}
	return p, err
}

func waitNote(w bulk.Waiting, now time.Time) *pages.Note {
	title, text := wording.BulkWait(w, now)
	if title == "" {
		return nil
	}
	return &pages.Note{Kind: ui.AlertAsk, Title: title, Text: text, Details: wording.ProblemDetails(w.Problem)}
}

// fillNumbers puts in how many people and calls are done, and how long the rest may take.
func (h *Handlers) fillNumbers(p *pages.Progress, change bulk.Change, calls int, now time.Time) {
	all := wording.BulkTo(change.Sums, bulk.ToAdd) + wording.BulkTo(change.Sums, bulk.ToAllow) + wording.BulkTo(change.Sums, bulk.ToBar)
	all -= change.Sums.Of(bulk.LeftOut, bulk.NeverSent) // they are not waited for
	open := change.Sums.Open()
	done := all - open
	words := fmt.Sprintf("%s of %s, %s of %s begun.", ui.Number(done), ui.Count(all, "person", "people"), ui.Number(calls), ui.Count(calls+change.Sums.Calls(), "call", "calls"))
	if change.State == bulk.Running && open > 0 && change.Waits.Code != bulk.WaitsForCompany {
		left := time.Duration(change.Sums.Calls()) * time.Second / callsASecond
		if took := now.Sub(change.StartedAt); done > 0 && took > time.Second {
			left = time.Duration(float64(took) / float64(done) * float64(open))
		}
		words += " " + upper(about(left)) + " left."
	}
	if change.EndedAt.IsZero() && all > 0 { // or it was stopped before anything was sent
		p.Bar = &ui.ProgressProps{Label: wording.BulkTitle(change), Value: done, Max: all, Words: words}
		p.Text = "You can close this page. Foyer goes on, also after a restart, and nothing is done twice."
		if change.State == bulk.Paused {
			p.Text = ""
		}
	}
	for _, tile := range []struct {
		label  string
		states []bulk.RowState
		show   string
		always bool
	}{
		{"Refused", []bulk.RowState{bulk.Refused}, string(bulk.Refused), true},
		{"Not known yet", []bulk.RowState{bulk.Unsettled}, string(bulk.Unsettled), change.EndedAt.IsZero()},
		{"Nobody knows", []bulk.RowState{bulk.Unknown}, string(bulk.Unknown), false},
		{"Created", []bulk.RowState{bulk.Created}, string(bulk.Created), wording.BulkTo(change.Sums, bulk.ToAdd) > 0},
		{"Enabled", []bulk.RowState{bulk.Enabled}, string(bulk.Enabled), wording.BulkTo(change.Sums, bulk.ToAllow) > 0},
		{"Disabled", []bulk.RowState{bulk.Disabled}, string(bulk.Disabled), wording.BulkTo(change.Sums, bulk.ToBar) > 0},
		{"Already there", []bulk.RowState{bulk.AlreadyThere}, string(bulk.AlreadyThere), true},
		{"Left out", []bulk.RowState{bulk.LeftOut}, string(bulk.LeftOut), false},
		{"To go", []bulk.RowState{bulk.Planned, bulk.Sent}, string(bulk.Planned), change.EndedAt.IsZero()},
	} {
		if n := change.Sums.In(tile.states...); n > 0 || tile.always {
			p.Counts = append(p.Counts, pages.Count{Label: tile.label, N: ui.Number(n), Href: views.BulkRowsOf(change.ID, tile.show, 0)})
		}
	}
}

// upper begins words with a capital.
func upper(words string) string {
	if words == "" || words[0] < 'a' || words[0] > 'z' {
		return words
	}
	return string(words[0]-'a'+'A') + words[1:]
}

// fillLook puts in the first rows that need somebody.
func (h *Handlers) fillLook(c echo.Context, p *pages.Progress, change bulk.Change, a auth.Actor) error {
	ctx := c.Request().Context()
	card := &pages.RowsCard{ID: change.ID, Look: true}
	for _, state := range []bulk.RowState{bulk.Refused, bulk.Unknown, bulk.Unsettled} {
		if change.Sums.In(state) == 0 || len(card.Rows) >= lookShown {
			continue
		}
		rows, _, err := h.Bulk.Rows(ctx, a, change.ID, bulk.Filter{States: []bulk.RowState{state}}, 0, lookShown-len(card.Rows))
		if err != nil {
			return err
		}
		if err := h.fillRows(ctx, card, change, rows, a); err != nil {
			return err
		}
	}
	n := change.Sums.In(bulk.Refused, bulk.Unknown, bulk.Unsettled)
	if n == 0 {
		return nil
	}
	card.Title = "Needs a look: " + ui.Number(n)
	if n > len(card.Rows) {
		card.Next = views.BulkRowsOf(change.ID, showNeedsLook, 0)
	}
	p.Look = card
	return nil
}
