package kit

import (
	"encoding/json"
	"time"

	"github.com/labstack/echo/v4"

	"foyer/views"
)

const (
	// precheckKey is where the session keeps the list that was asked about last: on the
	// server, where it goes with the session, because no address may have it.
	precheckKey = "precheck"
	// mostPrecheck is how long a list may be to be kept: what every request reads must
	// stay small. Fifty addresses with what stands beside them in a spreadsheet fit in.
	mostPrecheck = 32 << 10
	// precheckFor is for how long pages offer the way back to it.
	precheckFor = time.Hour
)

// AskedList is a list that a pre-check was about.
type AskedList struct {
	Input string    // as it was typed, without what looks like a password
	Count int       // of its addresses and domains
	At    time.Time // when it was asked about
}

// KeepAskedList keeps a list in the session, if it can, so that whoever goes on with one
// group of its verdicts comes back to the others. One of a single address has no others.
func (k *Kit) KeepAskedList(c echo.Context, list AskedList) {
	if list.Count < 2 || len(list.Input) > mostPrecheck {
		return
	}
	kept, err := json.Marshal(list)
	if err != nil {
		panic(err) // texts, numbers and times always can be
	}
	k.Remember(c, "pre-check", precheckKey, string(kept))
}

// AskedList is the list that the session asked about last; false where there was none
// lately.
func (k *Kit) AskedList(c echo.Context) (list AskedList, ok bool) {
	err := json.Unmarshal([]byte(k.Sessions.Value(c.Request(), precheckKey)), &list)
	return list, err == nil && k.Now().Sub(list.At) < precheckFor
}

// BackToPrecheck is the way back to that list; nil where there is none.
func (k *Kit) BackToPrecheck(c echo.Context) *views.BackToPrecheck {
	list, ok := k.AskedList(c)
	if !ok {
		return nil
	}
	return &views.BackToPrecheck{Count: list.Count, At: list.At, Now: k.Now()}
}
