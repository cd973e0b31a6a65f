package bulk

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/labstack/echo/v4"

	"foyer/address"
	"foyer/auth"
	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/lists"
	"foyer/portal"
	"foyer/portal/bulk"
	"foyer/portal/directory"
	"foyer/sapi"
	"foyer/views"
	pages "foyer/views/bulk"
	"foyer/views/ui"
)

// The fields of the forms that bring a list.
const (
	fileField    = "file"
	pasteField   = "paste"
	companyField = "companyId"
)

// kindOf is the kind of bulk change that a form or a query names.
func kindOf(q url.Values) (kind bulk.Kind, ok bool) {
	kind = bulk.Kind(q.Get("kind"))
	return kind, slices.Contains(bulk.Kinds(), kind)
}

// New handles GET /bulk/new: what is to be done, and then the list.
func (h *Handlers) New(c echo.Context) error {
	draft := h.TakeDraft(c)
	values := c.QueryParams()
	if draft != nil {
		values = draft
	}
	return h.uploadPage(c, http.StatusOK, values, pages.UploadPage{Draft: draft != nil})
}

// uploadPage shows the form as it was filled in.
func (h *Handlers) uploadPage(c echo.Context, status int, values url.Values, page pages.UploadPage) error {
	a := kit.Actor(c)
	kind, ok := kindOf(values)
	if !ok {
		for _, k := range bulk.Kinds() {
			words := wording.BulkKind(k)
			page.Kinds = append(page.Kinds, pages.Kind{Name: words.Name, Hint: words.Hint, Href: views.NewBulkPath(string(k), values.Get(companyField)), Forbidden: forbidden(a, k)})
		}
		return h.RenderIn(c, status, kit.Frame{Title: "New bulk change", Nav: "bulk", Errors: page.Errors.Any()}, pages.Upload(page))
	}
	for _, p := range kind.Permissions() {
		if !a.Can(p) {
			return &portal.Forbidden{Permission: p}
		}
	}
	words := wording.BulkKind(kind)
	page.Kind, page.Title, page.Hint = string(kind), words.Name, words.Hint
	page.List = listForm(kind, values, page.Errors)
	page.Token = newForm(kind).NewToken(c)
	if kind == bulk.Onboard {
		for _, f := range []ui.FieldProps{
			{Name: "name", Label: "Company", Hint: "As its people call it. Leave it empty if the list has it."},
			{Name: "vanityName", Label: "Vanity name", Hint: "Small letters, digits and hyphens: it becomes the first part of the address. Leave it empty if the list has it.", Mono: true},
			{Kind: ui.FieldTextarea, Name: "emailDomains", Label: "E-mail domains", Hint: "One a line. Leave them empty if the list has them.", Mono: true, Rows: 2},
		} {
			f.Value, f.Error, f.Autocomplete = values.Get(f.Name), page.Errors.For(f.Name), "off"
			page.Company = append(page.Company, f)
		}
	} else {
		field, err := h.companyChoice(c, kind, values, page.Errors)
		if err != nil {
			return err
		}
		page.Company = []ui.FieldProps{field}
	}
	page.Button = "Check the list"
	return h.RenderIn(c, status, kit.Frame{Title: words.Name, Nav: "bulk", Errors: page.Errors.Any()}, pages.Upload(page))
}

// companyChoice is the field that says whose people are meant.
func (h *Handlers) companyChoice(c echo.Context, kind bulk.Kind, values url.Values, found ui.Errors) (ui.FieldProps, error) {
	list, err := h.Directory.Companies(c.Request().Context(), kit.Actor(c), directory.CompanyQuery{})
	if err != nil {
		return ui.FieldProps{}, err
	}
	field := ui.FieldProps{Kind: ui.FieldSelect, Name: companyField, Label: "Company", Value: kit.OneSpelling(values.Get(companyField)), Error: found.For(companyField)}
	field.Options = []ui.Option{{Value: "", Label: "Choose a company"}}
	if kind == bulk.Disable || kind == bulk.Enable {
		field.Options[0].Label = "People of several companies"
		field.Hint = "With a company, nobody of another one is touched."
	}
	for _, company := range list.Rows {
		if company.State.Ready() {
			field.Options = append(field.Options, ui.Option{Value: company.ID, Label: companyLabel(company, list.Rows)})
		}
	}
	return field, nil
}

// companyLabel names a company, with its vanity name where another one is called so, too.
func companyLabel(c directory.CompanyRecord, all []directory.CompanyRecord) string {
	same := func(other directory.CompanyRecord) bool { return other.ID != c.ID && other.Name == c.Name }
	if slices.ContainsFunc(all, same) {
		return c.Name + " (" + c.VanityName + ")"
	}
	return c.Name
}

// listForm are the fields by which a list is brought.
func listForm(kind bulk.Kind, values url.Values, found ui.Errors) pages.ListForm {
	form := pages.ListForm{
		File: ui.FieldProps{
			Kind: ui.FieldFile, Name: fileField, Label: "File", Error: found.For(fileField),
			Accept: ".csv,.tsv,.txt,.xlsx,text/csv,text/plain,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
			Hint:   "CSV, TSV or an Excel workbook (.xlsx), with up to 10,000 rows and 10 MB.",
		},
		Paste: ui.FieldProps{
			Kind: ui.FieldTextarea, Name: pasteField, Label: "Or paste the list", Mono: true, Rows: 6, Error: found.For(pasteField),
			Value: lists.WithoutPasswords(values.Get(pasteField)),
			Hint:  "Cells of a spreadsheet, the text of a CSV file, or addresses as a mail program writes them.",
		},
		Sheet:    ui.FieldProps{Name: "sheet", Label: "Sheet", Optional: true, Short: true, Value: values.Get("sheet"), Error: found.For("sheet"), Hint: "Of a workbook with several: the name of the one to read.", Autocomplete: "off"},
		Encoding: ui.FieldProps{Kind: ui.FieldSelect, Name: "encoding", Label: "How its letters are written", Value: values.Get("encoding"), Error: found.For("encoding"), Options: []ui.Option{{Value: "", Label: "Find it out"}}},
		Open:     values.Get("sheet")+values.Get("encoding") != "",
		Heading:  headings(kind),
	}
	for _, e := range lists.Encodings() {
		form.Encoding.Options = append(form.Encoding.Options, ui.Option{Value: string(e), Label: wording.Encoding(e)})
	}
	for _, f := range []struct{ label, name string }{
		{"Template (CSV)", "template.csv"}, {"Template (Excel)", "template.xlsx"}, {"Example (CSV)", "example.csv"}, {"Example (Excel)", "example.xlsx"},
	} {
		form.Files = append(form.Files, ui.Link{Label: f.label, Href: views.BulkFilePath(f.name, string(kind))})
	}
	return form
}

// headings are the names of the columns that a kind has a use for.
func headings(kind bulk.Kind) string {
	fields := bulk.Fields(kind)
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = lists.Heading(f)
	}
	return strings.Join(names, ", ")
}

// newForm is the form that brings a list for a kind of bulk change.
func newForm(kind bulk.Kind) kit.Form { return kit.Form{Path: views.BulkPath, Shown: kind} }

// Create handles POST /bulk.
func (h *Handlers) Create(c echo.Context) error {
	a, form := kit.Actor(c), c.Request().PostForm
	kind, ok := kindOf(form)
	if !ok {
		return h.uploadPage(c, http.StatusUnprocessableEntity, form, pages.UploadPage{Errors: ui.Errors{{Message: "Choose what is to be done."}}})
	}
	refused := func(status int, found ui.Errors) error {
		return h.uploadPage(c, status, form, pages.UploadPage{Errors: found, ChooseAgain: broughtFile(c)})
	}
	if found := tooSoon(c); found.Any() {
		return refused(http.StatusTooManyRequests, found)
	}
	token, issued := newForm(kind).Token(c)
	name, list, found := readList(c, kind, "")
	if !issued {
		if made, before, err := h.madeBefore(c, token); before || err != nil {
			return h.seeMade(c, made, err)
		}
		found = append(outOfDate(), found...)
	}
	if found.Any() {
		if kind.NeedsCompany() && form.Get(companyField) == "" {
			found.Add(companyField, wording.FieldWords(portal.FieldError{Field: companyField, Fault: portal.Fault{Code: portal.Missing}}))
		}
		return refused(http.StatusUnprocessableEntity, found.InOrder(companyField, fileField, pasteField))
	}

	change, err := h.Bulk.New(c.Request().Context(), a, bulk.Upload{
		Kind: kind, CompanyID: kit.OneSpelling(form.Get(companyField)), Name: name, List: list, Token: token,
		NewCompany: sapi.NewCompany{Name: form.Get("name"), VanityName: form.Get("vanityName"), EmailDomains: portal.SplitList(form.Get("emailDomains"))},
	})

	if found, ok := kit.FormErrors(err); ok {
		return refused(http.StatusUnprocessableEntity, found.InOrder(fileField, pasteField, companyField))
	} else if status, found, ok := h.NotSaved(c, err); ok {
		return refused(status, found)
	} else if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, views.BulkChangePath(change.ID))
}

// seeMade leads to the bulk change that a form led to before.
func (*Handlers) seeMade(c echo.Context, made bulk.Change, err error) error {
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, views.BulkChangePath(made.ID))
}

// broughtFile says whether a form had a file, which its page can't have again.
func broughtFile(c echo.Context) bool {
	_, given := kit.Uploaded(c)
	return given
}

// tooSoon says when a list can be brought again, where there were too many.
func tooSoon(c echo.Context) (found ui.Errors) {
	if wait := kit.Wait(c); wait > 0 {
		found.Add(fileField, wording.TooManyLists(wait))
	}
	return found
}

// confirmed is in which encoding somebody has seen that the letters of a list are right.
func confirmed(f bulk.File) lists.Encoding {
	if f.Proposed {
		return ""
	}
	return f.Form.Encoding
}

// readList reads the list of a form, from its file or its paste, and says at which field
// it can't be read.
func readList(c echo.Context, kind bulk.Kind, confirmed lists.Encoding) (name string, list lists.File, found ui.Errors) {
	form := c.Request().PostForm
	file, given := kit.Uploaded(c)
	paste := form.Get(pasteField)
	field, content := fileField, file.Content
	switch pasted := !address.Blank(paste); {
	case given && pasted:
		found.Add(pasteField, "There is a file and a paste: give one of them only.")
		return "", lists.File{}, found
	case file.TooBig:
		found.Add(fileField, wording.FileRefused(&lists.Refused{Code: lists.TooBig, Bytes: int(file.Size)}))
		return "", lists.File{}, found
	case pasted:
		field, content = pasteField, []byte(paste)
	case !given:
		found.Add(fileField, "Choose a file, or paste the list.")
		return "", lists.File{}, found
	}
	options := lists.Options{Encoding: lists.Encoding(form.Get("encoding")), Sheet: form.Get("sheet"), Confirmed: confirmed}
	if field == pasteField {
		options.Encoding = lists.UTF8 // as every form is
	}
	for _, f := range bulk.Fields(kind) {
		if !slices.Contains(lists.Fields(), f) {
			options.Also = append(options.Also, f)
		}
	}
	list, err := lists.Open(content, options)
	if refused, ok := errors.AsType[*lists.Refused](err); ok {
		switch refused.Code { //nolint:exhaustive // the others are of the whole
		case lists.NoSheet:
			field = "sheet"
		case lists.BadText, lists.UnknownText:
			if field == fileField {
				field = "encoding"
			}
		}
		found.Add(field, wording.FileRefused(refused))
	} else if err != nil {
		found.Add(field, "The list could not be read.")
	} else if len(list.Rows) == 0 {
		found.Add(field, "There is nobody in the list. It needs rows with an e-mail address.")
	}
	return shownName(file.Name, field), list, found
}

// shownName is a file's name as pages show it: without what nobody sees, and not long.
func shownName(name, field string) string {
	if field != fileField {
		return ""
	}
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || address.Unseen(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	if name = strings.TrimSpace(kit.Cut(name, 120)); name == "" {
		return "a file"
	}
	return name
}

// outOfKind is the error of a query that names no kind.
func outOfKind() error {
	return kit.BadRequest("There is no such kind of bulk change.")
}

// TemplateCSV handles GET /bulk/template.csv.
func (h *Handlers) TemplateCSV(c echo.Context) error {
	return h.sendEmpty(c, "template", lists.Form{}, lists.WriteTemplate)
}

// TemplateXLSX handles GET /bulk/template.xlsx.
func (h *Handlers) TemplateXLSX(c echo.Context) error {
	return h.sendEmpty(c, "template", lists.Form{Format: lists.XLSX}, lists.WriteTemplate)
}

// ExampleCSV handles GET /bulk/example.csv.
func (h *Handlers) ExampleCSV(c echo.Context) error {
	return h.sendEmpty(c, "example", lists.Form{}, lists.WriteExample)
}

// ExampleXLSX handles GET /bulk/example.xlsx.
func (h *Handlers) ExampleXLSX(c echo.Context) error {
	return h.sendEmpty(c, "example", lists.Form{Format: lists.XLSX}, lists.WriteExample)
}

// sendEmpty answers with a file that has no person in it.
func (h *Handlers) sendEmpty(c echo.Context, name string, form lists.Form, write func(io.Writer, lists.Form, []lists.Field) error) error {
	kind, ok := kindOf(c.QueryParams())
	if !ok {
		return outOfKind()
	}
	return h.SendFile(c, form.ContentType(), name+"-"+string(kind)+form.Ext(), func(w io.Writer) error {
		return write(w, form, bulk.Fields(kind))
	})
}

// Selected handles POST /bulk/selected: people who were ticked in a table, by its form.
func (h *Handlers) Selected(c echo.Context, table kit.Form, picked []directory.UserRef) error {
	a, form := kit.Actor(c), c.Request().PostForm
	kind, ok := kindOf(form)
	if !ok || kind != bulk.Disable && kind != bulk.Enable {
		return outOfKind()
	}
	token, issued := table.Token(c)
	if !issued {
		if made, before, err := h.madeBefore(c, token); before || err != nil {
			return h.seeMade(c, made, err)
		}
		return h.selectedPage(c, http.StatusUnprocessableEntity, kind, table, picked, outOfDate())
	}
	change, err := h.Bulk.FromSelection(c.Request().Context(), a, kind, picked, token)
	if found, ok := kit.FormErrors(err); ok {
		return h.selectedPage(c, http.StatusUnprocessableEntity, kind, table, picked, found)
	} else if status, found, ok := h.NotSaved(c, err); ok {
		return h.selectedPage(c, status, kind, table, picked, found)
	} else if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, views.BulkChangePath(change.ID))
}

// selectedPage shows once more who was ticked, to be sent again.
func (h *Handlers) selectedPage(c echo.Context, status int, kind bulk.Kind, table kit.Form, picked []directory.UserRef, found ui.Errors) error {
	verb := "Disable "
	if kind == bulk.Enable {
		verb = "Enable "
	}
	page := pages.SelectedPage{
		Title: verb + ui.Count(len(picked), "person", "people"), Errors: found, Token: table.NewToken(c),
		Fields: ui.Parameters(c.Request().PostForm, ui.FormTokenField, "pick", "all"), Button: "Check them",
	}
	for _, ref := range picked {
		page.Fields = append(page.Fields, ui.Parameter{Name: "pick", Value: ref.CompanyID + "/" + ref.UserID})
	}
	return h.RenderIn(c, status, kit.Frame{Title: page.Title, Nav: "people", Errors: true}, pages.Selected(page))
}

// Replace handles POST /bulk/:id/list: a mended list in place of the one before.
func (h *Handlers) Replace(c echo.Context) error {
	change, err := h.changeOf(c)
	if err != nil {
		return err
	}
	if found := tooSoon(c); found.Any() {
		return h.show(c, http.StatusTooManyRequests, change, shown{listErrors: found, values: c.Request().PostForm, chooseAgain: broughtFile(c)})
	}
	name, list, found := readList(c, change.Kind, confirmed(change.File))
	if found.Any() {
		return h.show(c, http.StatusUnprocessableEntity, change, shown{listErrors: found, values: c.Request().PostForm, chooseAgain: broughtFile(c)})
	}
	_, err = h.Bulk.Replace(c.Request().Context(), kit.Actor(c), change.ID, c.Request().PostForm.Get(seenField), name, list)
	if found, ok := kit.FormErrors(err); ok {
		return h.show(c, http.StatusUnprocessableEntity, change, shown{listErrors: found, values: c.Request().PostForm, chooseAgain: broughtFile(c)})
	}
	return h.done(c, change.ID, err, ui.Flash{Kind: ui.AlertOK, Title: "The corrected list was taken.", Text: "What was said about people who are in both stays."})
}

// canEdit says whether somebody may mend rows of a bulk change now.
func canEdit(a auth.Actor, c bulk.Change) bool { return c.State.Open() && forbidden(a, c.Kind) == "" }
