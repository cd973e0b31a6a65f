package kit

import (
	"encoding/json"
	"net/url"

	"github.com/labstack/echo/v4"
)

// Draft is a form that was sent after its session had ended.
type Draft struct {
	Page   string     `json:"page"` // the path of the form's page
	Values url.Values `json:"values"`
}

// TakeDraft returns the form that was kept for this page while its person
// signed in again, or nil.
func (k *Kit) TakeDraft(c echo.Context) (url.Values, error) {
	kept, err := k.Sessions.TakeDraft(c.Response(), c.Request())
	if err != nil || kept == nil {
		return nil, err
	}
	var d Draft
	if err := json.Unmarshal(kept, &d); err != nil || d.Page != c.Request().URL.Path {
		return nil, nil //nolint:nilerr // a draft of another page is of no use here
	}
	return d.Values, nil
}
