package kit

import (
	"strings"

	"github.com/labstack/echo/v4"

	"foyer/portal"
)

// CompanyID is the company that the path of a request names as :id, in the one
// spelling that its rows have.
//
// It and UserID are plain strings, as ids are in the use cases, in Symphony's answers
// and in the ledger: a type that all of these convert from and to would say less than
// it costs. What keeps a second spelling out is that handlers have no other way to
// the id in a path.
func CompanyID(c echo.Context) string { return OneSpelling(c.Param("id")) }

// UserID is the person that the path of a request names as :uid, in the one spelling
// that their rows have.
func UserID(c echo.Context) string { return OneSpelling(c.Param("uid")) }

// UserIDs are the people that the query of a request names by uid, likewise. ok is
// false when there is nobody, more than limit, or something that can be no id.
func UserIDs(c echo.Context, limit int) (ids []string, ok bool) {
	for _, id := range c.QueryParams()["uid"] {
		if !IsID(id) {
			return nil, false
		}
		ids = append(ids, OneSpelling(id))
	}
	return ids, len(ids) > 0 && len(ids) <= limit
}

// IsID says whether text can be an id, Foyer's or Symphony's.
func IsID(text string) bool {
	return text != "" && len(text) <= 64 && !strings.ContainsFunc(text, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_'
	})
}

// OneSpelling writes a UUID as Symphony does, in small letters: in capitals it is the
// same one, to Symphony too. In any other id capitals may count.
func OneSpelling(id string) string {
	if portal.IsUUID(id) {
		return strings.ToLower(id)
	}
	return id
}
