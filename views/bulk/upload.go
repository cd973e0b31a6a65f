package bulk

import "foyer/views/ui"

// UploadPage is the form that brings a list: first what is to be done is chosen.
type UploadPage struct {
	Kinds       []Kind // to choose from; none once one is chosen
	Kind        string
	Title, Hint string
	Company     []ui.FieldProps
	List        ListForm
	Token       string
	Button      string
	Errors      ui.Errors
	Draft       bool
	ChooseAgain bool // there was a file, which the page can't have again
}

// Kind is one thing that can be done.
type Kind struct{ Name, Hint, Href, Forbidden string }

// ListForm are the fields by which a list is brought.
type ListForm struct {
	File, Paste, Sheet, Encoding ui.FieldProps
	Open                         bool   // how it is read is unfolded
	Heading                      string // the columns that are understood
	Files                        []ui.Link
}

// SelectedPage is people who were ticked in a table, once more.
type SelectedPage struct {
	Title  string
	Fields []ui.Parameter
	Token  string
	Button string
	Errors ui.Errors
}
