package reviews

import (
	"net/url"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"foyer/handlers/kit"
	"foyer/portal"
	"foyer/portal/activity"
	"foyer/portal/directory"
	"foyer/portal/review"
)

// Handlers answers what is about access reviews. All of its fields are required.
type Handlers struct {
	*kit.Kit
	Reviews   *review.Reviews
	Directory *directory.Directory
	Activity  *activity.Activity
	PublicURL *url.URL // where browsers reach Foyer
}

const (
	// reviewSize is how many people of a review stand on one page.
	reviewSize = 100
	// reviewRefresh is after how many seconds the page of a review that is being
	// prepared loads itself again where there is no JavaScript.
	reviewRefresh = 5
	// reviewDays is how long a review is given where nobody says another day.
	reviewDays = 14
)

// reviewID is the number in the path; what is none names no review.
func reviewID(c echo.Context) (int64, error) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil || id < 1 {
		return 0, portal.ErrNotFound
	}
	return id, nil
}

// reviewFilter is which of a review's people the query wants.
func reviewFilter(show string) (review.Filter, error) {
	filter := review.Filter(show)
	if !slices.Contains(review.Filters, filter) {
		return "", kit.BadRequest("A review can show the undecided, or those to keep, to disable or to ask about.")
	}
	return filter, nil
}
