package people

import (
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/portal"
	"foyer/portal/directory"
	"foyer/views"
)

// CSV handles GET /people.csv: everybody whom the table with the same query shows, on
// all of its pages.
func (h *Handlers) CSV(c echo.Context) error { return h.sendCSV(c, "") }

// CompanyCSV handles GET /companies/:id/users.csv: likewise of one company.
func (h *Handlers) CompanyCSV(c echo.Context) error { return h.sendCSV(c, kit.CompanyID(c)) }

// Lines handles GET /people.jsonl: the same, a line of JSON for each.
func (h *Handlers) Lines(c echo.Context) error { return h.sendLines(c, "") }

// CompanyLines handles GET /companies/:id/users.jsonl: likewise of one company.
func (h *Handlers) CompanyLines(c echo.Context) error { return h.sendLines(c, kit.CompanyID(c)) }

func (h *Handlers) sendCSV(c echo.Context, companyID string) error {
	t, err := h.parseFile(c, companyID, c.QueryParams())
	if err != nil {
		return err
	}
	export, err := h.Directory.ExportPeople(c.Request().Context(), kit.Actor(c), t.PeopleQuery, t.what("people.csv"))
	if err != nil {
		return err
	}
	return h.SendCSV(c, h.DatedFile("people.csv"), fileColumns, cells(export))
}

func (h *Handlers) sendLines(c echo.Context, companyID string) error {
	t, err := h.parseFile(c, companyID, c.QueryParams())
	if err != nil {
		return err
	}
	export, err := h.Directory.ExportPeople(c.Request().Context(), kit.Actor(c), t.PeopleQuery, t.what("people.jsonl"))
	if err != nil {
		return err
	}
	return h.SendFile(c, "application/jsonl", h.DatedFile("people.jsonl"), func(w io.Writer) error {
		lines := json.NewEncoder(w)
		for u, err := range export.Rows {
			if err != nil {
				return err
			}
			if err := lines.Encode(newLine(u, export.Known)); err != nil {
				return err
			}
		}
		return nil
	})
}

// parseFile reads whom a file is to have.
func (h *Handlers) parseFile(c echo.Context, companyID string, q url.Values) (table, error) {
	t, err := parseTable(q, companyID, h.Now())
	if err == nil {
		t, err = t.asFile()
	}
	if err != nil {
		return table{}, err
	}
	if companyID != "" { // else a file of nobody would say that there is such a company
		if _, err := h.Directory.Company(c.Request().Context(), kit.Actor(c), companyID); err != nil {
			return table{}, err
		}
	}
	return t, h.nameCompanies(c, &t)
}

// what is what the ledger calls a file of a table: its name and the query.
func (t table) what(name string) string {
	q := t.with()
	if t.company != "" {
		q.Set(companyParameter, t.company)
	}
	return views.WithQuery(name, q)
}

// fileColumns is the heading of people as a file.
var fileColumns = []string{
	"Company", "Company id", "Person", "First name", "Last name", "E-mail", "Title", "Department", "Location", "Phone",
	"Status", "Status seen (UTC)", "Listed", "Not listed since (UTC)", "Created (UTC)", "Changed (UTC)", "User id", "Symphony id", "Read at (UTC)",
	"Company tags", "Company alias", "Company reference", "Note",
}

// cells are people as lines of a spreadsheet.
func cells(export directory.PeopleExport) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		for u, err := range export.Rows {
			if !yield(rowOf(u, export.Known), err) || err != nil {
				return
			}
		}
	}
}

func rowOf(u directory.NotedUser, known *directory.KnownCompanies) []string {
	listed := "yes"
	if !u.NotListedAt.IsZero() {
		listed = "no"
	}
	ours := known.Notes(u.CompanyID)
	return []string{
		known.Name(u.CompanyID), u.CompanyID, portal.UserName(u.User), u.FirstName, u.LastName, u.Email, u.Title, u.Department, u.Location, u.PhoneNumber,
		u.Status.String(), kit.Stamp(u.StatusAt), listed, kit.Stamp(u.NotListedAt), kit.Stamp(u.CreatedAt), kit.Stamp(u.UpdatedAt), u.ID, wording.SymphonyID(u.SymphonyUserID), kit.Stamp(u.ReadAt),
		strings.Join(ours.Tags, ", "), ours.Alias, ours.Reference, u.Note,
	}
}

// line is one person as a line of JSON.
type line struct {
	Company        string    `json:"company"`
	CompanyID      string    `json:"companyId"`
	Name           string    `json:"name"`
	FirstName      string    `json:"firstName"`
	LastName       string    `json:"lastName"`
	Email          string    `json:"email"`
	Title          string    `json:"title"`
	Department     string    `json:"department"`
	Location       string    `json:"location"`
	Phone          string    `json:"phone"`
	Status         string    `json:"status"`
	StatusSeen     time.Time `json:"statusSeen,omitzero"`
	Listed         bool      `json:"listed"`
	NotListedSince time.Time `json:"notListedSince,omitzero"`
	CreatedAt      time.Time `json:"createdAt,omitzero"`
	UpdatedAt      time.Time `json:"updatedAt,omitzero"`
	UserID         string    `json:"userId"`
	SymphonyID     string    `json:"symphonyId,omitempty"`
	ReadAt         time.Time `json:"readAt,omitzero"`

	CompanyTags      []string `json:"companyTags,omitempty"`
	CompanyAlias     string   `json:"companyAlias,omitempty"`
	CompanyReference string   `json:"companyReference,omitempty"`
	Note             string   `json:"note,omitempty"`
}

func newLine(u directory.NotedUser, known *directory.KnownCompanies) line {
	ours := known.Notes(u.CompanyID)
	return line{
		Company: known.Name(u.CompanyID), CompanyID: u.CompanyID, Name: portal.UserName(u.User), FirstName: u.FirstName, LastName: u.LastName,
		Email: u.Email, Title: u.Title, Department: u.Department, Location: u.Location, Phone: u.PhoneNumber,
		Status: u.Status.String(), StatusSeen: u.StatusAt, Listed: u.NotListedAt.IsZero(), NotListedSince: u.NotListedAt,
		CreatedAt: u.CreatedAt, UpdatedAt: u.UpdatedAt, UserID: u.ID, SymphonyID: wording.SymphonyID(u.SymphonyUserID), ReadAt: u.ReadAt,
		CompanyTags: ours.Tags, CompanyAlias: ours.Alias, CompanyReference: ours.Reference, Note: u.Note,
	}
}

// selected reads who was ticked in a table: one by one, or all whom its filters leave,
// and records that they leave Foyer as what.
func (h *Handlers) selected(c echo.Context, what string) (directory.PeopleExport, error) {
	ctx, a, form := c.Request().Context(), kit.Actor(c), c.Request().PostForm
	if form.Get("all") != "" {
		t, err := h.parseFile(c, "", form)
		if err != nil {
			return directory.PeopleExport{}, err
		}
		return h.Directory.ExportPeople(ctx, a, t.PeopleQuery, t.what(what))
	}
	picked, ok := picks(form["pick"])
	if !ok {
		return directory.PeopleExport{}, kit.BadRequest("Tick 1 to %d people first.", portal.MaxPageSize)
	}
	return h.Directory.ExportSelected(ctx, a, picked, fmt.Sprintf("%s: %d selected", what, len(picked)))
}

// picks are the people whom the boxes of a table name.
func picks(values []string) (picked []directory.UserRef, ok bool) {
	return picksUpTo(values, portal.MaxPageSize)
}

// picksUpTo is picks where there may be others than a page has.
func picksUpTo(values []string, most int) (picked []directory.UserRef, ok bool) {
	for _, value := range values {
		company, user, _ := strings.Cut(value, "/")
		if !kit.IsID(company) || !kit.IsID(user) {
			return nil, false
		}
		picked = append(picked, directory.UserRef{CompanyID: kit.OneSpelling(company), UserID: kit.OneSpelling(user)})
	}
	return picked, len(picked) > 0 && len(picked) <= most
}

// SelectedCSV handles POST /people/selected.csv: the people who were ticked.
func (h *Handlers) SelectedCSV(c echo.Context) error {
	export, err := h.selected(c, "people.csv")
	if err != nil {
		return err
	}
	return h.SendCSV(c, h.DatedFile("people.csv"), fileColumns, cells(export))
}
