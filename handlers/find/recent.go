package find

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/portal"
	"foyer/portal/directory"
	"foyer/views"
	pages "foyer/views/find"
)

const (
	// recentKey is where the session keeps what was opened, the latest first: the ids
	// alone, so that names are in no other place than the directory, and go when they go
	// there.
	recentKey  = "recent"
	mostRecent = 12
	// recentWithin is how long a page waits for what was opened to be kept.
	recentWithin = 250 * time.Millisecond
)

// Opening has what a page shows offered again as opened lately, once it was shown.
func (h *Handlers) Opening(show echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		err := show(c)
		if err == nil && c.Request().Method == http.MethodGet && c.Response().Status == http.StatusOK {
			h.opened(c)
		}
		return err
	}
}

// opened keeps that a company or a person was opened. What can't be kept soon isn't.
func (h *Handlers) opened(c echo.Context) {
	r := c.Request()
	if portal.Unkept(r.Context()) != nil {
		return
	}
	ref := kit.CompanyID(c)
	if user := kit.UserID(c); user != "" {
		ref += "/" + user
	}
	refs := []string{ref}
	for _, other := range h.recentRefs(c) {
		if other != ref && len(refs) < mostRecent {
			refs = append(refs, other)
		}
	}
	soon, cancel := context.WithTimeout(r.Context(), recentWithin)
	defer cancel()
	if err := h.Sessions.SetValue(c.Response(), r.WithContext(soon), recentKey, strings.Join(refs, " ")); err != nil {
		h.Logger.WarnContext(r.Context(), "what was opened is not kept", "request", kit.RequestID(c), "error", err)
	}
}

func (h *Handlers) recentRefs(c echo.Context) []string {
	return strings.Fields(h.Sessions.Value(c.Request(), recentKey))
}

// recent is what was opened lately, as it is called now.
func (h *Handlers) recent(c echo.Context) ([]pages.Option, error) {
	var refs []directory.UserRef
	for _, ref := range h.recentRefs(c) {
		company, user, _ := strings.Cut(ref, "/")
		refs = append(refs, directory.UserRef{CompanyID: company, UserID: user})
	}
	known, err := h.Directory.Known(c.Request().Context(), kit.Actor(c), refs)
	if err != nil {
		return nil, err
	}
	options := make([]pages.Option, len(known))
	for i, k := range known {
		if k.User != nil {
			options[i] = userOption(*k.User, k.Company.Name, nil, h.Now())
		} else {
			options[i] = h.companyOption(k.Company, nil)
		}
	}
	return options, nil
}

func (h *Handlers) companyOption(r directory.CompanyRecord, words []string) pages.Option {
	row := wording.CompanyRow(r, h.Now(), h.Directory.Overdue(r))
	detail := wording.NotesFound(r.Notes, words)
	if detail.Text == "" {
		detail = wording.Marked(strings.Join(r.EmailDomains, ", "), words)
	}
	name := wording.Marked(r.Name, words)
	if by := wording.FoundByVanityName(r.Company, words); len(name.Found)+len(detail.Found) == 0 && by.Text != "" {
		detail = by
	}
	return pages.Option{Href: row.Href, Name: name, Detail: detail, State: &row.State}
}

func userOption(u directory.UserRecord, company string, words []string, now time.Time) pages.Option {
	status := statusOf(u, now)
	option := pages.Option{Href: views.UserPath(u.CompanyID, u.ID), Name: wording.Marked(userName(u), words), Detail: wording.Marked(u.Email, words), Aside: company, Status: &status}
	if by := wording.FoundBy(u.User, words, userName(u), u.Email); by.Text != "" {
		option.Detail = by
	}
	return option
}
