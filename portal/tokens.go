package portal

import (
	"regexp"

	"github.com/google/uuid"
)

// NewToken makes the token of a form: good for one change, so that a double
// click, Back or a stale tab never does a thing twice. Whoever shows the form sees to it
// that only what was issued comes back as one.
func NewToken() string { return uuid.NewString() }

var tokenPattern = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// ValidToken says whether a token can be one of NewToken's.
func ValidToken(t string) bool { return tokenPattern.MatchString(t) }
