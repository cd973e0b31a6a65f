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
// signed in again, or nil. What can't be read is as good as not there.
func (k *Kit) TakeDraft(c echo.Context) url.Values {
	var d Draft
	kept, err := k.Sessions.TakeDraft(c.Response(), c.Request(), func(draft []byte) bool {
		return json.Unmarshal(draft, &d) == nil && d.Page == c.Request().URL.Path
	})
	if err != nil {
		k.worksWithout(c, "draft", err)
	}
	if kept == nil {
		return nil
	}
	return d.Values
}

// worksWithout logs what a session could not give or keep: the page is worth more.
func (k *Kit) worksWithout(c echo.Context, what string, err error) {
	k.Logger.WarnContext(c.Request().Context(), "session not read or not kept", "request", RequestID(c), "what", what, "error", err)
}
